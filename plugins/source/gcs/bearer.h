// SPDX-License-Identifier: Apache-2.0
#pragma once
// Requests that show a bearer token. It is kept between polls and renewed before it ends; when that fails, the old one stays in use for
// as long as it is good.

#include <optional>
#include <string>

#include "shared/object_store/authorizer.h"
#include "source/gcs/credentials.h"

namespace upkeep::plugins::gcs {

class BearerAuthorizer final : public shared::object_store::Authorizer {
 public:
  BearerAuthorizer(sdk::Host& host, TokenSettings settings, std::string scope)
      : host_(host), settings_(std::move(settings)), scope_(std::move(scope)) {}
  sdk::Task<sdk::Result<shared::object_store::Authorised>> authorise(const sdk::HttpRequest& request, std::string region,
                                                                     sdk::BootTime deadline) override;
  bool refused(bool certain) override;

 private:
  struct Kept {
    std::string text;
    sdk::BootTime asked, renew, end;
  };
  // Leaves a token that is good in kept_, or says why there is none.
  sdk::Task<sdk::Result<void>> renew(sdk::BootTime deadline);

  sdk::Host& host_;
  TokenSettings settings_;
  std::string scope_;
  std::optional<Kept> kept_;
};

}  // namespace upkeep::plugins::gcs

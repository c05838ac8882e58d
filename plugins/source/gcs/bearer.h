// SPDX-License-Identifier: Apache-2.0
#pragma once
// Requests that show a bearer token. It is kept between polls and renewed before it ends, or when the store may refuse something because
// of it; when that fails, the old one stays in use for as long as it is good, unless the store said that it is not.

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
    sdk::BootTime renew, end;
  };
  // Leaves a token that is good in kept_, or says why there is none. While the old one is good it takes a third of the time at most.
  sdk::Task<sdk::Result<void>> renew(sdk::BootTime deadline);

  sdk::Host& host_;
  TokenSettings settings_;
  std::string scope_;
  std::optional<Kept> kept_;
  sdk::BootTime doubt_from_{};  // what is refused from then on may be refused because of the token
};

}  // namespace upkeep::plugins::gcs

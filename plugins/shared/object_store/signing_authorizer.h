// SPDX-License-Identifier: Apache-2.0
#pragma once
// Requests signed with SigV4 for S3, with keys from wherever they come.

#include <memory>

#include "shared/object_store/authorizer.h"
#include "shared/object_store/sigv4.h"

namespace upkeep::shared::object_store {

class KeySource {
 public:
  virtual ~KeySource() = default;
  // As Authorizer::authorise.
  virtual sdk::Task<sdk::Result<Keys>> keys(sdk::BootTime deadline) = 0;
  // As Authorizer::refused. Keys that are read anew each time have nothing to give up.
  virtual bool refused(bool /*certain*/) { return false; }
};

class SigningAuthorizer final : public Authorizer {
 public:
  SigningAuthorizer(sdk::Host& host, std::unique_ptr<KeySource> source) : host_(host), source_(std::move(source)) {}
  sdk::Task<sdk::Result<Authorised>> authorise(const sdk::HttpRequest& request, std::string region, sdk::BootTime deadline) override;
  bool refused(bool certain) override { return source_->refused(certain); }

 private:
  sdk::Host& host_;
  std::unique_ptr<KeySource> source_;
};

}  // namespace upkeep::shared::object_store

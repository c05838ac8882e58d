// SPDX-License-Identifier: Apache-2.0
#pragma once
// One poll is a few conditional GETs, one after the other, under one deadline. Region and credentials that were found out are kept for
// the next one.

#include <memory>
#include <optional>
#include <string>

#include "sdk/source.h"
#include "shared/object_store/bucket.h"

namespace upkeep::plugins::s3 {

class S3Source final : public sdk::Source {
 public:
  // `folder`: of the channel in the bucket, "prefix/stable/cloud"; `timeout`: of a whole poll, or of one put.
  S3Source(sdk::Host& host, shared::object_store::BucketSettings settings, std::unique_ptr<shared::object_store::Authorizer> authorizer,
           std::string folder, sdk::Millis timeout);
  sdk::Task<sdk::Result<std::optional<sdk::Offer>>> poll(const sdk::Offer* last, const sdk::Wanted& wanted) override;
  [[nodiscard]] std::string origin() const override { return origin_; }
  sdk::Task<sdk::Result<std::optional<std::string>>> get(std::string name) override;
  sdk::Task<sdk::Result<void>> put(sdk::Object object) override;

 private:
  [[nodiscard]] sdk::BootTime deadline() { return host_.clock().boot_now() + timeout_; }

  sdk::Host& host_;
  std::string folder_, origin_;
  sdk::Millis timeout_;
  shared::object_store::Bucket bucket_;
};

}  // namespace upkeep::plugins::s3

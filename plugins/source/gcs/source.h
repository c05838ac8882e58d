// SPDX-License-Identifier: Apache-2.0
#pragma once
// A channel in a bucket of Google Cloud Storage, read through its XML API: https://ENDPOINT/BUCKET/KEY. The bucket, and with it the
// token, is kept for as long as the source; a publisher's is another one, with a token that may write.

#include <memory>
#include <string>

#include "sdk/source.h"
#include "shared/object_store/bucket.h"
#include "source/gcs/credentials.h"

namespace upkeep::plugins::gcs {

enum class Credentials { tokens, hmac, anonymous };

struct Settings {
  shared::object_store::BucketSettings bucket;
  std::string folder;  // of the channel, in the bucket: "prefix/channel"
  Credentials credentials = Credentials::tokens;
  TokenSettings tokens;
  std::string hmac_file;  // empty: from the environment
  sdk::Millis timeout;    // of a poll, or of one file that is put
};

class GcsSource final : public sdk::Source {
 public:
  GcsSource(sdk::Host& host, Settings settings);
  sdk::Task<sdk::Result<std::optional<sdk::Offer>>> poll(const sdk::Offer* last, const sdk::Wanted& wanted) override;
  [[nodiscard]] std::string origin() const override;
  sdk::Task<sdk::Result<std::optional<std::string>>> get(std::string name) override;
  sdk::Task<sdk::Result<void>> put(sdk::Object object) override;

 private:
  [[nodiscard]] std::unique_ptr<shared::object_store::Bucket> bucket(const std::string& scope) const;

  sdk::Host& host_;
  Settings settings_;
  std::unique_ptr<shared::object_store::Bucket> reading_, writing_;  // writing_: made when something is put
};

}  // namespace upkeep::plugins::gcs

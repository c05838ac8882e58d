// SPDX-License-Identifier: Apache-2.0
#pragma once
// HMAC keys, as Google Cloud Storage gives them to programs that sign as for S3 (cloud.google.com/storage/docs/authentication/hmackeys).

#include "shared/object_store/signing_authorizer.h"

namespace upkeep::plugins::gcs {

// "gs_access_key_id = …" and "gs_secret_access_key = …", in a section or in none, as gsutil's configuration has them. No message repeats
// a value. invalid: one is missing, or is no word of printable ASCII.
[[nodiscard]] sdk::Result<shared::object_store::Keys> parse_hmac_file(std::string_view text);

// From the file, or from GS_ACCESS_KEY_ID and GS_SECRET_ACCESS_KEY in the environment when its path is empty; read anew each time.
class HmacKeys final : public shared::object_store::KeySource {
 public:
  HmacKeys(sdk::Host& host, std::string path) : host_(host), path_(std::move(path)) {}
  sdk::Task<sdk::Result<shared::object_store::Keys>> keys(sdk::BootTime deadline) override;

 private:
  sdk::Host& host_;
  std::string path_;
};

}  // namespace upkeep::plugins::gcs

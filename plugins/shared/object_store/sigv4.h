// SPDX-License-Identifier: Apache-2.0
#pragma once
// AWS Signature Version 4 (docs.aws.amazon.com, "Create a signed AWS API request"), as S3 wants it: the path is signed as it is sent,
// neither normalised nor encoded again. Pure: time and keys are arguments.

#include <string>
#include <string_view>
#include <vector>

#include "sdk/http.h"
#include "sdk/time.h"

namespace upkeep::shared::object_store {

struct Keys {
  std::string id, secret;
  std::string session_token;  // of temporary keys; else empty
};

struct Signature {
  std::vector<sdk::HttpHeader> headers;  // X-Amz-Date, X-Amz-Security-Token when there is one, Authorization
  std::string hex;                       // the signature alone, 64 digits
};

// Signs method, URL, every header that the request has, the host, and the payload: the value of its X-Amz-Content-Sha256, or its
// body's hash when it has no such header. The URL is encoded already. invalid: it has no host.
[[nodiscard]] sdk::Result<Signature> sign(const sdk::HttpRequest& request, const Keys& keys, std::string_view region,
                                          std::string_view service, sdk::TimePoint now);

// Lower-case hexadecimal digits of the SHA-256.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace upkeep::shared::object_store

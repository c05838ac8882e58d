// SPDX-License-Identifier: Apache-2.0
#pragma once
// Credentials as the several services hand them out. Pure; what these say is read with suspicion and never repeated, but for a code.

#include <optional>
#include <string>
#include <string_view>

#include "sdk/result.h"
#include "sdk/time.h"
#include "shared/object_store/sigv4.h"

namespace upkeep::plugins::s3 {

using shared::object_store::Keys;

struct Session {
  Keys keys;
  std::optional<sdk::TimePoint> expires;  // nullopt: read anew each time
};

// The longest token that is read or sent.
inline constexpr std::size_t kMostToken = 16 * 1024;

// "" or what is wrong with keys that are to be put into headers: "the access key id is empty", …
[[nodiscard]] std::string keys_problem(const Keys& keys);

// {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"} of container and instance metadata; a "Code" must be "Success".
// internal: it is something else; denied: the service's own code.
[[nodiscard]] sdk::Result<Session> parse_metadata(std::string_view json);

// The answer of STS to AssumeRoleWithWebIdentity. internal: it is something else.
[[nodiscard]] sdk::Result<Session> parse_sts(std::string_view document);

}  // namespace upkeep::plugins::s3

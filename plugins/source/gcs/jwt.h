// SPDX-License-Identifier: Apache-2.0
#pragma once
// The signed statement with which a service account asks for a token (RFC 7523): JSON Web Token, RS256.

#include <string>

#include "sdk/time.h"
#include "source/gcs/credential_file.h"

namespace upkeep::plugins::gcs {

// Valid for an hour from `now`. `scope`: what the token is to be good for. invalid: the private key is none that can be used.
[[nodiscard]] sdk::Result<std::string> signed_assertion(const ServiceAccount& account, const std::string& scope, sdk::TimePoint now);

}  // namespace upkeep::plugins::gcs

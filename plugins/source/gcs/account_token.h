// SPDX-License-Identifier: Apache-2.0
#pragma once
// Tokens for the owner of a credential file: a service account signs for one, a person's login is renewed.

#include "source/gcs/credential_file.h"
#include "source/gcs/token_answer.h"
#include "source/gcs/token_request.h"

namespace upkeep::plugins::gcs {

// `scope`: what the token is to be good for; what a person's is good for was decided when they logged in.
[[nodiscard]] sdk::Task<sdk::Result<Token>> service_account_token(sdk::Host& host, const Network& network, const ServiceAccount& account,
                                                                  std::string scope, sdk::BootTime deadline);
[[nodiscard]] sdk::Task<sdk::Result<Token>> user_token(sdk::Host& host, const Network& network, const UserAccount& account,
                                                       sdk::BootTime deadline);

}  // namespace upkeep::plugins::gcs

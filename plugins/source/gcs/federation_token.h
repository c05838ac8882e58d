// SPDX-License-Identifier: Apache-2.0
#pragma once
// Workload identity federation: another issuer's token becomes one of Google's, and that, if so described, a service account's.

#include "source/gcs/credential_file.h"
#include "source/gcs/token_answer.h"
#include "source/gcs/token_request.h"

namespace upkeep::plugins::gcs {

// The subject's token is read anew each time. Errors name the step that failed.
[[nodiscard]] sdk::Task<sdk::Result<Token>> federation_token(sdk::Host& host, const Network& network, const ExternalAccount& account,
                                                             std::string scope, sdk::BootTime deadline);

}  // namespace upkeep::plugins::gcs

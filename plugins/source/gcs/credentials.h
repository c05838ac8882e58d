// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whose token is shown: Google's "application default credentials" (cloud.google.com/docs/authentication). The first place that has
// something decides; when that is broken nothing after it is tried.

#include <string>

#include "source/gcs/token_answer.h"
#include "source/gcs/token_request.h"

namespace upkeep::plugins::gcs {

struct TokenSettings {
  Network network;
  std::string file;            // of credentials; empty: GOOGLE_APPLICATION_CREDENTIALS, else what gcloud wrote, else the metadata server
  bool metadata_only = false;  // the metadata server and nothing else
};

// A new token for that scope. Files are read anew each time. Errors name the place.
[[nodiscard]] sdk::Task<sdk::Result<Token>> find_token(sdk::Host& host, const TokenSettings& settings, std::string scope,
                                                       sdk::BootTime deadline);

}  // namespace upkeep::plugins::gcs

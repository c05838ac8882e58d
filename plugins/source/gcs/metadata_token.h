// SPDX-License-Identifier: Apache-2.0
#pragma once
// The token of the service account that a Google Cloud machine or pod runs as, from the metadata server beside it
// (cloud.google.com/compute/docs/metadata). Plain HTTP to the link-local address, never through a proxy, never redirected.

#include <string>

#include "source/gcs/token_answer.h"
#include "source/gcs/token_request.h"

namespace upkeep::plugins::gcs {

// `scope`: what the token is to be good for, where the server can make it so. GCE_METADATA_HOST in the environment names another host: an
// address of this host or of this link. denied: the machine has no service account; transient and timeout: nobody answers, as everywhere
// but in Google's cloud; invalid: somebody else does.
[[nodiscard]] sdk::Task<sdk::Result<Token>> metadata_token(sdk::Host& host, std::string scope, sdk::BootTime deadline);

}  // namespace upkeep::plugins::gcs

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where the shared files lie, and the region that a profile names.

#include <string>

#include "sdk/host.h"
#include "source/s3/link.h"

namespace upkeep::plugins::s3 {

// Of AWS_REGION or AWS_DEFAULT_REGION, else of the profile; "" when nobody says one that could be a region's name.
[[nodiscard]] std::string default_region(sdk::Host& host, const CredentialSettings& settings);

}  // namespace upkeep::plugins::s3

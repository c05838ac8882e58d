// SPDX-License-Identifier: Apache-2.0
#pragma once
// From the bytes of an offer to a release. The only place that knows what a channel's bytes mean.

#include <string>
#include <vector>

#include "sdk/release.h"
#include "sdk/result.h"

namespace upkeep::core {

struct CheckedRelease {
  sdk::Release release;
  std::vector<std::string> warnings;  // "critical could not be read: …"
};

// Plain channels: body at most 4 KiB, trimmed, optional v, semantic version, or none; critical is yes/true or no/false of
// any case, anything else is "not critical" with a warning. Signed channels: what the document says, whoever has signed it.
// Errors name the file and quote at most 60 printable characters of what stood there.
[[nodiscard]] sdk::Result<CheckedRelease> check_offer(const sdk::Offer& offer);

}  // namespace upkeep::core

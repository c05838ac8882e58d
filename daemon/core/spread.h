// SPDX-License-Identifier: Apache-2.0
#pragma once
// A host's place among its fleet: the same for the same machine and release, even over many machines.

#include <optional>
#include <string_view>

#include "sdk/time.h"

namespace upkeep::core {

// This host's delay within a window: a hash of the machine's id and the release, evenly spread in [0, spread], and never
// more than half of the window that is `left` when its end is known.
[[nodiscard]] sdk::Millis spread_delay(std::string_view machine_id, std::string_view release, sdk::Millis spread,
                                       std::optional<sdk::Millis> left);

// This host's place in a rollout, [0, 100).
[[nodiscard]] double rollout_place(std::string_view machine_id, std::string_view release);

}  // namespace upkeep::core

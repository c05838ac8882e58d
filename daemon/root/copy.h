// SPDX-License-Identifier: Apache-2.0
#pragma once
// One frozen copy: made with apt in a state of its own, whose downloads do not run as root, and verified by apt and by the index's hash
// before it gets its name.

#include <string>

#include "root/outside.h"
#include "sdk/kept.h"

namespace upkeep::root {

// Below the agent's folder: what every apt here reads after the host's own configuration.
inline constexpr const char* kAptConf = "/apt.conf";

// Below `folder` (the agent's), under the name `name`. Errors say what is in the way: the origin no longer has it, no room, no network,
// a hash or signature that is wrong.
[[nodiscard]] sdk::Result<sdk::Kept> make_copy(Outside& outside, const std::string& folder, const std::string& name,
                                               const std::string& package, const std::string& version);

// Whether every file is there as it was recorded.
[[nodiscard]] sdk::Result<void> is_whole(Outside& outside, const std::string& folder, const sdk::Kept& copy);

}  // namespace upkeep::root

// SPDX-License-Identifier: Apache-2.0
#pragma once
// One frozen copy: made with apt in a state of its own, whose downloads do not run as root, and verified by apt and by the index's hash
// before it gets its name.

#include <string>
#include <vector>

#include "root/package_manager.h"
#include "sdk/kept.h"

namespace upkeep::root {

// Below the agent's folder: what every apt here reads after the host's own configuration.
inline constexpr const char* kAptConf = "/apt.conf";

// As PackageManager::make_copy.
[[nodiscard]] sdk::Result<sdk::Kept> make_copy(Outside& outside, const std::string& folder, const std::string& name,
                                               const std::vector<Package>& packages);

}  // namespace upkeep::root

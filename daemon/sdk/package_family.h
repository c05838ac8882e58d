// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which package manager a host has, for an agent's file that says `use = "auto"`. The daemon and upkeep-root decide by this one rule, so
// what was enabled is what is driven.

#include <string>
#include <string_view>
#include <vector>

#include "sdk/result.h"

namespace upkeep::sdk {

// What an agent's file says to have it chosen here.
inline constexpr std::string_view kAutoFamily = "auto";

// "apt", "yum" or "zypper", as installers are called. `backend`: PackageKit's property BackendName; it decides where it is known, for
// what it drives is what can be changed. Empty: PackageKit does not answer. Else ID and then ID_LIKE of os-release decide.
// Errc::unsupported says what was seen.
[[nodiscard]] Result<std::string_view> pick_family(std::string_view os_release, std::string_view backend);

// The command that asks PackageKit for its backend, and the backend in what it prints; empty: it is not there.
[[nodiscard]] std::vector<std::string> backend_question();
[[nodiscard]] std::string_view backend_in(std::string_view answer);

}  // namespace upkeep::sdk

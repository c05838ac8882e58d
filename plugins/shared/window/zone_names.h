// SPDX-License-Identifier: Apache-2.0
#pragma once
// The names of the system's time zones. The one place of this plugin that looks at the disk by itself: a configuration
// is checked without a Host, and the system's zone names count as constants like those of a library.

#include <string>
#include <string_view>

namespace upkeep::shared::window {

// "" when the name is UTC or the system knows it; else what is wrong with it, with the nearest name there is.
[[nodiscard]] std::string zone_problem(std::string_view name);

// The zone's file.
[[nodiscard]] std::string zone_path(std::string_view name);

}  // namespace upkeep::shared::window

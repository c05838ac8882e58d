// SPDX-License-Identifier: Apache-2.0
#pragma once
// Names that end up in paths, polkit rules and command lines. The root helper trusts nothing but these, and the sdk's names of units
// and packages.

#include <string>
#include <string_view>
#include <vector>

namespace upkeep::config {

// [a-z0-9][a-z0-9._-]{0,62}
[[nodiscard]] bool is_agent_name(std::string_view text);
// A unit (sdk::is_unit_name) that has a main process.
[[nodiscard]] bool is_service_name(std::string_view text);
// A program and its arguments, run without a shell: the program is an absolute path.
[[nodiscard]] bool is_command(const std::vector<std::string>& argv);
inline constexpr const char* kNoCommand = "is a list of program and arguments, without a shell; the program is an absolute path";

}  // namespace upkeep::config

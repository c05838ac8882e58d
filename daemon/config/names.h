// SPDX-License-Identifier: Apache-2.0
#pragma once
// Names that end up in paths, polkit rules and command lines. The root helper trusts nothing but these.

#include <string>
#include <string_view>
#include <vector>

namespace upkeep::config {

// [a-z0-9][a-z0-9._-]{0,62}
[[nodiscard]] bool is_agent_name(std::string_view text);
// A unit (sdk::is_unit_name) that has a main process.
[[nodiscard]] bool is_service_name(std::string_view text);
// A package of dpkg or rpm, at most 128 characters; no architecture, no version, nothing that a shell, a D-Bus id or
// JavaScript would read as more than a name.
[[nodiscard]] bool is_package_name(std::string_view text);
// A program and its arguments, run without a shell: the program is an absolute path.
[[nodiscard]] bool is_command(const std::vector<std::string>& argv);
inline constexpr const char* kNoCommand = "is a list of program and arguments, without a shell; the program is an absolute path";

}  // namespace upkeep::config

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reading the tree of commands that CLI11 keeps: what the help, the completion and the manual are made from, so that none of
// them can forget a command or an option. Hidden commands (without a group) are in none of them.

#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace upkeep::cli {

[[nodiscard]] std::vector<const CLI::App*> commands_of(const CLI::App& app);      // visible, as they were added
[[nodiscard]] std::vector<const CLI::Option*> flags_of(const CLI::App& app);      // "--all", "--for DURATION"
[[nodiscard]] std::vector<const CLI::Option*> arguments_of(const CLI::App& app);  // "AGENT", "VERSION"
[[nodiscard]] std::string full_name(const CLI::App& app);                         // "upkeep schedule show"

// "--for", "-h"; the argument's name where it is one.
[[nodiscard]] std::string name_of(const CLI::Option& option);
// What stands behind it: "DURATION", "installed|failed"; empty for a flag.
[[nodiscard]] std::string value_of(const CLI::Option& option);
// The words of which the value must be one; empty: any.
[[nodiscard]] std::vector<std::string> choices_of(const CLI::Option& option);

// Where a command line has got to.
struct Walk {
  const CLI::App* app = nullptr;                           // the innermost command that was named
  const CLI::Option* expects = nullptr;                    // the option whose value comes next
  std::vector<std::string> arguments;                      // given to `app`
  std::vector<std::pair<std::string, std::string>> flags;  // "--for" and its value, empty where there is none
  std::string unknown_command, unknown_flag;               // the first of each
};
[[nodiscard]] Walk walk(const CLI::App& root, const std::vector<std::string>& words);

// The option of that name ("--for") of the app or of those above it; nullptr: none.
[[nodiscard]] const CLI::Option* find_flag(const CLI::App& app, const std::string& name);

}  // namespace upkeep::cli

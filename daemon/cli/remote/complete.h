// SPDX-License-Identifier: Apache-2.0
#pragma once
// Completion for shells: the three scripts in conf/completion hand over the words of the line, and print what comes back.

#include <string>
#include <vector>

#include "cli/context.h"

namespace CLI {
class App;
}

namespace upkeep::cli {

// What could stand for the last of the words (those behind "upkeep"), a line each: the word, a tab and what it means. The
// line ":file" says that names of files fit, too. Agents and versions come from the daemon, when it answers within half
// a second; whatever goes wrong, there are fewer lines, and nothing is said.
[[nodiscard]] std::string complete(const CLI::App& root, std::vector<std::string> words, const Context& context);

}  // namespace upkeep::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is said of a wrong command line.

#include <string>
#include <vector>

#include "cli/context.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace upkeep::cli {

// One line of what is wrong, with the command or option that was most likely meant, and one that points to the help.
// With --json among the words, a document too. Exit status kUsage.
void report_usage(const CLI::App& root, const std::vector<std::string>& words, const CLI::ParseError& error, Context& context);

}  // namespace upkeep::cli

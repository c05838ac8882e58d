// SPDX-License-Identifier: Apache-2.0
#pragma once
// The commands that ask the daemon.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cli/context.h"

namespace CLI {
class App;
}

namespace upkeep::cli {

// Registers them all as subcommands. `context` must outlive the parsing.
void add_remote_commands(CLI::App& app, Context& context);

// The document of `schedule show`, from the daemon; empty times are its defaults. nullopt: said why, exit status set.
[[nodiscard]] std::optional<nlohmann::json> ask_schedule(const std::string& agent, const std::string& from, const std::string& until,
                                                         Context& context);

}  // namespace upkeep::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The commands that need no daemon. Each prints its answer and sets the context's exit status.

#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/windows.h"

namespace CLI {
class App;
}

namespace upkeep::cli {

// Registers explain, channel, store show, config check, enable and disable as subcommands. `context` must outlive the parsing.
void add_local_commands(CLI::App& app, Context& context);

// What the rules would say, with all that is not given assumed favourable. Times are RFC 3339; empty: now.
struct ExplainOptions {
  std::string config, installed, version, document, at;
  double share = 0;  // place in a rollout, [0, 100)
  bool critical = false, unhealthy = false;
};
void explain(const ExplainOptions& options, Context& context);

// An agent's file, or a folder with upkeep.toml and agents.d; empty: the context's.
void check_config(const std::string& path, Context& context);

// `schedule show --config FILE`. Empty times: from now, for 14 days.
void show_schedule(const ScheduleOptions& options, Context& context);

// What the package stores hold; empty: those of all agents.
void show_store(const std::string& agent, Context& context);

// Hands over to upkeep-root, which judges by itself; its text for people goes to standard error with --json.
void run_root_helper(const std::vector<std::string>& arguments, Context& context);

}  // namespace upkeep::cli

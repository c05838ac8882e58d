// SPDX-License-Identifier: Apache-2.0
#pragma once
// The commands that need no daemon: explain, channel show, config check, enable, disable; and `schedule show --config`.

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "cli/context.h"

namespace upkeep::cli {

// Registers explain, channel show, config check, enable and disable as subcommands. `context` must outlive the parsing.
void add_local_commands(CLI::App& app, Context& context);

// `schedule show --config FILE`: times are RFC 3339; empty: from now, for 14 days.
struct ScheduleOptions {
  std::string config, from, until;
};
void show_schedule(const ScheduleOptions& options, Context& context);
// For people, from the design's document {"windows":[…]}; the same whether a daemon or a file was asked.
[[nodiscard]] std::string schedule_text(const nlohmann::json& document);

}  // namespace upkeep::cli

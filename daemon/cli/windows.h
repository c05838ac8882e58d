// SPDX-License-Identifier: Apache-2.0
#pragma once
// What `schedule show` prints, whether a daemon or a file was asked.

#include <nlohmann/json.hpp>
#include <string>

#include "cli/context.h"

namespace upkeep::cli {

struct ScheduleOptions {
  std::string config;       // an agent's file; empty: the daemon is asked
  std::string from, until;  // RFC 3339; empty: now, and 14 days after `from`
};

// {"windows":[{start, end, schedules}], "time_zone"}: with --json the document, on a terminal a calendar, else a line each.
void show_windows(const nlohmann::json& document, const ScheduleOptions& options, const Context& context);

}  // namespace upkeep::cli

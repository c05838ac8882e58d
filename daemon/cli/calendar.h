// SPDX-License-Identifier: Apache-2.0
#pragma once
// The windows of `schedule show` as a small calendar for a terminal: a row a day in the schedule's own time, a cell for
// each half hour, and the next opening in words. Days on which clocks change have their true hours; 80 columns are enough.

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/terminal.h"

namespace upkeep::cli {

using TimePoint = std::chrono::system_clock::time_point;

struct OpenWindow {
  TimePoint start;
  std::optional<TimePoint> end;  // nullopt: none is known
};

struct Calendar {
  std::vector<OpenWindow> windows;  // in order
  TimePoint from, until, now;       // what is shown; `now` marks today
  std::string zone;                 // named as in zoneinfo; empty or not known to this system: UTC
};

// Nothing when more days are asked for than fit a screen: then a list says more.
[[nodiscard]] std::optional<std::string> calendar_text(const Calendar& calendar, const Style& style);

}  // namespace upkeep::cli

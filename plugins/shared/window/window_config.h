// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the configuration of a window schedule says, in local days and times; which instants those are is for a zone
// and the timeline. Reading it reports everything that is wrong with it, each with file, line and path.

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sdk/config.h"

namespace upkeep::shared::window {

inline constexpr std::size_t kMostWindows = 64;
inline constexpr std::size_t kMostDays = 1000;  // entries of dates, and of blackout

// One window: on which days it starts, when, and for how long.
struct Window {
  std::array<bool, 7> weekdays{};              // by C encoding, Sunday = 0
  std::vector<std::pair<unsigned, int>> nth;   // weekday, and which one of the month: 1…5, or -1…-5 from the end
  std::vector<std::chrono::local_days> dates;  // sorted
  std::chrono::minutes start{0};               // of the day
  std::chrono::seconds length{0};              // elapsed time; zero: `end` counts
  std::chrono::minutes end{0};                 // local time, from midnight of the day of the start; later than start
  std::string text;                            // "Mon,Wed,Fri 02:00-03:00"

  [[nodiscard]] bool starts_on(std::chrono::local_days day) const;
};

// Whole local days, both ends included.
struct Blackout {
  std::chrono::local_days first, last;
  std::string text;  // as configured
};

struct Calendar {
  enum class Mode { windows, always, never } mode = Mode::windows;
  std::vector<Window> windows;
  std::vector<Blackout> blackouts;
  std::string time_zone = "UTC";
  std::string text;  // "window Mon,Wed,Fri 02:00-03:00 Europe/Berlin"
};

// The calendar is good when no issue was added.
[[nodiscard]] Calendar read_calendar(const sdk::Config& config, std::vector<sdk::ConfigIssue>& issues);

}  // namespace upkeep::shared::window

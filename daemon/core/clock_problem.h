// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whether the wall clock is believed. As long as it is not, no maintenance window is open.

#include <string>

#include "sdk/time.h"

namespace upkeep::core {

struct WallClock {
  sdk::TimePoint now;
  bool synchronized = false;     // the kernel says so
  sdk::TimePoint build_date;     // of this program
  sdk::TimePoint last_recorded;  // time of the journal's last entry
};

// What is wrong with it; empty: nothing.
[[nodiscard]] std::string clock_problem(const WallClock& clock);

}  // namespace upkeep::core

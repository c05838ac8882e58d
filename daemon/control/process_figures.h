// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the kernel says of this process, under the names that Prometheus clients share. Read from /proc, which is no disk.

#include <optional>

#include "control/metrics_page.h"
#include "sdk/host.h"

namespace upkeep::control {

class ProcessFigures {
 public:
  // Finds out once when the process started: that time must not move with the wall clock.
  explicit ProcessFigures(const sdk::Clock& clock);
  // What cannot be read is left out.
  void write(MetricsPage& page) const;

 private:
  std::optional<sdk::TimePoint> started_;
};

}  // namespace upkeep::control

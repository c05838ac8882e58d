// SPDX-License-Identifier: Apache-2.0
#pragma once
// How long things took, as counts below fixed bounds: plain numbers that only grow, made into a metric by control.

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "sdk/time.h"

namespace upkeep::engine {

struct Histogram {
  // `upper`: the buckets' bounds in seconds, inclusive and rising; must outlive the histogram.
  explicit Histogram(std::span<const double> upper) : bounds(upper), counts(upper.size()) {}

  // A duration that a clock made negative counts as none.
  void observe(sdk::Millis taken) {
    const double seconds = std::max(0.0, std::chrono::duration<double>(taken).count());
    const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin();
    if (static_cast<std::size_t>(bucket) < counts.size()) ++counts[static_cast<std::size_t>(bucket)];
    ++count;
    sum += seconds;
  }

  std::span<const double> bounds;
  std::vector<std::uint64_t> counts;  // of each bucket alone, not cumulative; what is longer than all bounds is in `count` only
  std::uint64_t count = 0;
  double sum = 0;  // seconds
};

// The clock counts milliseconds, so no bound is finer.
inline constexpr double kDiskSeconds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10};
inline constexpr double kNetworkSeconds[] = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
inline constexpr double kOperationSeconds[] = {1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800};

}  // namespace upkeep::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once
// When will all schedules be open?

#include <optional>
#include <string>
#include <vector>

#include "core/settings.h"
#include "sdk/release.h"
#include "sdk/schedule.h"

namespace upkeep::core {

// A stretch in which all schedules are open.
struct OpenStretch {
  sdk::TimePoint start;
  std::optional<sdk::TimePoint> end;  // nullopt: no known end
};
// Walks the schedules' verdicts from `from` to `until`, merged; at most `most` stretches.
[[nodiscard]] std::vector<OpenStretch> open_stretches(const std::vector<const sdk::Schedule*>& schedules, const sdk::Release* release,
                                                      sdk::TimePoint from, sdk::TimePoint until, std::size_t most = 1000);

// The time zone in which people think of the schedules: the one that all which name a `time_zone` have. Empty: none, or several.
[[nodiscard]] std::string common_time_zone(const std::vector<PluginUse>& schedules);

}  // namespace upkeep::core

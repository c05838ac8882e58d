// SPDX-License-Identifier: Apache-2.0
// Answered by walking from change to change of the schedules' verdicts.

#include "core/open_stretches.h"

namespace upkeep::core {
namespace {

struct Standing {
  bool open = true;
  std::optional<sdk::TimePoint> next;  // nothing changes before; nullopt: it stays so, as far as is known
};

// While all are open, the first that closes ends it. While some are closed, the last of those to open is waited for.
Standing look(const std::vector<const sdk::Schedule*>& schedules, const sdk::Release* release, sdk::TimePoint at) {
  std::optional<sdk::TimePoint> closes, opens;
  bool open = true;
  bool known = true;
  for (const sdk::Schedule* schedule : schedules) {
    sdk::Verdict verdict = schedule->verdict(at, release);
    auto change = verdict.changes_at;
    if (change && *change <= at) change.reset();  // a schedule that breaks its promise must not stop the walk
    if (verdict.open) {
      if (change && (!closes || *change < *closes)) closes = change;
    } else {
      open = false;
      known = known && change;
      if (change && (!opens || *change > *opens)) opens = change;
    }
  }
  Standing out;
  out.open = open;
  out.next = open ? closes : known ? opens : std::nullopt;
  return out;
}

}  // namespace

std::string common_time_zone(const std::vector<PluginUse>& schedules) {
  std::string out;
  for (const PluginUse& schedule : schedules) {
    const std::string zone = schedule.config.text("time_zone");
    if (!zone.empty() && !out.empty() && zone != out) return "";
    if (!zone.empty()) out = zone;
  }
  return out;
}

std::vector<OpenStretch> open_stretches(const std::vector<const sdk::Schedule*>& schedules, const sdk::Release* release,
                                        sdk::TimePoint from, sdk::TimePoint until, std::size_t most) {
  constexpr int kMostSteps = 100'000;
  std::vector<OpenStretch> out;
  bool inside = false;
  auto at = from;
  // A stretch that has begun is followed to its end, also past `until`.
  for (int step = 0; step < kMostSteps && (at < until || inside); ++step) {
    Standing now = look(schedules, release, at);
    if (now.open && !inside) {
      if (out.size() == most) break;
      out.push_back({at, std::nullopt});
    }
    if (!now.open && inside) out.back().end = at;
    inside = now.open;
    if (!now.next) break;
    at = *now.next;
  }
  return out;
}

}  // namespace upkeep::core

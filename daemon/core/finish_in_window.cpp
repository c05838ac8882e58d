// SPDX-License-Identifier: Apache-2.0
#include "core/finish_in_window.h"

#include <algorithm>

namespace upkeep::core {
namespace {

// nullopt: it tells nothing about how long an upgrade takes.
std::optional<sdk::Millis> took(const Finished& one, sdk::Millis soak) {
  if (one.result != OperationResult::committed || one.phases.empty()) return std::nullopt;
  // The same phase twice in a row: the daemon was gone in between, for a second or for a week.
  const auto again =
      std::adjacent_find(one.phases.begin(), one.phases.end(), [](const auto& a, const auto& b) { return a.phase == b.phase; });
  const auto proof = std::find_if(one.phases.begin(), one.phases.end(), [](const auto& at) { return at.phase == Phase::soaking; });
  if (again != one.phases.end() || proof == one.phases.end()) return std::nullopt;
  if (proof->at < one.started || one.ended < proof->at) return std::nullopt;  // the clock was set back
  // The soak was perhaps another then: never shorter than the one of now, nor longer than that can take.
  const auto proven = std::clamp<sdk::Millis>(one.ended - proof->at, soak, soak + std::max(soak, kSoakPatience));
  return (proof->at - one.started) + proven;
}

}  // namespace

Expected expected_duration(const std::deque<Finished>& history, sdk::Millis soak) {
  Expected out;
  std::size_t seen = 0;
  for (auto one = history.rbegin(); one != history.rend() && seen < kUpgradesThatTell; ++one) {
    const auto time = took(*one, soak);
    if (!time) continue;
    ++seen;
    out.duration = std::max(out.duration, *time);
  }
  if (seen == 0) {
    out.duration = soak + kUsualChange;
    out.source = "no upgrade was seen here yet: the soak of " + sdk::format_duration(soak) + " and " + sdk::format_duration(kUsualChange) +
                 " for the change";
  } else if (seen == 1) {
    out.source = "the last upgrade here took that";
  } else {
    out.source = "the longest of the last " + std::to_string(seen) + " upgrades here";
  }
  return out;
}

std::optional<sdk::Millis> room(const OpenStretch& stretch, sdk::TimePoint start, sdk::Millis duration) {
  if (!stretch.end) return std::nullopt;
  return std::chrono::duration_cast<sdk::Millis>(*stretch.end - start) - duration;
}

std::optional<OpenStretch> next_long_enough(const std::vector<OpenStretch>& stretches, sdk::TimePoint now, sdk::Millis duration) {
  for (const auto& stretch : stretches) {
    if (stretch.start <= now) continue;
    const auto left = room(stretch, stretch.start, duration);
    if (!left || *left >= sdk::Millis(0)) return stretch;
  }
  return std::nullopt;
}

std::string text(const Expected& expected) {
  return sdk::format_duration(std::chrono::ceil<std::chrono::seconds>(expected.duration)) + " (" + expected.source + ")";
}

}  // namespace upkeep::core

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Will an upgrade that starts now be over when its window closes? How long it takes is learned from the upgrades that were
// committed here. Pure; a guess on the safe side, never a promise.

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/agent_state.h"
#include "core/open_stretches.h"

namespace upkeep::core {

// Taken for an upgrade without its soak as long as none was ever seen here.
inline constexpr sdk::Millis kUsualChange = std::chrono::minutes(10);
// A soak whose probes have not answered lasts longer than it should by as much again, and at least by this.
inline constexpr sdk::Millis kSoakPatience = std::chrono::minutes(2);
// So many upgrades are looked back at.
inline constexpr std::size_t kUpgradesThatTell = 5;

struct Expected {
  sdk::Millis duration{0};  // from the start of an operation to its commit
  std::string source;       // for people: where that is from
};
// The longest of the last few committed upgrades, each with a proof as long as the soak that is configured now makes it. One
// that a restart interrupted tells nothing.
[[nodiscard]] Expected expected_duration(const std::deque<Finished>& history, sdk::Millis soak);

// How long a start in this stretch may be put off and still be expected to end in it; nullopt: as long as one likes.
// Negative: it is too late already.
[[nodiscard]] std::optional<sdk::Millis> room(const OpenStretch& stretch, sdk::TimePoint start, sdk::Millis duration);

// The first stretch that begins after `now` and is long enough.
[[nodiscard]] std::optional<OpenStretch> next_long_enough(const std::vector<OpenStretch>& stretches, sdk::TimePoint now,
                                                          sdk::Millis duration);

// "12m", rounded up to whole seconds, and where that is from.
[[nodiscard]] std::string text(const Expected& expected);

}  // namespace upkeep::core

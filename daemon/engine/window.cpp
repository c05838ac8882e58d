// SPDX-License-Identifier: Apache-2.0
// The window that is open now, looked at more closely: is it this host's moment in it, and is there time enough left?

#include <algorithm>

#include "core/finish_in_window.h"
#include "core/spread.h"
#include "engine/supervisor.h"

namespace upkeep::engine {

using sdk::Reason;

namespace {

// How far back the beginning of the stretch is searched that is open now.
constexpr sdk::Millis kStretchHorizon = std::chrono::hours(8 * 24);
// How far ahead a window is searched that is long enough.
constexpr sdk::Millis kLongHorizon = std::chrono::hours(60 * 24);
constexpr const char* kNowhere =
    "no window of the next 60 days is that long: lengthen one, or shorten the soak, or set finish_in_window = false";

}  // namespace

std::vector<core::OpenStretch> Supervisor::stretches(sdk::TimePoint from, sdk::TimePoint until) const {
  std::vector<const sdk::Schedule*> schedules;
  for (const auto& one : parts_->schedules) schedules.push_back(one.schedule.get());
  return core::open_stretches(schedules, release(), from, until);
}

std::optional<Supervisor::Delay> Supervisor::window_condition(const std::string& target) const {
  const auto& policy = configured_.settings.policy;
  if (policy.spread <= sdk::Millis(0) && !policy.finish_in_window) return std::nullopt;
  const auto now = clock().now();
  const auto found = stretches(now - kStretchHorizon, now + (policy.finish_in_window ? kLongHorizon : sdk::Millis(1)));
  const auto current =
      std::find_if(found.begin(), found.end(), [&](const auto& one) { return one.start <= now && (!one.end || now < *one.end); });
  if (current == found.end()) return std::nullopt;

  auto spread = policy.spread;
  // A release that is read while the window is open, is spread over what is left of it.
  const auto since = in_force() != nullptr ? std::max(current->start, in_force()->read_at) : current->start;
  if (policy.finish_in_window) {
    const auto expected = core::expected_duration(state().history, configured_.settings.soak);
    // Right before apply, it is the beginning of the operation that counts.
    const auto start = state().operation ? state().operation->started : now;
    const auto left = core::room(*current, start, expected.duration);
    if (left && *left < sdk::Millis(0)) {
      const auto next = core::next_long_enough(found, now, expected.duration);
      std::string text = "too late to finish in this window: an upgrade is expected to take " + core::text(expected) +
                         ", and the window ends at " + sdk::rfc3339(*current->end) + "; ";
      text += next ? "the next one that is long enough opens at " + sdk::rfc3339(next->start) : std::string(kNowhere);
      return Delay{Reason::too_late, std::move(text), next ? std::optional(next->start) : std::nullopt};
    }
    if (const auto most = core::room(*current, since, expected.duration)) spread = std::min(spread, *most);
  }
  std::optional<sdk::Millis> left;
  if (current->end) left = std::chrono::duration_cast<sdk::Millis>(*current->end - since);
  const auto start = since + core::spread_delay(identity(), target, spread, left);
  if (now >= start) return std::nullopt;
  return Delay{Reason::spread,
               "the window is open, and the starts of the fleet are spread within " + sdk::format_duration(policy.spread) +
                   " (spread); this host's moment is " + sdk::rfc3339(start),
               start};
}

// Said before the window opens, too: nobody should learn at night that it is too short.
std::string Supervisor::too_short_windows() const {
  if (!configured_.settings.policy.finish_in_window) return "";
  const auto now = clock().now();
  const auto expected = core::expected_duration(state().history, configured_.settings.soak);
  const auto ahead = stretches(now, now + kLongHorizon);
  const auto fits = [&](const core::OpenStretch& one) {
    const auto left = core::room(one, one.start, expected.duration);
    return !left || *left >= sdk::Millis(0);
  };
  if (ahead.empty() || std::any_of(ahead.begin(), ahead.end(), fits)) return "";
  return "an upgrade is expected to take " + core::text(expected) + ", and " + kNowhere;
}

}  // namespace upkeep::engine

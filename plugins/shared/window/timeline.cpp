// SPDX-License-Identifier: Apache-2.0
#include "shared/window/timeline.h"

#include <algorithm>

namespace upkeep::shared::window {

using namespace std::chrono;

Timeline::Timeline(Calendar calendar, Zone zone) : calendar_(std::move(calendar)), zone_(std::move(zone)) {
  cuts_.reserve(calendar_.blackouts.size());
  for (std::size_t i = 0; i < calendar_.blackouts.size(); ++i) {
    const Cut cut{zone_.resolve(calendar_.blackouts[i].first), zone_.resolve(calendar_.blackouts[i].last + days(1)), i};
    if (cut.start < cut.end) cuts_.push_back(cut);  // a zone that skips a whole day has days without time
  }
}

Timeline::State Timeline::at(sys_seconds time) const {
  const sys_seconds horizon = time + kHorizon;
  State state;
  const Cut* cut = cut_at(time);
  auto stretch = stretch_after(time, horizon);
  state.open = !cut && stretch && stretch->start <= time;
  if (state.open) {
    sys_seconds end = stretch->end;
    for (const Cut& next : cuts_) {
      if (next.start > time) end = std::min(end, next.start);
    }
    if (end < horizon) state.changes_at = end;
    return state;
  }
  // The next opening: a blackout may reach over it, and then the next one over what follows that.
  sys_seconds opens = time;
  while (stretch && opens < horizon) {
    opens = std::max(opens, stretch->start);
    cut = cut_at(opens);
    if (!cut) {
      state.changes_at = opens;
      return state;
    }
    state.blackout = &calendar_.blackouts[cut->blackout];
    opens = cut->end;
    if (stretch->end <= opens) stretch = stretch_after(opens, horizon);
  }
  return state;
}

const Timeline::Cut* Timeline::cut_at(sys_seconds time) const {
  const auto found = std::find_if(cuts_.begin(), cuts_.end(), [&](const Cut& cut) { return cut.start <= time && time < cut.end; });
  return found == cuts_.end() ? nullptr : &*found;
}

std::optional<Timeline::Stretch> Timeline::stretch_after(sys_seconds time, sys_seconds horizon) const {
  if (calendar_.mode == Calendar::Mode::never) return std::nullopt;
  if (calendar_.mode == Calendar::Mode::always) return Stretch{sys_seconds::min(), sys_seconds::max()};
  std::optional<Stretch> found;
  std::vector<Stretch> today;
  // A window of seven days that started nine local days ago is over, however the clock was changed meanwhile.
  local_days day = floor<days>(zone_.to_local(time)) - days(9);
  for (const local_days last = floor<days>(zone_.to_local(horizon)); day <= last; day += days(1)) {
    windows_of(day, today);
    for (const Stretch& next : today) {
      if (next.end <= time) continue;
      if (!found)
        found = next;
      else if (next.start <= found->end)
        found->end = std::max(found->end, next.end);
      else
        return found;
    }
  }
  return found;
}

void Timeline::windows_of(local_days day, std::vector<Stretch>& out) const {
  out.clear();
  for (const Window& window : calendar_.windows) {
    if (!window.starts_on(day)) continue;
    const sys_seconds start = zone_.resolve(day + window.start);
    const sys_seconds end = window.length > seconds(0) ? start + window.length : zone_.resolve(day + window.end);
    if (start < end) out.push_back({start, end});  // empty: start and end in one gap of the clock
  }
  std::sort(out.begin(), out.end(), [](const Stretch& a, const Stretch& b) { return a.start < b.start; });
}

}  // namespace upkeep::shared::window

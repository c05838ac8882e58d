// SPDX-License-Identifier: Apache-2.0
// It may be done; now, or when?

#include <algorithm>

#include "core/decide_rows.h"

namespace upkeep::core {

using sdk::Action;
using sdk::Reason;

namespace {

// What people should know about an upgrade, whatever its reason.
std::string remarks(const View& view) {
  std::string text;
  if (view.installed().empty()) return text;
  if (!view.installed_release()) {
    text += "; the installed " + view.installed() + " is no semantic version, so whether " + view.goal + " is newer could not be checked";
  } else if (view.facts.release != nullptr) {
    for (const auto& item : view.facts.release->withdrawn) {
      if (item.version == *view.installed_release()) text += "; the installed " + view.installed() + " was withdrawn";
    }
  }
  return text;
}

Decision upgrade(const View& view, Reason reason, const std::string& why, std::optional<sdk::TimePoint> until = {}) {
  return row(Action::upgrade, reason, why + remarks(view), until);
}

std::string label(const NamedVerdict& schedule) { return schedule.verdict.reason.empty() ? schedule.name : schedule.verdict.reason; }

}  // namespace

std::optional<Decision> forced(const View& view) {
  if (!view.forced) return std::nullopt;
  return upgrade(view, Reason::forced, "an operator forces " + view.goal);
}

std::optional<Decision> rollback(const View& view) { return upgrade(view, Reason::rollback, "an operator goes back to " + view.goal); }

std::optional<Decision> critical(const View& view) {
  if (!view.critical) return std::nullopt;
  return upgrade(view, Reason::critical, view.goal + " is critical, so no window is waited for");
}

std::optional<Decision> unhealthy(const View& view) {
  if (!view.facts.policy.unhealthy_may_upgrade || view.facts.health != sdk::Health::unhealthy) return std::nullopt;
  return upgrade(view, Reason::unhealthy,
                 "the agent is unhealthy and policy lets it go to " + view.goal + " without waiting for a window (unhealthy_may_upgrade)");
}

std::optional<Decision> window_open(const View& view) {
  if (!view.facts.clock_problem.empty()) return std::nullopt;
  std::optional<sdk::TimePoint> closes;
  std::string which;
  for (const auto& schedule : view.facts.schedules) {
    if (!schedule.verdict.open) return std::nullopt;
    const auto& change = schedule.verdict.changes_at;
    if (change && (!closes || *change < *closes)) closes = change;
    which += (which.empty() ? "" : "; ") + label(schedule);
  }
  std::string text = view.goal + " is due and the maintenance window is open";
  if (!which.empty()) text += " (" + which + ")";
  if (closes) text += " until " + sdk::rfc3339(*closes);
  return upgrade(view, Reason::window_open, text, closes);
}

std::optional<Decision> outside_window(const View& view) {
  if (!view.facts.clock_problem.empty()) {
    return row(Action::wait, Reason::outside_window,
               "the clock is not believed, so no maintenance window is open: " + view.facts.clock_problem);
  }
  // All must be open, so the last of those that are closed now decides; one that says nothing leaves it unknown.
  std::optional<sdk::TimePoint> opens;
  bool known = true;
  int closed = 0;
  std::string which;
  for (const auto& schedule : view.facts.schedules) {
    if (schedule.verdict.open) continue;
    ++closed;
    const auto& change = schedule.verdict.changes_at;
    known = known && change;
    if (change && (!opens || *change > *opens)) opens = change;
    which += (which.empty() ? "" : "; ") + label(schedule);
  }
  if (!known) opens.reset();
  std::string text = "outside the maintenance window (" + which + "); ";
  if (!opens) {
    text += "when it opens is not known";
  } else {
    text += (closed > 1 ? "it opens at the earliest at " : "it opens at ") + sdk::rfc3339(*opens);
  }
  return row(Action::wait, Reason::outside_window, text, opens);
}

}  // namespace upkeep::core

// SPDX-License-Identifier: Apache-2.0
// Something is wanted; may it be done?

#include <algorithm>
#include <cstdio>

#include "core/decide_rows.h"

namespace upkeep::core {

using sdk::Action;
using sdk::Reason;

std::optional<Decision> quarantined(const View& view) {
  if (view.said(&Force::quarantined)) return std::nullopt;
  const auto& list = view.facts.quarantined;
  // Compared as versions: build metadata does not count, the package would be the same.
  auto entry = std::find_if(list.begin(), list.end(), [&](const auto& item) {
    auto version = sdk::Version::parse(item.first);
    return version && *version == view.wanted();
  });
  if (entry == list.end()) return std::nullopt;
  return row(Action::none, Reason::quarantined,
             view.goal + " failed here before (" + entry->second + "); " + command(view, "unquarantine", entry->first) + " lifts it, " +
                 command(view, "force", "--quarantined") + " tries it once");
}

std::optional<Decision> downgrade(const View& view) {
  const auto& installed = view.installed_release();
  if (!installed || view.wanted() >= *installed || view.said(&Force::allow_downgrade)) return std::nullopt;
  if (view.pinned && view.facts.pin->allow_downgrade) return std::nullopt;
  Downgrade policy = view.facts.policy.downgrade;
  if (policy == Downgrade::any || (policy == Downgrade::same_major && view.wanted().major() == installed->major())) return std::nullopt;
  std::string allowed = policy == Downgrade::never ? "no downgrade (downgrade = \"never\")"
                                                   : "downgrades within a major version only (downgrade = \"same-major\")";
  return row(Action::none, Reason::downgrade,
             view.goal + " is lower than the installed " + view.installed() + " and policy allows " + allowed + "; " +
                 command(view, "force", "--allow-downgrade") + " goes there once");
}

std::optional<Decision> major_skip(const View& view) {
  const auto& installed = view.installed_release();
  const auto& most = view.facts.policy.major_skip;
  if (!most || !installed || view.said(&Force::allow_major)) return std::nullopt;
  if (view.wanted().major() <= installed->major() || view.wanted().major() - installed->major() <= *most) return std::nullopt;
  return row(Action::none, Reason::major_skip,
             view.goal + " is " + std::to_string(view.wanted().major() - installed->major()) + " major versions above the installed " +
                 view.installed() + " and policy allows " + std::to_string(*most) + " (major_skip); " +
                 command(view, "force", "--allow-major") + " goes there once");
}

std::optional<Decision> minimum_from(const View& view) {
  const auto* release = view.facts.release;
  const auto& installed = view.installed_release();
  if (release == nullptr || !release->minimum_from || !installed || *installed >= *release->minimum_from) return std::nullopt;
  if (release->version != view.target) return std::nullopt;  // the wish is the offered version's, not that of a pin or a way out
  std::string least = release->minimum_from->str();
  return row(Action::none, Reason::minimum_from,
             view.goal + " can be upgraded to from " + least + " or later only, and " + view.installed() + " is installed; " +
                 command(view, "pin", least) + " takes that step first");
}

std::optional<Decision> not_before(const View& view) {
  if (view.pinned || view.forced || view.leaves_withdrawn()) return std::nullopt;
  const auto& starts = view.release().not_before;
  if (!starts || *starts <= view.facts.now) return std::nullopt;
  return row(Action::wait, Reason::not_before, view.goal + " may start at " + sdk::rfc3339(*starts) + " at the earliest", starts);
}

Turn turn_of(const sdk::Release& release, double share, sdk::TimePoint now) {
  auto stages = release.rollout;
  std::stable_sort(stages.begin(), stages.end(), [](const auto& a, const auto& b) { return a.starts < b.starts; });
  Turn out;
  if (stages.empty()) out.percent = 100;
  for (const auto& stage : stages) {
    if (stage.starts <= now) {
      out.percent = stage.percent;
    } else if (!out.comes && share < stage.percent) {
      out.comes = stage.starts;
    }
  }
  out.has_come = share < out.percent;
  return out;
}

std::optional<Decision> rollout_share(const View& view) {
  if (view.pinned || view.forced || view.leaves_withdrawn()) return std::nullopt;
  const Turn turn = turn_of(view.release(), view.facts.share, view.facts.now);
  if (turn.has_come) return std::nullopt;
  char place[32];
  std::snprintf(place, sizeof place, "%.1f", view.facts.share);
  return row(Action::wait, Reason::rollout_share,
             "it is not this host's turn for " + view.goal + " yet: the rollout is at " + std::to_string(turn.percent) +
                 " % and its place is " + place + " %; " +
                 (turn.comes ? "its turn comes at " + sdk::rfc3339(*turn.comes) : "no stage that reaches it is announced"),
             turn.comes);
}

std::optional<Decision> no_way_back(const View& view) {
  const auto& way_back = view.facts.installed->way_back;
  RequireWayBack policy = view.facts.policy.require_way_back;
  if (way_back.possible() || policy == RequireWayBack::never || view.said(&Force::no_way_back)) return std::nullopt;
  if (policy == RequireWayBack::unless_critical && view.critical) return std::nullopt;
  if (view.installed().empty()) return std::nullopt;  // there is nothing to come back to
  std::string text = "once " + view.goal + " is installed, " + view.installed() + " could not be had again";
  if (!way_back.text.empty()) text += ": " + way_back.text;
  text += "; policy requires a way back (require_way_back)";
  if (!view.facts.rollback_to) text += ", " + command(view, "force", "--no-way-back") + " goes without one";
  return row(Action::none, Reason::no_way_back, text);
}

std::optional<Decision> held(const View& view) {
  const auto& holds = view.facts.installed->held_by;
  if (holds.empty() || view.forced) return std::nullopt;
  std::string text = "somebody else holds the installed version: ";
  for (const auto& hold : holds) text += (&hold == &holds.front() ? "" : ", ") + hold;
  return row(Action::none, Reason::held, text + "; lift that hold, or " + command(view, "force") + " passes it once");
}

std::optional<Decision> contested(const View& view) {
  if (view.facts.contested.empty() || view.forced) return std::nullopt;
  return row(Action::none, Reason::contested,
             view.facts.contested + " keeps putting the old version back; once that has ended, " +
                 command(view, "unquarantine", view.goal) + " lets " + view.goal + " be tried again; " + command(view, "force") +
                 " tries it once");
}

}  // namespace upkeep::core

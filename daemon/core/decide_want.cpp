// SPDX-License-Identifier: Apache-2.0
// Is anything wanted at all?

#include "core/decide_rows.h"

namespace upkeep::core {

using sdk::Action;
using sdk::Reason;

std::optional<Decision> suspended(const View& view) {
  if (view.forced) return std::nullopt;
  if (const auto& wished = view.facts.wished_suspension)
    return row(Action::wait, Reason::suspended,
               "suspended by " + wished->actor + ": " + wished->reason + "; it lasts as long as that stands there (" + wished->place + ")");
  const auto& suspension = view.facts.suspension;
  if (!suspension || !suspension->in_force(view.facts.now)) return std::nullopt;
  std::string text = "suspended by " + suspension->actor + ": " + suspension->reason + "; ";
  if (suspension->until) text += "it ends at " + sdk::rfc3339(*suspension->until) + ", or earlier with ";
  return row(Action::wait, Reason::suspended, text + command(view, "resume") + (suspension->until ? "" : " ends it"), suspension->until);
}

std::optional<Decision> no_release(const View& view) {
  if (view.pinned) return std::nullopt;
  const auto& facts = view.facts;
  if (facts.release != nullptr && facts.release->version) return std::nullopt;
  if (facts.release != nullptr) return row(Action::none, Reason::no_release, "the channel says none: there is no version to be at");
  // Something was read, but nothing of it could be trusted: the next row's.
  if (!facts.not_trusted.empty()) return std::nullopt;
  std::string text = "the channel has not been read yet";
  if (!facts.last_error.empty()) text += "; the last try failed: " + facts.last_error;
  return row(Action::none, Reason::no_release, text);
}

std::optional<Decision> not_trusted(const View& view) {
  const auto& facts = view.facts;
  if (view.pinned) return std::nullopt;
  if (!facts.not_trusted.empty()) return row(Action::none, Reason::not_trusted, "no trusted release is in force: " + facts.not_trusted);
  const auto& expires = view.release().expires;
  if (!expires || facts.now < *expires + facts.clock_tolerance) return std::nullopt;
  return row(Action::none, Reason::not_trusted,
             "the channel's release expired at " + sdk::rfc3339(*expires) + "; its publisher must sign it again");
}

std::optional<Decision> pinned(const View& view) {
  if (!view.pinned || !view.facts.installed->matches_target) return std::nullopt;
  const auto* release = view.facts.release;
  if (release == nullptr || !release->version || *release->version == view.wanted()) return std::nullopt;
  return row(Action::none, Reason::pinned,
             "pinned to " + view.goal + ", while the channel offers " + release->version->str() + "; " + command(view, "unpin") +
                 " follows the channel again");
}

std::optional<Decision> withdrawn(const View& view) {
  if (view.target) return std::nullopt;
  return row(Action::none, Reason::withdrawn,
             view.release().version->str() + " was withdrawn and the channel names no version to go to; the next release ends this");
}

std::optional<Decision> up_to_date(const View& view) {
  if (!view.facts.installed->matches_target) return std::nullopt;
  std::string text = view.goal;
  if (view.pinned) {
    text += " is the pinned version";
  } else if (view.wanted() == *view.release().version) {
    text += " is what the channel offers";
  } else {
    text += " is what the channel names in place of the withdrawn " + view.release().version->str();
  }
  return row(Action::none, Reason::up_to_date, text);
}

std::optional<Decision> not_installed(const View& view) {
  if (!view.installed().empty() || view.facts.policy.install_missing) return std::nullopt;
  return row(Action::none, Reason::not_installed,
             "it is not installed here and policy does not install what is missing (install_missing = false); install " + view.goal +
                 " by hand, or change the policy");
}

}  // namespace upkeep::core

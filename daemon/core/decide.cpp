// SPDX-License-Identifier: Apache-2.0
#include "core/decide.h"

#include <algorithm>
#include <array>

#include "core/decide_rows.h"

namespace upkeep::core {
namespace {

// The table of the decision: the first row that matches wins.
constexpr std::array<Row, 21> kRows = {suspended,   no_release, not_trusted, pinned,       withdrawn,  up_to_date,    not_installed,
                                       quarantined, downgrade,  major_skip,  minimum_from, not_before, rollout_share, no_way_back,
                                       held,        contested,  forced,      critical,     unhealthy,  window_open,   outside_window};
// An operator who goes back asks neither the channel nor a schedule.
constexpr std::array<Row, 3> kRollbackRows = {no_way_back, held, rollback};

// What the channel wants: its version, or where its withdrawn list leads from there. nullopt: nowhere.
std::optional<sdk::Version> wanted_by(const sdk::Release& release) {
  auto version = release.version;
  for (std::size_t steps = 0; version && steps <= release.withdrawn.size(); ++steps) {
    auto entry =
        std::find_if(release.withdrawn.begin(), release.withdrawn.end(), [&](const auto& item) { return item.version == version; });
    if (entry == release.withdrawn.end()) return version;
    version = entry->go_to;
  }
  return std::nullopt;  // the list leads in a circle, or says nothing
}

}  // namespace

std::optional<sdk::Version> choose_target(const Facts& facts) {
  if (facts.rollback_to) return facts.rollback_to;
  if (facts.pin) return facts.pin->version;
  return facts.release != nullptr ? wanted_by(*facts.release) : std::nullopt;
}

View::View(const Facts& facts_)
    : facts(facts_),
      target(choose_target(facts_)),
      pinned(facts_.pin && !facts_.rollback_to),
      critical(!facts_.pin && !facts_.rollback_to && facts_.release != nullptr && facts_.release->critical),
      forced(facts_.force.has_value()),
      goal(target ? target->str() : ""),
      agent(facts_.agent.empty() ? "AGENT" : facts_.agent) {}

std::string command(const View& view, const std::string& verb, const std::string& rest) {
  return "`upkeep " + verb + " " + view.agent + (rest.empty() ? "" : " ") + rest + "`";
}

Decision decide(const Facts& facts) {
  const View view(facts);
  auto ask = [&view](const auto& rows) {
    for (Row matches : rows) {
      if (auto decision = matches(view)) {
        decision->target = view.target;
        return *decision;
      }
    }
    return Decision();  // not reached: the last row of each list always matches
  };
  return facts.rollback_to ? ask(kRollbackRows) : ask(kRows);
}

bool only_time_is_missing(const Facts& facts) {
  sdk::Release whenever;
  Facts asked = facts;
  if (facts.release != nullptr) {
    whenever = *facts.release;
    whenever.not_before.reset();
    whenever.rollout.clear();
    asked.release = &whenever;
  }
  const auto decision = decide(asked);
  return decision.action == sdk::Action::upgrade || decision.reason == sdk::Reason::outside_window;
}

}  // namespace upkeep::core

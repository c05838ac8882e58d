// SPDX-License-Identifier: Apache-2.0
#include "core/decide.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "core/decide_rows.h"

namespace upkeep::core {
namespace {

// The decision: the first row that matches. Order matters: a row relies on those before it not having matched, and rows 5, 6, 12 and
// 13 need a release, rows 6 to 10 a target (View::release, View::wanted).
// A pin takes out rows 2, 3, 5, 12, 13 and 18. Force passes rows 1, 12, 13, 15, 16 and the schedules, and 8, 9, 10 and 14 with their own
// word (--quarantined, --allow-downgrade, --allow-major, --no-way-back).
constexpr std::array<Row, 21> kRows = {
    // Is anything wanted? (decide_want.cpp)
    suspended,      //  1 wait     a suspension is in force, until its end, or for as long as it is wished
    no_release,     //  2 none     the channel says none, or nothing has been read yet
    not_trusted,    //  3 none     no trusted release is in force, or it has expired
    pinned,         //  4 none     at the pinned version, while the channel offers another
    withdrawn,      //  5 none     the offered version was withdrawn, and no version to go to is named
    up_to_date,     //  6 none     the target accepts the installed version
    not_installed,  //  7 none     it is not there and policy does not install it
    // May it be done? (decide_may.cpp)
    quarantined,    //  8 none     the target failed here before
    downgrade,      //  9 none     it is lower than the installed version and policy forbids that
    major_skip,     // 10 none     it is more major versions above than policy allows
    minimum_from,   // 11 none     the release wants a newer version to upgrade from
    not_before,     // 12 wait     the release starts later
    rollout_share,  // 13 wait     it is not this host's turn yet
    no_way_back,    // 14 none     going back would be impossible and policy requires it
    held,           // 15 none     somebody else's hold is on it
    contested,      // 16 none     somebody keeps putting the old version back
    // Now, or when? (decide_when.cpp)
    forced,          // 17 upgrade  an operator's force
    critical,        // 18 upgrade  the release is critical
    unhealthy,       // 19 upgrade  the agent is unhealthy and policy lets it
    window_open,     // 20 upgrade  every schedule is open
    outside_window,  // 21 wait     some schedule is closed, until that changes; always matches
};
// An operator who goes back asks neither the channel nor a schedule.
constexpr std::array<Row, 3> kRollbackRows = {
    no_way_back,  // 14
    held,         // 15
    rollback,     // 17 upgrade  always matches
};

// Where the channel's withdrawn list leads from a version: to itself when it is not on it. nullopt: nowhere.
std::optional<sdk::Version> go_to(const sdk::Release& release, std::optional<sdk::Version> version) {
  for (std::size_t steps = 0; version && steps <= release.withdrawn.size(); ++steps) {
    auto entry =
        std::find_if(release.withdrawn.begin(), release.withdrawn.end(), [&](const auto& item) { return item.version == version; });
    if (entry == release.withdrawn.end()) return version;
    version = entry->go_to;
  }
  return std::nullopt;  // the list leads in a circle, or says nothing
}

// The version to leave a withdrawn installed one for; nullopt: it is not withdrawn, or nobody says where to go.
std::optional<sdk::Version> way_out(const Facts& facts) {
  const auto installed = facts.installed != nullptr ? facts.installed->release : std::nullopt;
  if (!installed) return std::nullopt;
  const auto out = go_to(*facts.release, installed);
  return out == installed ? std::nullopt : out;
}

// Whether nothing that the rules know keeps this host from the version, but a window and the host itself.
bool is_open_here(const Facts& facts, const std::optional<sdk::Version>& version) {
  if (!version) return false;
  const View view(facts, version);
  constexpr std::array<Row, 6> kInTheWay = {quarantined, downgrade, major_skip, minimum_from, not_before, rollout_share};
  return std::none_of(kInTheWay.begin(), kInTheWay.end(), [&](Row row) { return row(view).has_value(); });
}

}  // namespace

std::optional<sdk::Version> choose_target(const Facts& facts) {
  if (facts.rollback_to) return facts.rollback_to;
  if (facts.pin) return facts.pin->version;
  if (facts.release == nullptr || !facts.release->version) return std::nullopt;
  // Whoever has a withdrawn version leaves it where the list says, rather than wait with it for his turn in the rollout of the next one.
  const auto offered = go_to(*facts.release, facts.release->version);
  if (const auto out = way_out(facts); out && !is_open_here(facts, offered)) return out;
  return offered;
}

View::View(const Facts& facts_) : View(facts_, choose_target(facts_)) {}

View::View(const Facts& facts_, std::optional<sdk::Version> target_)
    : facts(facts_),
      target(std::move(target_)),
      pinned(facts_.pin && !facts_.rollback_to),
      critical(!facts_.pin && !facts_.rollback_to && facts_.release != nullptr && facts_.release->critical &&
               facts_.release->version == target),
      forced(facts_.force.has_value()),
      goal(target ? target->str() : ""),
      agent(facts_.agent.empty() ? "AGENT" : facts_.agent) {}

const sdk::Release& View::release() const {
  if (facts.release == nullptr) throw std::logic_error("a row of the decision that needs a release stands before no_release");
  return *facts.release;
}

const sdk::Version& View::wanted() const {
  if (!target) throw std::logic_error("a row of the decision that needs a target stands before withdrawn");
  return *target;
}

std::string command(const View& view, const std::string& verb, const std::string& rest) {
  return "`upkeep " + verb + " " + view.agent + (rest.empty() ? "" : " ") + rest + "`";
}

Decision decide(const Facts& facts) {
  const View view(facts);
  auto ask = [&view](const auto& rows) -> Decision {
    for (Row matches : rows) {
      if (auto decision = matches(view)) {
        decision->target = view.target;
        return *decision;
      }
    }
    throw std::logic_error("no row of the decision matched");
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

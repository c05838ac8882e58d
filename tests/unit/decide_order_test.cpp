// SPDX-License-Identifier: Apache-2.0
// First match wins; and what a pin, a force and a rollback take out of the table.

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "core/decide_rows.h"
#include "unit/decide_facts.h"

namespace upkeep::core {
namespace {

using sdk::Action;
using sdk::Reason;

struct Trigger {
  Reason reason;
  std::function<void(World&)> set;  // changes the world so that this row matches
};

// The table of core/decide.cpp, in its order.
const std::vector<Trigger>& table() {
  static const std::vector<Trigger> kTable = {
      {Reason::suspended,
       [](World& world) {
         world.facts.suspension = Suspension{"alice", "x", std::nullopt};
       }},
      {Reason::no_release, [](World& world) { world.release.version.reset(); }},
      {Reason::not_trusted, [](World& world) { world.facts.not_trusted = "forged"; }},
      {Reason::pinned,
       [](World& world) {
         world.pin("1.2.3");
         world.installed.matches_target = true;
       }},
      {Reason::withdrawn, [](World& world) { world.withdraw("2.3.4"); }},
      {Reason::up_to_date, [](World& world) { world.installed.matches_target = true; }},
      {Reason::not_installed, [](World& world) { world.install(""); }},
      {Reason::quarantined, [](World& world) { world.facts.quarantined["2.3.4"] = "crashed"; }},
      {Reason::downgrade, [](World& world) { world.install("3.0.0"); }},
      {Reason::major_skip,
       [](World& world) {
         world.install("1.2.3");
         world.facts.policy.major_skip = 0;
       }},
      {Reason::minimum_from, [](World& world) { world.release.minimum_from = version("99.0.0"); }},
      {Reason::not_before, [](World& world) { world.release.not_before = world.facts.now + std::chrono::hours(1); }},
      {Reason::rollout_share,
       [](World& world) {
         world.release.rollout = {{world.facts.now, 0}};
       }},
      {Reason::no_way_back,
       [](World& world) {
         world.installed.way_back.how = sdk::WayBackHow::none;
         world.facts.policy.require_way_back = RequireWayBack::always;
       }},
      {Reason::held, [](World& world) { world.installed.held_by = {"apt-mark"}; }},
      {Reason::contested, [](World& world) { world.facts.contested = "flux"; }},
      {Reason::forced, [](World& world) { world.facts.force = Force{}; }},
      {Reason::critical, [](World& world) { world.release.critical = true; }},
      {Reason::unhealthy,
       [](World& world) {
         world.facts.health = sdk::Health::unhealthy;
         world.facts.policy.unhealthy_may_upgrade = true;
       }},
      {Reason::window_open, [](World& world) { world.schedule(true, std::nullopt); }},
      {Reason::outside_window, [](World& world) { world.schedule(false, std::nullopt); }},
  };
  return kTable;
}

// Rows that a force passes, and rows that do not apply with a pin.
const std::set<Reason> kForcePasses = {Reason::suspended, Reason::not_before, Reason::rollout_share, Reason::held, Reason::contested};
const std::set<Reason> kPinPasses = {Reason::no_release, Reason::not_trusted,   Reason::withdrawn,
                                     Reason::not_before, Reason::rollout_share, Reason::critical};

bool can_match_together(Reason first, Reason second) {
  if (second == Reason::forced) return !kForcePasses.contains(first);
  if (second == Reason::pinned) return !kPinPasses.contains(first);
  if (first == Reason::downgrade && second == Reason::major_skip) return false;  // lower and higher at once
  return !(first == Reason::window_open && second == Reason::outside_window);
}

TEST(DecideOrder, EachRowMatchesAlone) {
  for (const Trigger& trigger : table()) {
    World world;
    trigger.set(world);
    EXPECT_EQ(world.reason(), trigger.reason);
  }
}

TEST(DecideOrder, OfAnyTwoRowsThatMatchTheFirstWins) {
  int pairs = 0;
  for (std::size_t i = 0; i < table().size(); ++i) {
    for (std::size_t j = i + 1; j < table().size(); ++j) {
      const Trigger& first = table()[i];
      const Trigger& second = table()[j];
      if (!can_match_together(first.reason, second.reason)) continue;
      World world;
      second.set(world);
      first.set(world);
      EXPECT_EQ(world.reason(), first.reason) << "together with " << name(second.reason);
      ++pairs;
    }
  }
  EXPECT_EQ(pairs, 210 - 5 - 2 - 2);
}

TEST(DecideOrder, ARowThatStandsTooEarlyIsABugAndNoGuess) {
  World world;
  world.facts.installed = &world.installed;
  world.installed.matches_target = true;
  const View nothing_read(world.facts);
  for (const Row row : {not_trusted, withdrawn, up_to_date, quarantined, downgrade, not_before, rollout_share}) {
    world.facts.quarantined["2.3.4"] = "crashed";
    EXPECT_THROW(static_cast<void>(row(nothing_read)), std::logic_error);
  }
}

TEST(DecideOrder, TheTableIsInTheOrderOfTheListOfReasons) {
  for (std::size_t i = 1; i < table().size(); ++i) EXPECT_LT(table()[i - 1].reason, table()[i].reason);
}

// A world in which a pin to the offered version is the target, so that every other row can still match.
World pinned_world() {
  World world;
  world.pin("2.3.4");
  return world;
}

TEST(DecidePin, TakesOutRows2_3_5_12_13And18) {
  for (const Trigger& trigger : table()) {
    if (trigger.reason == Reason::pinned) continue;
    World world = pinned_world();
    trigger.set(world);
    EXPECT_EQ(world.reason(), kPinPasses.contains(trigger.reason) ? Reason::window_open : trigger.reason);
  }
}

TEST(DecidePin, NeedsNoChannelAtAll) {
  World world = pinned_world();
  world.nothing_read = true;
  EXPECT_EQ(world.reason(), Reason::window_open);
  EXPECT_EQ(world.decide().target, version("2.3.4"));
}

TEST(DecidePin, MakesACriticalReleaseNoReasonToGoWithoutAWayBack) {
  World world = pinned_world();
  world.release.critical = true;
  world.installed.way_back.how = sdk::WayBackHow::none;
  EXPECT_EQ(world.reason(), Reason::no_way_back);
}

TEST(DecidePin, MayAllowItsOwnDowngrade) {
  World world;
  world.install("3.0.0");
  world.facts.pin = Pin{version("2.3.4"), false};
  EXPECT_EQ(world.reason(), Reason::downgrade);
  world.facts.pin->allow_downgrade = true;
  EXPECT_EQ(world.reason(), Reason::window_open);
}

TEST(DecideForce, PassesRows1_12_13_15_16AndTheSchedules) {
  for (const Trigger& trigger : table()) {
    World world;
    world.facts.force = Force{};
    trigger.set(world);
    bool passes = kForcePasses.contains(trigger.reason) || trigger.reason >= Reason::forced;
    EXPECT_EQ(world.reason(), passes ? Reason::forced : trigger.reason);
  }
}

TEST(DecideForce, PassesAClockThatIsNotBelieved) {
  World world;
  world.facts.force = Force{};
  world.facts.clock_problem = "earlier than the build";
  EXPECT_EQ(world.reason(), Reason::forced);
}

TEST(DecideForce, EachOfItsWordsPassesItsOwnRowOnly) {
  const std::vector<std::pair<Reason, bool Force::*>> words = {{Reason::quarantined, &Force::quarantined},
                                                               {Reason::downgrade, &Force::allow_downgrade},
                                                               {Reason::major_skip, &Force::allow_major},
                                                               {Reason::no_way_back, &Force::no_way_back}};
  for (const Trigger& trigger : table()) {
    if (trigger.reason >= Reason::forced || kForcePasses.contains(trigger.reason)) continue;
    for (auto [passed, word] : words) {
      World world;
      world.facts.force = Force{};
      (*world.facts.force).*word = true;
      trigger.set(world);
      EXPECT_EQ(world.reason(), trigger.reason == passed ? Reason::forced : trigger.reason) << "with the word for " << name(passed);
    }
  }
}

TEST(DecideRollback, AsksRows14And15Only) {
  for (const Trigger& trigger : table()) {
    World world;
    trigger.set(world);
    world.facts.rollback_to = version("1.0.0");
    bool asked = trigger.reason == Reason::no_way_back || trigger.reason == Reason::held;
    EXPECT_EQ(world.reason(), asked ? trigger.reason : Reason::rollback) << name(trigger.reason);
    EXPECT_EQ(world.decide().target, version("1.0.0")) << name(trigger.reason);
  }
}

TEST(DecideRollback, IsAnUpgradeActionWithTheFormerVersionAsTarget) {
  World world;
  world.nothing_read = true;
  world.pin("2.0.0");
  world.facts.rollback_to = version("1.0.0");
  Decision decision = world.decide();
  EXPECT_EQ(decision.action, Action::upgrade);
  EXPECT_EQ(decision.text, "an operator goes back to 1.0.0");
}

TEST(DecideRollback, ACriticalReleaseDoesNotExcuseAMissingWayBack) {
  World world;
  world.release.critical = true;
  world.installed.way_back.how = sdk::WayBackHow::none;
  world.facts.rollback_to = version("1.0.0");
  Decision decision = world.decide();
  EXPECT_EQ(decision.reason, Reason::no_way_back);
  EXPECT_EQ(decision.text.find("--no-way-back"), std::string::npos) << "a rollback has no such word";
}

}  // namespace
}  // namespace upkeep::core

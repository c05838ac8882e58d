// SPDX-License-Identifier: Apache-2.0
// The decision, rows 8 to 16: what is wanted, but may not be done now, and what it tells people.

#include <gtest/gtest.h>

#include "unit/decide_facts.h"

namespace upkeep::core {
namespace {

using sdk::Action;
using sdk::Reason;

TEST(Row8Quarantined, TheTargetFailedHereBefore) {
  World world;
  world.facts.quarantined["2.3.4"] = "the unit demo.service crashed 5 times";
  EXPECT_DECISION(
      world, Action::none, Reason::quarantined,
      "2.3.4 failed here before (the unit demo.service crashed 5 times); `upkeep unquarantine demo 2.3.4` lifts it, `upkeep force demo "
      "--quarantined` tries it once");
}
TEST(Row8Quarantined, AnotherVersionDoesNotMatterAndBuildMetadataNeither) {
  World world;
  world.facts.quarantined["2.3.3"] = "crashed";
  EXPECT_EQ(world.reason(), Reason::window_open);
  world.facts.quarantined["2.3.4+b1"] = "crashed";
  EXPECT_EQ(world.reason(), Reason::quarantined);
}

TEST(Row9Downgrade, WithinAMajorVersionIsAllowedUnlessPolicySaysNever) {
  World world;
  world.install("2.4.0-1");
  EXPECT_EQ(world.reason(), Reason::window_open);
  world.facts.policy.downgrade = Downgrade::never;
  EXPECT_DECISION(world, Action::none, Reason::downgrade,
                  "2.3.4 is lower than the installed 2.4.0-1 and policy allows no downgrade (downgrade = \"never\"); `upkeep force demo "
                  "--allow-downgrade` goes there once");
}
TEST(Row9Downgrade, AcrossMajorVersionsOnlyWhenPolicySaysAny) {
  World world;
  world.install("3.0.0");
  EXPECT_EQ(world.reason(), Reason::downgrade);
  EXPECT_NE(world.text().find("same-major"), std::string::npos);
  world.facts.policy.downgrade = Downgrade::any;
  EXPECT_EQ(world.reason(), Reason::window_open);
}
TEST(Row9Downgrade, FromAReleaseToItsPreReleaseIsOneToo) {
  World world;
  world.facts.policy.downgrade = Downgrade::never;
  world.release.version = version("2.3.4-rc.1");
  world.install("2.3.4-1");
  EXPECT_EQ(world.reason(), Reason::downgrade);
}

TEST(Row10MajorSkip, CountsMajorVersionsAboveTheInstalled) {
  World world;
  world.release.version = version("3.0.0");
  world.facts.policy.major_skip = 2;
  EXPECT_EQ(world.reason(), Reason::window_open);
  world.facts.policy.major_skip = 1;
  EXPECT_DECISION(
      world, Action::none, Reason::major_skip,
      "3.0.0 is 2 major versions above the installed 1.2.3 and policy allows 1 (major_skip); `upkeep force demo --allow-major` goes there "
      "once");
  world.facts.policy.major_skip = 0;
  EXPECT_EQ(world.reason(), Reason::major_skip);
  world.release.version = version("1.9.0");
  EXPECT_EQ(world.reason(), Reason::window_open);
}
TEST(Row10MajorSkip, DoesNotOverflow) {
  World world;
  world.facts.policy.major_skip = 0;
  world.facts.policy.downgrade = Downgrade::any;
  world.install("18446744073709551615.0.0");
  EXPECT_EQ(world.reason(), Reason::window_open);
}

TEST(Row11MinimumFrom, WantsANewerVersionToUpgradeFrom) {
  World world;
  world.release.minimum_from = version("1.2.3");
  EXPECT_EQ(world.reason(), Reason::window_open);
  world.release.minimum_from = version("1.3.0");
  EXPECT_DECISION(
      world, Action::none, Reason::minimum_from,
      "2.3.4 can be upgraded to from 1.3.0 or later only, and 1.2.3 is installed; `upkeep pin demo 1.3.0` takes that step first");
}
TEST(Row11MinimumFrom, DoesNotStopThePinThatTakesTheStep) {
  World world;
  world.release.minimum_from = version("1.3.0");
  world.pin("1.3.0");
  EXPECT_EQ(world.reason(), Reason::window_open);
  world.pin("2.3.4");
  EXPECT_EQ(world.reason(), Reason::minimum_from);
}

TEST(Row12NotBefore, WaitsUntilTheReleaseStarts) {
  World world;
  world.release.not_before = time_at(kLater);
  EXPECT_DECISION(world, Action::wait, Reason::not_before, "2.3.4 may start at 2027-01-05T02:00:00Z at the earliest");
  EXPECT_EQ(world.decide().until, time_at(kLater));
  world.release.not_before = time_at(kMonday);
  EXPECT_EQ(world.reason(), Reason::window_open);
}

TEST(Row13RolloutShare, WaitsForTheStageThatReachesThisHost) {
  World world;
  world.facts.share = 37.25;
  world.release.rollout = {{time_at("2027-01-06T00:00:00Z"), 100}, {time_at("2027-01-04T00:00:00Z"), 10}, {time_at(kLater), 50}};
  EXPECT_DECISION(
      world, Action::wait, Reason::rollout_share,
      "it is not this host's turn for 2.3.4 yet: the rollout is at 10 % and its place is 37.2 %; its turn comes at 2027-01-05T02:00:00Z");
  EXPECT_EQ(world.decide().until, time_at(kLater));
  world.facts.share = 9.99;
  EXPECT_EQ(world.reason(), Reason::window_open);
}
TEST(Row13RolloutShare, AStageOfZeroPercentStopsTheRolloutForAll) {
  World world;
  world.facts.share = 0;
  world.release.rollout = {{time_at("2027-01-03T00:00:00Z"), 50}, {time_at("2027-01-04T00:00:00Z"), 0}};
  Decision decision = world.decide();
  EXPECT_EQ(decision.reason, Reason::rollout_share);
  EXPECT_EQ(decision.until, std::nullopt);
  EXPECT_NE(decision.text.find("no stage that reaches it is announced"), std::string::npos);
}
TEST(Row13RolloutShare, BeforeTheFirstStageNobodyHasATurn) {
  World world;
  world.release.rollout = {{time_at(kLater), 100}};
  EXPECT_EQ(world.reason(), Reason::rollout_share);
  EXPECT_EQ(world.decide().until, time_at(kLater));
}

TEST(Row14NoWayBack, NamesTheNextStep) {
  World world;
  world.installed.way_back = {sdk::WayBackHow::none, "run `sudo upkeep enable demo` to fill the package store"};
  EXPECT_DECISION(world, Action::none, Reason::no_way_back,
                  "once 2.3.4 is installed, 1.2.3 could not be had again: run `sudo upkeep enable demo` to fill the package store; policy "
                  "requires a way "
                  "back (require_way_back), `upkeep force demo --no-way-back` goes without one");
}
TEST(Row14NoWayBack, PolicyDecides) {
  World world;
  world.installed.way_back.how = sdk::WayBackHow::none;
  world.facts.policy.require_way_back = RequireWayBack::never;
  EXPECT_EQ(world.reason(), Reason::window_open);
  world.facts.policy.require_way_back = RequireWayBack::unless_critical;
  EXPECT_EQ(world.reason(), Reason::no_way_back);
  world.release.critical = true;
  EXPECT_EQ(world.reason(), Reason::critical);
  world.facts.policy.require_way_back = RequireWayBack::always;
  EXPECT_EQ(world.reason(), Reason::no_way_back);
}
TEST(Row14NoWayBack, WhereNothingIsInstalledThereIsNothingToComeBackTo) {
  World world;
  world.install("");
  world.installed.way_back.how = sdk::WayBackHow::none;
  world.facts.policy.install_missing = true;
  EXPECT_EQ(world.reason(), Reason::window_open);
}

TEST(Row15Held, NamesEveryHold) {
  World world;
  world.installed.held_by = {"apt-mark hold of demo-agent", "the pin in /etc/apt/preferences.d/demo"};
  EXPECT_DECISION(
      world, Action::none, Reason::held,
      "somebody else holds the installed version: apt-mark hold of demo-agent, the pin in /etc/apt/preferences.d/demo; lift that hold, or "
      "`upkeep force demo` passes it once");
}

TEST(Row16Contested, NamesTheOther) {
  World world;
  world.facts.contested = "argocd-controller";
  EXPECT_DECISION(
      world, Action::none, Reason::contested,
      "argocd-controller keeps putting the old version back; once that has ended, `upkeep unquarantine demo 2.3.4` lets 2.3.4 be "
      "tried again; `upkeep force demo` tries it once");
}

}  // namespace
}  // namespace upkeep::core

// SPDX-License-Identifier: Apache-2.0
// The decision, rows 1 to 7 and 17 to 21: when each matches, what it does, until when, and what it tells people. Rows 8 to 16
// are in decide_may_test.cpp; the order of the rows, pins, force and rollback in decide_order_test.cpp.

#include "core/decide.h"

#include <gtest/gtest.h>

#include "unit/decide_facts.h"

namespace upkeep::core {
namespace {

using sdk::Action;
using sdk::Reason;

TEST(Row1Suspended, WaitsUntilItsEnd) {
  World world;
  world.facts.suspension = Suspension{"alice", "migration", time_at(kLater)};
  EXPECT_DECISION(world, Action::wait, Reason::suspended,
                  "suspended by alice: migration; it ends at 2027-01-05T02:00:00Z, or earlier with `upkeep resume demo`");
  EXPECT_EQ(world.decide().until, time_at(kLater));
  EXPECT_EQ(world.decide().target, version("2.3.4"));
}
TEST(Row1Suspended, WithoutAnEndItNamesTheCommandThatEndsIt) {
  World world;
  world.facts.suspension = Suspension{"alice", "migration", std::nullopt};
  EXPECT_DECISION(world, Action::wait, Reason::suspended, "suspended by alice: migration; `upkeep resume demo` ends it");
  EXPECT_EQ(world.decide().until, std::nullopt);
}
TEST(Row1Suspended, IsOverAtItsEnd) {
  World world;
  world.facts.suspension = Suspension{"alice", "migration", time_at(kMonday)};
  EXPECT_EQ(world.reason(), Reason::window_open);
}

TEST(Row2NoRelease, WhenNothingHasBeenReadSaysWhy) {
  World world;
  world.nothing_read = true;
  EXPECT_DECISION(world, Action::none, Reason::no_release, "the channel has not been read yet");
  world.facts.last_error = "updates.example.com: connection refused";
  EXPECT_DECISION(world, Action::none, Reason::no_release,
                  "the channel has not been read yet; the last try failed: updates.example.com: connection refused");
  EXPECT_EQ(world.decide().target, std::nullopt);
}
TEST(Row2NoRelease, WhenTheChannelSaysNone) {
  World world;
  world.release.version.reset();
  world.facts.last_error = "status 503";  // of a later poll: not what holds it back
  EXPECT_DECISION(world, Action::none, Reason::no_release, "the channel says none: there is no version to be at");
}

TEST(Row3NotTrusted, SaysWhyAlsoWhenNothingWasEverAccepted) {
  World world;
  world.facts.not_trusted = "no signature of a trusted key";
  EXPECT_DECISION(world, Action::none, Reason::not_trusted, "no trusted release is in force: no signature of a trusted key");
  world.nothing_read = true;
  EXPECT_EQ(world.reason(), Reason::not_trusted);
}
TEST(Row3NotTrusted, AReleaseCountsUntilItExpires) {
  World world;
  world.release.expires = time_at(kMonday) + sdk::Millis(1);
  EXPECT_EQ(world.reason(), Reason::window_open);
  world.release.expires = time_at(kMonday);
  EXPECT_DECISION(world, Action::none, Reason::not_trusted,
                  "the channel's release expired at 2027-01-04T12:00:00Z; its publisher must sign it again");
}

TEST(Row4Pinned, AtThePinnedVersionWhileTheChannelOffersAnother) {
  World world;
  world.pin("1.2.3");
  world.installed.matches_target = true;
  EXPECT_DECISION(world, Action::none, Reason::pinned,
                  "pinned to 1.2.3, while the channel offers 2.3.4; `upkeep unpin demo` follows the channel again");
  EXPECT_EQ(world.decide().target, version("1.2.3"));
}
TEST(Row4Pinned, TheSameVersionIsSimplyUpToDate) {
  World world;
  world.pin("2.3.4");
  world.installed.matches_target = true;
  EXPECT_DECISION(world, Action::none, Reason::up_to_date, "2.3.4 is the pinned version");
  world.nothing_read = true;
  EXPECT_EQ(world.reason(), Reason::up_to_date);
}
TEST(Row4Pinned, APinThatIsNotReachedYetIsTheTarget) {
  World world;
  world.pin("2.0.0");
  EXPECT_EQ(world.reason(), Reason::window_open);
  EXPECT_EQ(world.decide().target, version("2.0.0"));
}

TEST(Row5Withdrawn, TheOfferedVersionWithoutAnotherToGoTo) {
  World world;
  world.withdraw("2.3.4");
  EXPECT_DECISION(world, Action::none, Reason::withdrawn,
                  "2.3.4 was withdrawn and the channel names no version to go to; the next release ends this");
  EXPECT_EQ(world.decide().target, std::nullopt);
}
TEST(Row5Withdrawn, TheVersionToGoToIsTheTarget) {
  World world;
  world.withdraw("2.3.4", version("2.3.3"));
  EXPECT_EQ(world.reason(), Reason::window_open);
  EXPECT_EQ(world.decide().target, version("2.3.3"));
  world.installed.matches_target = true;
  EXPECT_DECISION(world, Action::none, Reason::up_to_date, "2.3.3 is what the channel names in place of the withdrawn 2.3.4");
}
TEST(Row5Withdrawn, AVersionToGoToThatIsWithdrawnItselfLeadsOn) {
  World world;
  world.withdraw("2.3.4", version("2.3.3"));
  world.withdraw("2.3.3", version("2.3.1"));
  EXPECT_EQ(world.decide().target, version("2.3.1"));
  world.withdraw("2.3.1");
  EXPECT_EQ(world.reason(), Reason::withdrawn);
}
TEST(Row5Withdrawn, AListThatLeadsInACircleNamesNoVersion) {
  World world;
  world.withdraw("2.3.4", version("2.3.3"));
  world.withdraw("2.3.3", version("2.3.4"));
  EXPECT_EQ(world.reason(), Reason::withdrawn);
}
TEST(Row5Withdrawn, AnInstalledOneIsLeftForTheListsVersionWhileTheOfferedOneIsNotDueHere) {
  World world;
  world.withdraw("1.2.3", version("1.2.2"));
  world.facts.share = 40;
  world.release.rollout = {{time_at("2027-01-04T00:00:00Z"), 10}, {time_at(kLater), 100}};
  EXPECT_EQ(world.reason(), Reason::window_open) << "a bad version does not wait for its turn";
  EXPECT_EQ(world.decide().target, version("1.2.2"));
  world.install("1.2.2");
  EXPECT_EQ(world.reason(), Reason::rollout_share);
  EXPECT_EQ(world.decide().target, version("2.3.4"));
  world.install("1.2.3");
  world.facts.share = 5;
  EXPECT_EQ(world.decide().target, version("2.3.4")) << "its turn has come: one upgrade, not two";
  world.release.rollout.clear();
  world.release.not_before = time_at(kLater);
  EXPECT_EQ(world.decide().target, version("1.2.2"));
  world.facts.policy.downgrade = Downgrade::never;
  EXPECT_EQ(world.reason(), Reason::downgrade) << "the host's own policy is asked all the same";
}
TEST(Row5Withdrawn, AnInstalledOneIsLeftForTheListsVersionWhenTheOfferedOneIsNoneForThisHost) {
  const auto goes_to = [](const std::function<void(World&)>& change) {
    World world;
    world.withdraw("1.2.3", version("1.2.2"));
    change(world);
    return world.decide().target;
  };
  EXPECT_EQ(goes_to([](World& world) { world.release.minimum_from = version("1.9.0"); }), version("1.2.2"));
  EXPECT_EQ(goes_to([](World& world) { world.facts.policy.major_skip = 0; }), version("1.2.2"));
  EXPECT_EQ(goes_to([](World& world) { world.facts.quarantined["2.3.4"] = "it crashed"; }), version("1.2.2"));
  EXPECT_EQ(goes_to([](World& world) { world.withdraw("2.3.4"); }), version("1.2.2"));
  EXPECT_EQ(goes_to([](World&) {}), version("2.3.4"));
}
TEST(Row18Critical, OfTheOfferedVersionSaysNothingOfTheOneToLeaveFor) {
  World world;
  world.withdraw("1.2.3", version("1.2.2"));
  world.release.critical = true;
  world.release.not_before = time_at(kLater);
  world.schedule(false, kLater);
  EXPECT_EQ(world.reason(), Reason::outside_window);
  EXPECT_EQ(world.decide().target, version("1.2.2"));
}
TEST(Row5Withdrawn, AnInstalledOneWithNowhereToGoWaitsLikeAnyOther) {
  World world;
  world.withdraw("1.2.3");
  world.release.not_before = time_at(kLater);
  EXPECT_EQ(world.reason(), Reason::not_before);
  EXPECT_EQ(world.decide().target, version("2.3.4"));
}
TEST(Row5Withdrawn, AnInstalledOneIsLeftInAnOpenWindowLikeAnyOther) {
  World world;
  world.withdraw("1.2.3", version("1.2.2"));
  EXPECT_DECISION(
      world, Action::upgrade, Reason::window_open,
      "2.3.4 is due and the maintenance window is open (window Mon 12:00-13:00 UTC) until 2027-01-04T13:00:00Z; the installed 1.2.3 "
      "was withdrawn");
  world.schedule(false, kLater);
  EXPECT_EQ(world.reason(), Reason::outside_window);
}

TEST(Row6UpToDate, TheInstalledVersionIsOneThatTheTargetAccepts) {
  World world;
  world.installed.matches_target = true;
  EXPECT_DECISION(world, Action::none, Reason::up_to_date, "2.3.4 is what the channel offers");
}

TEST(Row7NotInstalled, UnlessPolicyInstallsIt) {
  World world;
  world.install("");
  EXPECT_EQ(world.decide().action, Action::none);
  EXPECT_EQ(world.reason(), Reason::not_installed);
  EXPECT_NE(world.text().find("install_missing"), std::string::npos);
  world.facts.policy.install_missing = true;
  EXPECT_EQ(world.reason(), Reason::window_open);
}

TEST(Row17Forced, Upgrades) {
  World world;
  world.facts.force = Force{};
  EXPECT_DECISION(world, Action::upgrade, Reason::forced, "an operator forces 2.3.4");
}

TEST(Row18Critical, DoesNotWaitForAWindow) {
  World world;
  world.release.critical = true;
  world.schedule(false, kLater);
  EXPECT_DECISION(world, Action::upgrade, Reason::critical, "2.3.4 is critical, so no window is waited for");
}

TEST(Row19Unhealthy, OnlyWhenPolicyLetsIt) {
  World world;
  world.schedule(false, kLater);
  world.facts.health = sdk::Health::unhealthy;
  EXPECT_EQ(world.reason(), Reason::outside_window);
  world.facts.policy.unhealthy_may_upgrade = true;
  EXPECT_EQ(world.reason(), Reason::unhealthy);
  EXPECT_EQ(world.decide().action, Action::upgrade);
  world.facts.health = sdk::Health::unknown;
  EXPECT_EQ(world.reason(), Reason::outside_window);
}

TEST(Row20WindowOpen, EverySchedulesIsOpenUntilTheFirstCloses) {
  World world;
  world.add_schedule(true, std::nullopt, "", "lease");
  world.add_schedule(true, "2027-01-04T12:30:00Z", "freeze ends");
  EXPECT_DECISION(
      world, Action::upgrade, Reason::window_open,
      "2.3.4 is due and the maintenance window is open (window Mon 12:00-13:00 UTC; lease; freeze ends) until 2027-01-04T12:30:00Z");
  EXPECT_EQ(world.decide().until, time_at("2027-01-04T12:30:00Z"));
}
TEST(Row20WindowOpen, AnUnknownInstalledVersionMayBeUpgradedFromAndTheTextSaysSo) {
  World world;
  world.install("2027a-custom");
  world.facts.policy.downgrade = Downgrade::never;
  world.facts.policy.major_skip = 0;
  world.release.minimum_from = version("2.0.0");
  EXPECT_EQ(world.reason(), Reason::window_open);
  EXPECT_NE(world.text().find("2027a-custom is no semantic version, so whether 2.3.4 is newer could not be checked"), std::string::npos)
      << world.text();
}

TEST(Row21OutsideWindow, SaysWhenItOpens) {
  World world;
  world.schedule(false, kLater);
  EXPECT_DECISION(world, Action::wait, Reason::outside_window,
                  "outside the maintenance window (window Mon 12:00-13:00 UTC); it opens at 2027-01-05T02:00:00Z");
  EXPECT_EQ(world.decide().until, time_at(kLater));
  EXPECT_EQ(world.decide().target, version("2.3.4"));
}
TEST(Row21OutsideWindow, OfSeveralClosedSchedulesTheLastToOpenCounts) {
  World world;
  world.schedule(false, kLater);
  world.add_schedule(true, "2027-01-04T12:01:00Z", "open now");
  world.add_schedule(false, "2027-01-09T00:00:00Z", "blackout");
  EXPECT_DECISION(
      world, Action::wait, Reason::outside_window,
      "outside the maintenance window (window Mon 12:00-13:00 UTC; blackout); it opens at the earliest at 2027-01-09T00:00:00Z");
  EXPECT_EQ(world.decide().until, time_at("2027-01-09T00:00:00Z"));
}
TEST(Row21OutsideWindow, OneThatDoesNotSayWhenLeavesItUnknown) {
  World world;
  world.schedule(false, kLater);
  world.add_schedule(false, std::nullopt, "the lock server does not answer");
  EXPECT_DECISION(
      world, Action::wait, Reason::outside_window,
      "outside the maintenance window (window Mon 12:00-13:00 UTC; the lock server does not answer); when it opens is not known");
  EXPECT_EQ(world.decide().until, std::nullopt);
}
TEST(Row21OutsideWindow, AClockThatIsNotBelievedOpensNoWindow) {
  World world;
  world.facts.clock_problem = "it is earlier than the journal's last entry, and not synchronised";
  EXPECT_DECISION(
      world, Action::wait, Reason::outside_window,
      "the clock is not believed, so no maintenance window is open: it is earlier than the journal's last entry, and not synchronised");
  EXPECT_EQ(world.decide().until, std::nullopt);
  world.release.critical = true;
  EXPECT_EQ(world.reason(), Reason::critical);
}

TEST(Texts, WithoutAnAgentsNameSayAGENT) {
  World world;
  world.facts.agent.clear();
  world.facts.suspension = Suspension{"alice", "x", std::nullopt};
  EXPECT_NE(world.text().find("`upkeep resume AGENT`"), std::string::npos);
}

}  // namespace
}  // namespace upkeep::core

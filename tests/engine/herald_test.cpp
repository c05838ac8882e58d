// SPDX-License-Identifier: Apache-2.0
// What the installer is told of an agent's fate, and given to show: bounded, best effort, never in the way.
#include <gtest/gtest.h>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;

struct HeraldOf : testing::Test {
  World world;
  HeraldOf() { world.version = "2.3.4"; }
};

TEST_F(HeraldOf, StartAndSuccessAreTold) {
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min));
  rig.settle();
  ASSERT_EQ(world.told.size(), 2U) << testing::PrintToString(world.told);
  EXPECT_EQ(world.told[0], "started 1.2.3-1 -> 2.3.4-1: 1.2.3-1 -> 2.3.4-1 (window_open)");
  EXPECT_EQ(world.told[1], "committed 1.2.3-1 -> 2.3.4-1: healthy for 1m");
  rig.pass(48h);
  EXPECT_EQ(world.told.size(), 2U);
}

TEST_F(HeraldOf, AWayBackAndBeingStuckAreTold) {
  world.bad = {"2.3.4-1"};
  {
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 10min));
    rig.settle();
    ASSERT_EQ(world.told.size(), 2U) << testing::PrintToString(world.told);
    EXPECT_EQ(world.told[1].find("rolled_back 1.2.3-1 -> 2.3.4-1: unhealthy: "), 0U) << world.told[1];
  }
  world.version = "2.3.5";
  world.bad = {"2.3.5-1"};
  world.verb_errors.emplace("revert", sdk::Error(sdk::Errc::unsupported, "it is nowhere any more"));
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "stuck"; }, 30min));
  rig.settle();
  EXPECT_EQ(world.told.back().find("stuck 1.2.3-1 -> 2.3.5-1: unhealthy: "), 0U) << world.told.back();
}

// Every 15 minutes, over restarts of the daemon: once.
TEST_F(HeraldOf, ARefusalThatIsTheSameIsToldOnce) {
  world.verb_errors.emplace("prepare", sdk::Error(sdk::Errc::denied, "no valid signature"));
  for (int i = 0; i < 3; ++i) {
    Rig rig(world);
    rig.pass(12h);
    EXPECT_GT(rig.history()[0]["times"], 1) << "it is asked again";
  }
  EXPECT_EQ(world.told, std::vector<std::string>{"refused 1.2.3-1 -> 2.3.4: no valid signature"});
  world.verb_errors.at("prepare").message = "no signature at all";
  Rig rig(world);
  rig.pass(1h);
  ASSERT_EQ(world.told.size(), 2U) << testing::PrintToString(world.told);
  EXPECT_EQ(world.told[1], "refused 1.2.3-1 -> 2.3.4: no signature at all");
}

TEST_F(HeraldOf, ARefusalBeforeTheWindowAndOneOfTheRulesAreToldOnce) {
  world.window_open = false;
  world.verb_errors.emplace("prepare", sdk::Error(sdk::Errc::denied, "no valid signature"));
  Rig rig(world);
  rig.pass(48h);
  EXPECT_EQ(world.told, std::vector<std::string>{"refused 1.2.3-1 -> 2.3.4: no valid signature"});
  world.version = "0.9.0";
  rig.pass(48h);
  ASSERT_EQ(world.told.size(), 2U) << testing::PrintToString(world.told);
  EXPECT_EQ(world.told[1].find("refused 1.2.3-1 -> 0.9.0: 0.9.0 is lower than the installed 1.2.3"), 0U) << world.told[1];
}

TEST_F(HeraldOf, WhoeverDoesNotListenHoldsUpNothing) {
  world.tell_hangs = true;
  {
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 5min)) << rig.status();
    rig.pass(2min);
    EXPECT_EQ(world.tellings, 2) << "given up after half a minute, and the next is told";
  }
  world.tell_hangs = false;
  world.tell_error = sdk::Error(sdk::Errc::denied, "may not create events");
  world.version = "2.3.5";
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed" && world.installed == "2.3.5-1"; }, 10min));
  rig.pass(48h);
  EXPECT_EQ(world.tellings, 4) << "what cannot be told is lost";
}

TEST_F(HeraldOf, TheStatusIsShownWhenItChangesAndNotMoreOften) {
  world.shows = true;
  Rig rig(world, [](core::AgentSettings& settings) { settings.poll = 30s; });
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed" && rig.reason() == "up_to_date"; }, 10min));
  rig.pass(20s);
  EXPECT_EQ(world.shown, rig.status());
  EXPECT_EQ(world.shown["installed"], "2.3.4-1");
  EXPECT_LE(world.showings, 15) << "every ten seconds at most";
  EXPECT_GE(world.showings, 3);
  const auto before = world.showings;
  rig.pass(10h);
  EXPECT_LE(world.showings - before, 11) << "polls alone are shown once an hour";
  EXPECT_GE(world.showings - before, 9);
}

TEST_F(HeraldOf, WhatCannotBeShownIsTriedAgainWithBackOff) {
  world.shows = true;
  world.show_error = sdk::Error(sdk::Errc::transient, "the server is away");
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min));
  const auto before = world.showings;
  rig.pass(1h);
  EXPECT_GT(world.showings - before, 40);
  EXPECT_LT(world.showings - before, 130) << "from half a minute to a minute apart";
  world.show_error.reset();
  rig.pass(2min);
  EXPECT_EQ(world.shown["installed"], "2.3.4-1");
}

TEST_F(HeraldOf, NobodyWhoDoesNotShowIsAsked) {
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min));
  rig.pass(10h);
  EXPECT_EQ(world.showings, 0);
}

}  // namespace
}  // namespace upkeep::test

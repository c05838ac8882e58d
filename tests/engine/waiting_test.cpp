// SPDX-License-Identifier: Apache-2.0
// Errors that pass: waited out, for as long as the other side asks, and no version is blamed for them.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;

sdk::Error passing(std::optional<std::chrono::seconds> retry_after = std::nullopt) {
  sdk::Error out(sdk::Errc::transient, "the bus is away");
  out.retry_after = retry_after;
  return out;
}

class Waiting : public testing::Test {
 protected:
  Waiting() { world.version = "2.3.4"; }
  [[nodiscard]] long count(const std::string& verb) const {
    return std::count_if(world.verbs.begin(), world.verbs.end(), [&](const std::string& one) { return one.starts_with(verb); });
  }
  World world;
};

TEST_F(Waiting, ARestartThatFailsForAMinuteCondemnsNobody) {
  world.verb_errors.emplace("activate", passing());
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "activating"; }, 10min)) << rig.status();
  rig.pass(1min);
  EXPECT_EQ(rig.phase(), "activating");
  world.verb_errors.clear();
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 5min)) << rig.status();
}

TEST_F(Waiting, ARestartThatNeverWorksIsTakenBackAndTheVersionTriedAgainLater) {
  for (const auto code : {sdk::Errc::transient, sdk::Errc::busy}) {
    world = World();
    world.version = "2.3.4";
    world.verb_errors.emplace("activate", sdk::Error(code, "the bus is away"));
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return rig.phase() == "activating"; }, 10min)) << rig.status();
    const auto began = world.boot;
    ASSERT_TRUE(rig.until([&] { return world.installed == "1.2.3-1"; }, 1h)) << rig.status();
    EXPECT_GE(world.boot - began, 10min);
    EXPECT_LE(world.boot - began, 11min);
    ASSERT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 1min));
    EXPECT_TRUE(rig.status()["quarantined"].empty()) << rig.status();
    world.verb_errors.clear();
    EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 2h)) << rig.status();
  }
}

TEST_F(Waiting, WhatFailsOnceAfterALongRolloutHasNotFailedForTenMinutes) {
  world.on_this_host = false;
  for (const bool again : {false, true}) {
    world.activate_takes = 11min;
    world.verb_errors.emplace("activate", passing());
    world.verbs.clear();
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return count("activate") == 1; }, 10min)) << rig.status();
    world.activate_takes = 0min;
    ASSERT_TRUE(rig.until([&] { return count("activate") == 2; }, 12min)) << rig.status();
    EXPECT_EQ(rig.phase(), "activating");
    if (again) {
      rig.pass(9min + 50s);
      EXPECT_EQ(rig.phase(), "activating");
      EXPECT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 1min)) << rig.status();
    }
    world.verb_errors.clear();
    ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 2h)) << rig.status();
    EXPECT_EQ(rig.history().size(), again ? 3U : 1U) << rig.history();
    world.installed = world.running = "1.2.3-1";
  }
}

TEST_F(Waiting, ARestartThatTakesLongEachTimeIsTakenBackAllTheSame) {
  world.activate_takes = 90s;
  world.verb_errors.emplace("activate", passing());
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "activating"; }, 10min)) << rig.status();
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 15min)) << rig.status();
}

TEST_F(Waiting, ARestartThatFailsForGoodStillCondemns) {
  world.verb_errors.emplace("activate", sdk::Error(sdk::Errc::internal, "the unit does not start"));
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 10min)) << rig.status();
  EXPECT_EQ(count("activate"), 1);
  EXPECT_EQ(rig.status()["quarantined"], nlohmann::json::array({"2.3.4"}));
}

TEST_F(Waiting, AsLongAsTheOtherSideAsksFor) {
  struct Case {
    std::string verb, phase;
    sdk::Millis quiet, heard;  // nothing more by then, something more by then
  };
  const Case cases[] = {
      {"activate", "activating", 3min + 50s, 4min + 10s},
      {"verify", "applying", 3min + 50s, 4min + 10s},
      {"revert", "reverting", 3min + 50s, 4min + 10s},
  };
  for (const auto& one : cases) {
    world = World();
    world.version = "2.3.4";
    world.verb_errors.emplace(one.verb, passing(4min));
    if (one.verb == "revert") world.bad = {"2.3.4-1"};
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return rig.phase() == one.phase && count(one.verb) > 0; }, 10min)) << one.verb << rig.status();
    const auto before = count(one.verb);
    rig.pass(one.quiet);
    EXPECT_EQ(count(one.verb), before) << one.verb;
    rig.pass(one.heard - one.quiet);
    EXPECT_EQ(count(one.verb), before + 1) << one.verb;
  }
}

TEST_F(Waiting, AnAskedWaitEndsWithTheTimeThatThereIs) {
  world.verb_errors.emplace("activate", passing(1h));
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "activating"; }, 10min)) << rig.status();
  ASSERT_TRUE(rig.until([&] { return world.installed == "1.2.3-1"; }, 11min)) << "the lock is not held for an hour";
  EXPECT_EQ(count("activate"), 2);
}

TEST_F(Waiting, ThreeRestartsThatNeverWorkAreTheVersionsDoing) {
  world.verb_errors.emplace("activate", sdk::Error(sdk::Errc::cancelled, "systemd cancelled the job"));
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return !rig.status()["quarantined"].empty(); }, 5h)) << rig.status();
  EXPECT_EQ(rig.history().size(), 3U);
  EXPECT_EQ(world.installed, "1.2.3-1");
}

TEST_F(Waiting, NoAskedWaitOutlastsTheTimeForGoingBack) {
  world.bad = {"2.3.4-1"};
  world.verb_errors.emplace("revert", passing(1h));
  Rig rig(world, [](core::AgentSettings& settings) { settings.revert_deadline = 5min; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "reverting"; }, 10min)) << rig.status();
  EXPECT_TRUE(rig.until([&] { return rig.phase() == "stuck"; }, 8min)) << rig.status();
}

TEST_F(Waiting, NoNewAttemptBeforeTheOtherSideWantsOne) {
  for (const auto code : {sdk::Errc::transient, sdk::Errc::invalid}) {
    world = World();
    world.version = "2.3.4";
    sdk::Error error(code, "too many requests");
    error.retry_after = 40min;
    world.verb_errors.emplace("prepare", error);
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return count("prepare") > 0; }, 10min)) << rig.status();
    rig.pass(39min);
    EXPECT_EQ(count("prepare"), 1);
    world.verb_errors.clear();
    EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min)) << rig.status();
  }
}

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// Many agents on one host: what they do at the same moment is bounded, and waiting costs nothing.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;

class Many : public testing::Test {
 protected:
  static constexpr int kAgents = 40;
  Many() {
    world.version = "2.3.4";
    world.windows[""] = {{world.now + 300h, world.now + 301h}};
  }
  static std::string name(int number) { return "agent" + std::to_string(number); }
  // In place of the one agent of before.
  static void begin(Rig& rig) {
    const auto like = rig.configuration.agents.front();
    rig.configuration.agents.clear();
    for (int i = 0; i < kAgents; ++i) {
      rig.configuration.agents.push_back(like);
      rig.configuration.agents.back().name = name(i);
    }
    ASSERT_TRUE(rig.reload().value()["ok"]);
  }
  static int count(Rig& rig, const std::function<bool(const nlohmann::json&)>& which) {
    int out = 0;
    for (int i = 0; i < kAgents; ++i) out += which(rig.engine().status(name(i)).value()["agents"][0]) ? 1 : 0;
    return out;
  }

  World world;
};

TEST_F(Many, OnlyAFewLookAtTheHostAtOnce) {
  world.inspect_takes = 2s;
  Rig rig(world);
  begin(rig);
  const auto looked = [](const nlohmann::json& one) { return one["decision"]["reason"] == "outside_window"; };
  ASSERT_TRUE(rig.until([&] { return count(rig, looked) == kAgents; }, 5min));
  EXPECT_GT(world.most_inspecting, 1);
  EXPECT_LE(world.most_inspecting, 8);
}

TEST_F(Many, LooksThatNeverEndDoNotKeepTheOthersFromTheirs) {
  world.inspect_takes = 1000h;
  Rig rig(world);
  begin(rig);
  rig.pass(10s);
  EXPECT_EQ(world.inspecting, 8);
  world.inspect_takes = 0s;
  const auto looked = [](const nlohmann::json& one) { return one["decision"]["reason"] == "outside_window"; };
  ASSERT_TRUE(rig.until([&] { return count(rig, looked) >= kAgents - 8; }, 10min));
}

// Workloads of a cluster, all of them behind a critical release.
TEST_F(Many, WorkloadsAreChangedSoManyAtATimeAndStandInLine) {
  world.on_this_host = false;
  world.rollouts_at_once = 7;
  world.apply_takes = 10s;
  world.version = "1.2.3";
  for (int i = 0; i < kAgents; ++i) world.fleet[name(i)] = "1.2.3-1";
  Rig rig(world, [](core::AgentSettings& settings) {
    settings.probes.clear();
    settings.soak = 0s;
    settings.poll = 1min;
  });
  begin(rig);
  const auto at_rest = [](const nlohmann::json& one) { return one["decision"]["reason"] == "up_to_date"; };
  ASSERT_TRUE(rig.until([&] { return count(rig, at_rest) == kAgents; }, 5min));
  const auto looks = world.inspects;
  world.version = "2.3.4";
  world.critical = "yes";
  const auto began = [&] { return !rig.engine().history(name(kAgents - 1), "").value()["operations"].empty(); };
  ASSERT_TRUE(rig.until(began, 5min));
  const auto start = world.boot;
  const auto waits = [](const nlohmann::json& one) {
    return one["operation"].is_object() && one["operation"]["text"].get<std::string>().ends_with(": 7 at a time");
  };
  EXPECT_EQ(count(rig, waits), kAgents - 7);
  const auto done = [&](const nlohmann::json& one) { return one["installed"] == "2.3.4-1" && at_rest(one); };
  ASSERT_TRUE(rig.until([&] { return count(rig, done) == kAgents; }, 5min));
  EXPECT_EQ(world.most_transactions, 7);
  EXPECT_GE(world.boot - start, 60s) << "6 times 10 s";
  EXPECT_LE(world.boot - start, 70s) << "no turn is left empty";
  EXPECT_LE(world.inspects - looks, 6 * kAgents) << "who waits does not look again and again";
  EXPECT_EQ(std::count_if(world.verbs.begin(), world.verbs.end(), [](const auto& one) { return one.starts_with("WRONG"); }), 0);
}

TEST_F(Many, WhatWaitsForItsDryRunDoesNotLookAtTheHostAgainAndAgain) {
  world.prepare_takes = 10s;
  Rig rig(world);
  begin(rig);
  const auto ready = [](const nlohmann::json& one) { return !one["preflight"].is_null() && one["preflight"]["state"] == "ready"; };
  ASSERT_TRUE(rig.until([&] { return count(rig, ready) == kAgents; }, 4h));
  // One at the start, one for the release, and one each half hour.
  EXPECT_LE(world.inspects, kAgents * (3 + 2 * 4)) << "in " << sdk::format_duration(world.boot - sdk::BootTime(1h));
}

}  // namespace
}  // namespace upkeep::test

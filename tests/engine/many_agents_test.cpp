// SPDX-License-Identifier: Apache-2.0
// Many agents on one host: what they do at the same moment is bounded, and waiting costs nothing.
#include <gtest/gtest.h>

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

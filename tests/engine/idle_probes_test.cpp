// SPDX-License-Identifier: Apache-2.0
// Outside of an operation: units by signals alone, other probes only where their health may start an upgrade, one a minute.
#include <gtest/gtest.h>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;

const std::string kUrl = "http://127.0.0.1:3000/readyz";

struct IdleProbes : testing::Test {
  World world;
  int status = 200;
  bool may_upgrade = true;
  int failures = 3;

  std::unique_ptr<Rig> rig() {
    world.web[kUrl] = [this] { return std::pair(status, std::string()); };
    world.listening = {"127.0.0.1:3025"};
    return std::make_unique<Rig>(world, [this](core::AgentSettings& settings) {
      core::ProbeSettings http, tcp;
      http.use = "http";
      http.url = kUrl;
      http.failures = failures;
      http.interval = 1s;
      tcp.use = "tcp";
      tcp.address = "127.0.0.1:3025";
      settings.probes.push_back(http);
      settings.probes.push_back(tcp);
      settings.policy.unhealthy_may_upgrade = may_upgrade;
    });
  }
};

TEST_F(IdleProbes, WithoutThePolicyNobodyLooks) {
  may_upgrade = false;
  auto run = rig();
  run->pass(6h);
  EXPECT_EQ(world.web_asked + world.knocks, 0);
}

TEST_F(IdleProbes, WithItAtMostOneLooksAMinute) {
  auto run = rig();
  run->pass(60min);
  EXPECT_LE(world.web_asked + world.knocks, 61);
  EXPECT_GE(world.web_asked, 29);
  EXPECT_GE(world.knocks, 29);
}

TEST_F(IdleProbes, FailingAsOftenAsIsAllowedMakesItUnhealthyAndGoodLooksMendIt) {
  auto run = rig();
  run->pass(5min);
  EXPECT_EQ(run->status()["health"]["state"], "healthy");
  status = 500;
  run->pass(4min);  // one or two looks
  EXPECT_EQ(run->status()["health"]["state"], "healthy");
  run->pass(4min);
  EXPECT_EQ(run->status()["health"]["state"], "unhealthy");
  status = 200;
  run->pass(3min);
  EXPECT_EQ(run->status()["health"]["state"], "healthy");
  int told = 0;
  for (const auto& event : run->events) told += event["event"] == "health" ? 1 : 0;
  EXPECT_EQ(told, 2);
}

TEST_F(IdleProbes, AnUnhealthyAgentIsUpgradedOutsideItsWindow) {
  world.window_open = false;
  world.version = "2.3.4";
  failures = 1;
  auto run = rig();
  run->pass(10min);
  EXPECT_EQ(run->reason(), "outside_window");
  status = 500;
  world.during_apply = [this] { status = 200; };
  ASSERT_TRUE(run->until([&] { return run->last_result() == "committed"; }, 20min));
  EXPECT_EQ(run->history()[0]["reason"], "unhealthy");
}

TEST_F(IdleProbes, ALookThatHangsKeepsNobodyWaiting) {
  world.web_hangs = true;
  auto run = rig();
  run->pass(5min);
  EXPECT_TRUE(run->ask(engine::Verb::suspend));
  EXPECT_EQ(run->reload().has_value(), true);
  run->pass(5min);
  EXPECT_EQ(run->reason(), "suspended");
}

TEST_F(IdleProbes, WhatABadVersionAnsweredIsForgottenWithIt) {
  may_upgrade = false;
  world.version = "3.0.0";
  auto run = rig();
  ASSERT_TRUE(run->until([&] { return run->phase() == "soaking"; }, 10min));
  status = 500;
  ASSERT_TRUE(run->until([&] { return run->last_result() == "rolled_back" && run->settled(); }, 10min));
  EXPECT_EQ(run->status()["health"]["state"], "healthy");
  EXPECT_EQ(run->status()["health"]["probes"][1]["state"], "unknown");
}

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// An agent that is no package of this host: exact versions that only its installer can read, and others who look after it, too.
#include <gtest/gtest.h>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using engine::Verb;
using namespace std::chrono_literals;

World workload_world() {
  World world;
  world.image = "registry.test:5000/app";
  world.installed = world.running = "registry.test:5000/app:1.2.3";
  world.version = "2.3.4";
  return world;
}

TEST(Workload, AnOperatorGoesBackToTheReleaseOfTheFormerImage) {
  auto world = workload_world();
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min)) << rig.status();
  EXPECT_EQ(world.installed, "registry.test:5000/app:2.3.4");
  const auto reply = rig.ask(Verb::rollback);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply.value()["decision"]["reason"], "rollback") << reply.value();
  ASSERT_TRUE(rig.until([&] { return rig.history().size() == 2 && rig.last_result() == "committed"; }, 10min));
  EXPECT_EQ(world.installed, "registry.test:5000/app:1.2.3");
  EXPECT_TRUE(rig.until([&] { return rig.reason() == "quarantined"; }, 10min)) << rig.status();
  EXPECT_EQ(rig.status()["quarantined"], nlohmann::json::array({"2.3.4"}));
  rig.pass(5h);
  EXPECT_EQ(world.installed, "registry.test:5000/app:1.2.3");
}

TEST(Workload, ARollbackDuringTheSoakKnowsTheReleaseOfTheImageAlsoAfterARestart) {
  auto world = workload_world();
  {
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  }
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  const auto reply = rig.ask(Verb::rollback, "1.2.3");
  ASSERT_TRUE(reply) << reply.error().message;
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 10min));
  EXPECT_EQ(world.installed, "registry.test:5000/app:1.2.3");
}

TEST(Workload, AChannelThatGoesBackDuringTheSoakWithdrawsTheImage) {
  auto world = workload_world();
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 1h; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  world.version = "1.2.3";
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "withdrawn"; }, 30min)) << rig.status();
  EXPECT_EQ(world.installed, "registry.test:5000/app:1.2.3");
}

TEST(Workload, AfterASupersededOperationTheWayBackIsTheReleaseThatWasCommitted) {
  auto world = workload_world();
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 1h; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  world.version = "2.3.5";
  world.critical = "yes";
  ASSERT_TRUE(
      rig.until([&] { return rig.status()["operation"]["to"] == "registry.test:5000/app:2.3.5" && rig.phase() == "soaking"; }, 30min));
  const auto reply = rig.ask(Verb::rollback, "1.2.3");
  ASSERT_TRUE(reply) << reply.error().message;
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 10min));
  EXPECT_EQ(world.installed, "registry.test:5000/app:1.2.3");
}

TEST(Workload, WhatIsInstalledIsNamedByItsReleaseDuringTheSoak) {
  auto world = workload_world();
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 1h; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  EXPECT_EQ(rig.engine().figures().agents.at(0).installed, sdk::Version::parse("2.3.4").value());
}

}  // namespace
}  // namespace upkeep::test

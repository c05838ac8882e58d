// SPDX-License-Identifier: Apache-2.0
// An installer that knows the agent's health (a workload's rollout): what it says is a probe, and the one that is never excused.
#include <gtest/gtest.h>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;
using sdk::Health;

struct InstallerProbe : testing::Test {
  World world;
  std::function<sdk::Vitals()> upgraded = [] { return sdk::Vitals{Health::healthy, "2 of 2 replicas are ready", false, false, {}}; };
  sdk::Vitals before{Health::healthy, "2 of 2 replicas are ready", false, false, {}};

  InstallerProbe() {
    world.version = "2.3.4";
    world.vitals = [this] { return world.installed == "2.3.4-1" ? upgraded() : before; };
  }
  // Nothing else proves anything.
  std::unique_ptr<Rig> rig() {
    return std::make_unique<Rig>(world, [](core::AgentSettings& settings) { settings.probes = {demo_probe("installer")}; });
  }
  nlohmann::json ends(Rig& rig, const std::string& result) {
    EXPECT_TRUE(rig.until([&] { return rig.last_result() == result; }, 30min)) << rig.status().dump(1);
    return rig.history().empty() ? nlohmann::json() : rig.history()[0];
  }
};

TEST_F(InstallerProbe, NothingIsCommittedBeforeTheRolloutIsDone) {
  sdk::BootTime ready{0};
  upgraded = [&] {
    if (ready == sdk::BootTime(0)) ready = world.boot + 90s;
    if (world.boot < ready) return sdk::Vitals{Health::unknown, "1 of 2 replicas are updated", false, false, {}};
    return sdk::Vitals{Health::healthy, "2 of 2 replicas are ready", false, false, {}};
  };
  auto run = rig();
  ASSERT_TRUE(run->until([&] { return run->phase() == "soaking"; }, 10min));
  run->pass(80s);
  EXPECT_EQ(run->phase(), "soaking") << "the soak of a minute is over, the rollout is not";
  const auto shown = run->status()["health"]["probes"][0];
  EXPECT_EQ(shown["name"], "installer");
  EXPECT_EQ(shown["detail"], "1 of 2 replicas are updated");
  ends(*run, "committed");
  EXPECT_GE(world.boot, ready);
  EXPECT_EQ(run->status()["health"]["state"], "healthy");
}

TEST_F(InstallerProbe, ACrashLoopTakesItBackAtOnceAndIsRecorded) {
  upgraded = [] { return sdk::Vitals{Health::unhealthy, "pod demo-0 crashes again and again", true, false, {"panic: no configuration"}}; };
  auto run = rig();
  const auto began = world.boot;
  const auto ended = ends(*run, "rolled_back");
  EXPECT_LE(world.boot - began, 2min);
  EXPECT_EQ(ended["detail"], "unhealthy: installer: pod demo-0 crashes again and again");
  EXPECT_EQ(run->status()["quarantined"].size(), 1U);
  EXPECT_NE(ended["record"].dump().find("panic: no configuration"), std::string::npos) << ended.dump(1);
}

TEST_F(InstallerProbe, WhatWasUnhealthyBeforeIsNoExcuse) {
  before = {Health::unhealthy, "0 of 2 replicas are ready", false, false, {}};
  upgraded = [this] { return before; };
  auto run = rig();
  EXPECT_EQ(ends(*run, "rolled_back")["detail"], "unhealthy: installer: 0 of 2 replicas are ready");
}

TEST_F(InstallerProbe, OneThatMayNotLookRefusesTheUpgrade) {
  world.vitals = []() -> sdk::Result<sdk::Vitals> { return sdk::fail(sdk::Errc::denied, "may not list pods"); };
  auto run = rig();
  EXPECT_EQ(ends(*run, "refused")["detail"], "nothing could prove its health: installer: may not list pods");
  EXPECT_EQ(world.installed, "1.2.3-1");
}

TEST_F(InstallerProbe, AServerThatIsAwayForAWhileSaysNothingOfTheAgent) {
  int asked = 0;
  world.vitals = [&]() -> sdk::Result<sdk::Vitals> {
    if (world.installed == "2.3.4-1" && ++asked < 10) return sdk::fail(sdk::Errc::transient, "connection refused");
    return before;
  };
  auto run = rig();
  ends(*run, "committed");
}

TEST_F(InstallerProbe, OneThatNeverAnswersHoldsNothingUpForEver) {
  world.vitals = nullptr;
  auto run = rig();
  const auto detail = ends(*run, "rolled_back").value("detail", "");
  EXPECT_NE(detail.find("installer: no answer within 10s"), std::string::npos) << detail;
  EXPECT_TRUE(run->status()["quarantined"].empty()) << "nothing spoke against the version";
}

TEST_F(InstallerProbe, WhatTheInstallerSeesChangeIsLookedAtAtOnce) {
  world.dpkg_changes = 0;
  bool crashes = false;
  upgraded = [&] {
    return crashes ? sdk::Vitals{Health::unhealthy, "pod demo-1 is gone", true, false, {}}
                   : sdk::Vitals{Health::healthy, "2 of 2 replicas are ready", false, false, {}};
  };
  auto run = std::make_unique<Rig>(world, [](core::AgentSettings& settings) {
    settings.probes = {demo_probe("installer")};
    settings.probes[0].interval = 1h;
    settings.soak = 10min;
  });
  ASSERT_TRUE(run->until([&] { return run->phase() == "soaking"; }, 10min));
  run->pass(30s);
  crashes = true;
  ++*world.dpkg_changes;
  EXPECT_TRUE(run->until([&] { return run->last_result() == "rolled_back"; }, 15s)) << "the fake looks every ten seconds";
}

TEST_F(InstallerProbe, WhatIsNotTheVersionsDoingIsTakenBackButNotCondemned) {
  upgraded = [] { return sdk::Vitals{Health::unknown, "pod demo-0 cannot be placed: no node has room", false, true, {}}; };
  auto run = rig();
  const auto detail = ends(*run, "rolled_back").value("detail", "");
  EXPECT_NE(detail.find("no node has room"), std::string::npos) << detail;
  EXPECT_TRUE(run->status()["quarantined"].empty());
  run->pass(20s);
  EXPECT_EQ(run->status()["decision"]["reason"], "retry_later") << "nor at once again";
  EXPECT_EQ(run->history().size(), 1U);
  EXPECT_TRUE(run->until([&] { return run->history().size() == 2; }, 10min));
}

}  // namespace
}  // namespace upkeep::test

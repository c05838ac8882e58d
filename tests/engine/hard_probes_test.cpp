// SPDX-License-Identifier: Apache-2.0
// Probes that make it hard: mute ones on an operator's way back, slow ones, health that comes and goes.
#include <gtest/gtest.h>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;
using engine::Verb;

struct HardProbes : testing::Test {
  World world;
  std::vector<core::ProbeSettings> wanted;
  bool strict = false, may_upgrade = false;
  int status = 200;

  HardProbes() {
    world.version = "2.3.4";
    world.web[kReadyUrl] = [this] { return std::pair(status, std::string("line one\nline two\n")); };
  }
  std::unique_ptr<Rig> rig() {
    return std::make_unique<Rig>(world, [this](core::AgentSettings& settings) {
      settings.probes.insert(settings.probes.end(), wanted.begin(), wanted.end());
      settings.strict_baseline = strict;
      settings.policy.unhealthy_may_upgrade = may_upgrade;
    });
  }
};

// Nothing can prove the older version's log, strict or not; its unit can, and does.
TEST_F(HardProbes, AMuteProbeDoesNotHoldUpAnOperatorsWayBack) {
  for (const bool strictly : {false, true}) {
    world = World();
    world.version = "2.3.4";
    strict = strictly;
    wanted = {demo_probe("log")};
    auto run = rig();
    ASSERT_TRUE(run->until([&] { return run->last_result() == "committed"; }, 30min));
    world.log_error = sdk::Error(sdk::Errc::denied, "the journal cannot be read");
    ASSERT_TRUE(run->ask(Verb::rollback));
    ASSERT_TRUE(run->until([&] { return run->phase() == "soaking"; }, 10min)) << run->status().dump(1);
    run->pass(10s);
    const auto shown = run->status()["health"]["probes"][1];
    EXPECT_EQ(shown["baseline"], true);
    EXPECT_EQ(shown["state"], "unknown");
    ASSERT_TRUE(run->until([&] { return run->history().size() == 2 && run->settled(); }, 30min));
    EXPECT_EQ(run->last_result(), "committed");
    EXPECT_EQ(world.installed, "1.2.3-1");
  }
}

TEST_F(HardProbes, YetWhatCanSpeakCountsOnTheWayBack) {
  wanted = {demo_probe("log"), demo_probe("http")};
  auto run = rig();
  ASSERT_TRUE(run->until([&] { return run->last_result() == "committed"; }, 30min));
  world.log_error = sdk::Error(sdk::Errc::denied, "the journal cannot be read");
  world.during_apply = [this] { status = 500; };
  ASSERT_TRUE(run->ask(Verb::rollback));
  ASSERT_TRUE(run->until([&] { return run->last_result() == "rolled_back"; }, 30min)) << run->status().dump(1);
}

// Nobody waits for ever for a look that a bug has ended.
TEST_F(HardProbes, ABugInALookStopsTheAgentAndIsSaid) {
  wanted = {demo_probe("command")};
  wanted[0].command = {"/bin/true"};
  world.during_run = [](const std::string&) { throw std::logic_error("no such thing"); };
  auto run = rig();
  ASSERT_TRUE(run->until([&] { return !run->engine().troubles().empty(); }, 10min)) << run->status().dump(1);
  EXPECT_NE(run->engine().troubles()[0].find("no such thing"), std::string::npos) << run->engine().troubles()[0];
  EXPECT_EQ(world.installed, "1.2.3-1");
}

// Twenty that hang until their time is up keep the package manager's lock as long as one.
TEST_F(HardProbes, ManySlowLooksBeforeTheApplyTakeAsLongAsOne) {
  wanted.assign(20, demo_probe("command"));
  for (auto& one : wanted) one.command = {"/bin/true"};
  world.run_takes = 10s;
  auto run = rig();
  ASSERT_TRUE(run->until([&] { return run->phase() == "preparing"; }, 10min));
  const auto began = world.boot;
  ASSERT_TRUE(run->until([&] { return run->phase() == "soaking"; }, 10min));
  EXPECT_LE(world.boot - began, 15s);
  EXPECT_GE(world.ran.size(), 20U);
}

// Bad whenever nothing happens, good whenever an operation looks before its gate: a day of it.
TEST_F(HardProbes, HealthThatComesAndGoesDoesNotBeginOperationsWithoutEnd) {
  may_upgrade = true;
  world.window_open = false;
  wanted = {demo_probe("http")};
  std::unique_ptr<Rig> run;
  world.web[kReadyUrl] = [&] { return std::pair(run && run->phase() == "preparing" ? 200 : 500, std::string()); };
  run = rig();
  run->pass(24h);
  int begun = 0;
  for (const auto& event : run->events) begun += event["event"] == "phase" && event["phase"] == "preparing" ? 1 : 0;
  EXPECT_GE(begun, 2);
  EXPECT_LE(begun, 24 * 4 + 1);
  EXPECT_EQ(world.installed, "1.2.3-1");
  // A window is a reason of its own, and waits for nothing.
  world.window_open = true;
  world.web[kReadyUrl] = [] { return std::pair(200, std::string()); };
  EXPECT_TRUE(run->until([&] { return run->last_result() == "committed"; }, 10min));
}

TEST_F(HardProbes, TheFirstFailureAndItsLastOutputAreTheEvidence) {
  wanted = {demo_probe("http")};
  world.during_apply = [this] { status = 503; };
  auto run = rig();
  ASSERT_TRUE(run->until([&] { return run->last_result() == "rolled_back"; }, 30min));
  const auto history = run->history();
  std::vector<std::string> lines;
  for (const auto& one : history[0]["record"])
    if (one["topic"] == "probe") lines = one["lines"].get<std::vector<std::string>>();
  EXPECT_EQ(lines, (std::vector<std::string>{"http 127.0.0.1:3000/readyz: 503 Service Unavailable: \"line one?line two\"", "line one",
                                             "line two"}));
}

}  // namespace
}  // namespace upkeep::test

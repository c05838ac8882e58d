// SPDX-License-Identifier: Apache-2.0
// What `upkeep history --operation` finds later: the probe that failed, the unit's log, how long each phase took; each once.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

std::vector<json> records(Rig& rig, const std::string& topic) {
  std::vector<json> out;
  const auto history = rig.history();
  for (const auto& one : history[0]["record"])
    if (one["topic"] == topic) out.push_back(one["lines"]);
  return out;
}

World bad() {
  World world;
  world.version = "3.0.0";
  world.bad = {"3.0.0-1"};
  return world;
}

TEST(OperationRecord, HasTheProbeThatFailedAndTheUnitsLogSinceTheRestart) {
  auto world = bad();
  for (int i = -5; i <= 60; ++i) world.unit_log->push_back({world.now + std::chrono::hours(i), 3, "line " + std::to_string(i)});
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 1h));
  const auto probe = records(rig, "probe"), log = records(rig, "unit_log");
  ASSERT_EQ(probe.size(), 1U);
  ASSERT_EQ(probe[0].size(), 1U);
  EXPECT_TRUE(probe[0][0].get<std::string>().starts_with("unit demo.service: crash loop")) << probe[0][0];
  ASSERT_EQ(log.size(), 1U);
  EXPECT_EQ(log[0].size(), 21U);
  EXPECT_EQ(log[0][0], "demo.service, its last lines since the restart:");
  EXPECT_EQ(log[0][1].get<std::string>().substr(20), " line 1");  // nothing of before the restart
}

TEST(OperationRecord, ALogThatCannotBeReadIsOneLineThatSaysWhereItIs) {
  auto world = bad();
  world.unit_log.reset();
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 1h));
  const auto log = records(rig, "unit_log");
  ASSERT_EQ(log.size(), 1U);
  ASSERT_EQ(log[0].size(), 1U);
  EXPECT_NE(log[0][0].get<std::string>().find("`journalctl -u demo.service`"), std::string::npos);
}

TEST(OperationRecord, AFailedRestartHasTheUnitsLogToo) {
  World world;
  world.version = "2.3.4";
  world.restart_works = false;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 1h));
  EXPECT_EQ(records(rig, "unit_log").size(), 1U);
  EXPECT_TRUE(records(rig, "probe").empty());
}

TEST(OperationRecord, AGoodUpgradeHasNone) {
  World world;
  world.version = "2.3.4";
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 1h));
  EXPECT_TRUE(rig.history()[0]["record"].empty());
}

// Every death after a record, and the recovery that looks at the same failure again.
TEST(OperationRecord, IsWrittenOnceWhereverTheDaemonDies) {
  int writes = 0;
  {
    auto world = bad();
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 1h));
    writes = world.writes;
  }
  int twice = 0;
  for (int write = 1; write <= writes; ++write) {
    for (const auto fault : {WriteFault::die_before, WriteFault::die_after, WriteFault::landed_but_error}) {
      auto world = bad();
      world.fault_at = write;
      world.fault = fault;
      for (int lives = 0; lives < 2; ++lives) {
        try {
          Rig rig(world);
          if (!rig.until([&] { return rig.last_result() == "rolled_back"; }, 1h)) continue;
          twice += records(rig, "probe").size() > 1 || records(rig, "unit_log").size() > 1;
          EXPECT_FALSE(records(rig, "unit_log").empty()) << write;
          break;
        } catch (const Death&) {
        }
      }
    }
  }
  EXPECT_EQ(twice, 0);
}

TEST(OperationRecord, EachPhaseSaysHowLongItTook) {
  World world;
  world.version = "2.3.4";
  world.apply_takes = 7s;
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 5min; });
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 1h));
  const auto phases = rig.history()[0]["phases"];
  ASSERT_EQ(phases.size(), 5U);
  EXPECT_EQ(phases[1]["seconds"], 7.0);
  EXPECT_EQ(phases[3]["seconds"], 300.0);
  EXPECT_TRUE(phases[4]["seconds"].is_null());
}

TEST(OperationRecord, OneOperationIsFoundByItsIdOrHowItBegins) {
  World world;
  world.version = "2.3.4";
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed" && rig.settled(); }, 1h));
  world.version = "2.3.5";
  ASSERT_TRUE(rig.until([&] { return rig.history().size() == 2 && rig.last_result() == "committed"; }, 1h));
  const std::string id = rig.history()[0]["id"], other = rig.history()[1]["id"];
  const auto find = [&](const std::string& part) { return rig.engine().history("demo", part); };
  EXPECT_EQ(find(id).value()["operations"].size(), 1U);
  EXPECT_EQ(find(id.substr(0, id.size() - 1)).value()["operations"][0]["id"], id);
  EXPECT_EQ(find(other).value()["operations"][0]["to"], "2.3.4-1");
  EXPECT_EQ(find("nonsense").error().code, "not_found");
  EXPECT_EQ(find(id.substr(0, 4)).error().code, "invalid");
}

}  // namespace
}  // namespace upkeep::test

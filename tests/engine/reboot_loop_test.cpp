// SPDX-License-Identifier: Apache-2.0
// Machines that reboot during a soak: a version that does it every time is found out, one reboot condemns nobody.
#include <gtest/gtest.h>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;

// Reboots whenever this agent has been soaking for `after` in one boot; returns how often, until there is an end.
int reboots(World& world, sdk::Millis soak, sdk::Millis after, sdk::Millis down = 30s, int most = 200) {
  for (int count = 0; count < most; ++count) {
    Rig rig(world, [&](core::AgentSettings& settings) { settings.soak = soak; });
    bool ended = false;
    rig.until([&] { return (ended = rig.settled() && !rig.last_result().empty()) || rig.phase() == "soaking"; }, 3h);
    if (!ended && rig.phase() == "soaking") ended = rig.until([&] { return rig.settled() && !rig.last_result().empty(); }, after);
    if (ended) return count;
    world.reboot();
    world.now += down;
  }
  return most;
}

TEST(RebootLoop, AVersionThatRebootsItsMachineEveryTimeEndsInQuarantine) {
  for (const auto& [soak, after] :
       std::vector<std::pair<sdk::Millis, sdk::Millis>>{{2min, 40s}, {2min, 119s}, {1h, 10min}, {1h, 50min}, {24h, 5min}}) {
    World world;
    world.version = "2.3.4";
    EXPECT_LE(reboots(world, soak, after), 6) << sdk::format_duration(soak);
    EXPECT_EQ(world.installed, "1.2.3-1");
    EXPECT_EQ(world.running, "1.2.3-1");
    Rig rig(world);
    EXPECT_TRUE(rig.until([&] { return rig.reason() == "quarantined"; }, 1h)) << rig.status();
    EXPECT_NE(rig.history()[0]["detail"].get<std::string>().find("interrupted again and again while soaking"), std::string::npos);
  }
}

TEST(RebootLoop, ALongSoakSurvivesAMachineThatRebootsNowAndThen) {
  World world;
  world.version = "2.3.4";
  EXPECT_GE(reboots(world, 16h, 3h), 5);
  EXPECT_EQ(world.installed, "2.3.4-1");
  Rig rig(world);
  EXPECT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }, 1h)) << rig.status();
}

// Reboots count together only as long as they follow one another quickly.
TEST(RebootLoop, AQuickRebootAfterManySlowOnesCondemnsNobody) {
  World world;
  world.version = "2.3.4";
  const auto day = [](core::AgentSettings& settings) { settings.soak = 24h; };
  for (const auto after : {3h, 3h, 3h, 3h, 3h, 3h, 1h}) {
    Rig rig(world, day);
    ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 1h)) << rig.status();
    rig.pass(after);
    world.reboot();
  }
  Rig rig(world, day);
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 24h)) << rig.status();
}

TEST(RebootLoop, AfterOneRebootTheVersionProvesItselfAnewInThatBoot) {
  World world;
  world.version = "2.3.4";
  {
    Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 10min; });
    ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
    rig.pass(9min);
  }
  world.reboot();
  world.now += 1h;  // wall time that proves nothing
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 1min));
  rig.pass(9min);
  EXPECT_EQ(rig.phase(), "soaking");
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 2min));
}

TEST(RebootLoop, ADaemonThatIsRestartedWithoutItsMachineGoesOn) {
  World world;
  world.version = "2.3.4";
  for (int restarts = 0; restarts < 10; ++restarts) {
    Rig rig(world);
    rig.until([&] { return rig.phase() == "soaking"; }, 10min);
    rig.pass(4s);
  }
  Rig rig(world);
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 1min));
}

}  // namespace
}  // namespace upkeep::test

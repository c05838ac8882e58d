// SPDX-License-Identifier: Apache-2.0
// [health]: short and long forms, what is assumed without it, and what the operator is warned of.
#include <gtest/gtest.h>

#include "config/load.h"
#include "support/config_world.h"

namespace upkeep::config {
namespace {

using testing_support::errors_with;
using testing_support::settings_with;

const std::string kRestart = "restart = \"t.service\"\n";

TEST(ConfigHealth, WithoutAUnitOrAProbeThereIsNoSoakAndAWarning) {
  const auto agent = settings_with("");
  EXPECT_TRUE(agent.probes.empty());
  EXPECT_EQ(agent.soak, sdk::Millis(0));
  EXPECT_EQ(agent.warnings, std::vector<std::string>{"no probe and no service to restart: nothing proves that a new version is healthy"});
}

TEST(ConfigHealth, ATimerHasNoMainProcessToWatch) {
  const auto agent = settings_with("restart = \"t.timer\"\n");
  EXPECT_TRUE(agent.probes.empty());
  EXPECT_EQ(agent.warnings.size(), 1U);
}

TEST(ConfigHealth, ASoakAloneWatchesTheRestartedUnit) {
  const auto agent = settings_with(kRestart + "[health]\nsoak = \"10m\"\n");
  ASSERT_EQ(agent.probes.size(), 1U);
  EXPECT_EQ(agent.probes[0].name(), "unit t.service");
  EXPECT_EQ(agent.soak, std::chrono::minutes(10));
}

TEST(ConfigHealth, ASoakWithNothingToWatchIsAnError) {
  EXPECT_EQ(errors_with("[health]\nsoak = \"10m\"\n"),
            "/t.toml:12: health.soak: proves nothing without a probe: add `unit` or another one, or leave [health] out\n");
}

TEST(ConfigHealth, TheLongFormHasEveryNumber) {
  const auto agent = settings_with(kRestart + R"([[health.probe]]
use = "command"
command = ["/bin/true"]
interval = "1s"
timeout = "2s"
successes = 3
failures = 4
[[health.probe]]
use = "unit"
unit = "t.service"
)");
  ASSERT_EQ(agent.probes.size(), 2U);
  EXPECT_EQ(agent.probes[0].name(), "command /bin/true");
  EXPECT_EQ(agent.probes[0].interval, std::chrono::seconds(1));
  EXPECT_EQ(agent.probes[0].timeout, std::chrono::seconds(2));
  EXPECT_EQ(agent.probes[0].successes, 3);
  EXPECT_EQ(agent.probes[0].failures, 4);
  EXPECT_EQ(agent.probes[1].interval, std::chrono::seconds(5));
  EXPECT_TRUE(agent.probes[1].fresh_start);
}

TEST(ConfigHealth, WithoutARealRestartNothingProvesTheNewVersionRuns) {
  for (const std::string how : {"reload", "none"}) {
    const auto agent = settings_with(kRestart + "restart_how = \"" + how + "\"\n");
    ASSERT_EQ(agent.probes.size(), 1U);
    EXPECT_FALSE(agent.probes[0].fresh_start);
    EXPECT_EQ(agent.warnings,
              std::vector<std::string>{"restart_how is \"" + how + "\": nothing proves that the new version is the one that runs"});
  }
  EXPECT_TRUE(settings_with(kRestart + "restart_how = \"restart\"\n").probes[0].fresh_start);
}

TEST(ConfigHealth, AUnitThatWeDoNotRestartIsNotAskedWhenItStarted) {
  const auto agent = settings_with(kRestart + "[health]\nunit = \"other.service\"\n");
  ASSERT_EQ(agent.probes.size(), 1U);
  EXPECT_FALSE(agent.probes[0].fresh_start);
  EXPECT_EQ(agent.warnings.size(), 1U);
}

TEST(ConfigHealth, ProbesThatCannotWork) {
  EXPECT_EQ(errors_with("[health]\nunit = \"teleport\"\n"),
            "/t.toml:12: health.unit: \"teleport\" is no service; write its whole name, as in \"agent.service\"\n");
  EXPECT_EQ(errors_with("[health]\ncommand = [\"true\"]\n"),
            "/t.toml:12: health.command: is a list of program and arguments, without a shell; the program is an absolute path\n");
  EXPECT_NE(errors_with("[health]\ncommand = []\n"), "");
  EXPECT_EQ(errors_with("[[health.probe]]\nuse = \"grpc-health\"\n"),
            "/t.toml:12: health.probe[0].use: \"grpc-health\" is no probe; known are: unit, command, http, tcp, notify, log, installer\n");
  EXPECT_EQ(errors_with("[[health.probe]]\nuse = \"comand\"\n"),
            "/t.toml:12: health.probe[0].use: \"comand\" is no probe; did you mean `command`?\n");
  EXPECT_EQ(errors_with("[[health.probe]]\nuse = \"unit\"\n"), "/t.toml:11: health.probe[0].unit: is missing\n");
  EXPECT_EQ(errors_with("[[health.probe]]\nunit = \"a.service\"\n"), "/t.toml:11: health.probe[0].use: is missing\n");
  EXPECT_EQ(errors_with("[[health.probe]]\nuse = \"unit\"\nunit = \"a.service\"\ncommand = [\"/a\"]\n"),
            "/t.toml:14: health.probe[0].command: does not belong to a probe with use = \"unit\"\n");
  EXPECT_EQ(errors_with("[[health.probe]]\nuse = \"unit\"\nunit = \"a.service\"\nsuccesses = 0\n"),
            "/t.toml:14: health.probe[0].successes: must be between 1 and 1000, not 0\n");
  EXPECT_EQ(errors_with("[[health.probe]]\nuse = \"unit\"\nunit = \"a.service\"\ninterval = \"0\"\n"),
            "/t.toml:14: health.probe[0].interval: must be between 1s and 1h, not 0s\n");
}

TEST(ConfigHealth, ABrokenInstallerDoesNotMakeTheSoakWrong) {
  EXPECT_EQ(errors_with(kRestart + "pakcage = 1\n[health]\nsoak = \"10m\"\n"),
            "/t.toml:12: installer.pakcage: unknown key; did you mean `package`?\n");
}

}  // namespace
}  // namespace upkeep::config

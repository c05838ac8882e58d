// SPDX-License-Identifier: Apache-2.0
// What one agent does, phase by phase, on a host in memory.
#include <gtest/gtest.h>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using engine::Verb;
using namespace std::chrono_literals;

std::vector<std::string> phases(const nlohmann::json& operation) {
  std::vector<std::string> out;
  for (const auto& one : operation["phases"]) out.push_back(one["phase"]);
  return out;
}

TEST(Operation, AtTheChannelsVersionNothingHappens) {
  World world;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  EXPECT_EQ(rig.phase(), "idle");
  EXPECT_TRUE(rig.history().empty());
}

TEST(Operation, AnOpenWindowBringsTheNewVersionAndTheSoakProvesIt) {
  World world;
  world.version = "2.3.4";
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min));
  EXPECT_EQ(world.installed, "2.3.4-1");
  EXPECT_EQ(world.running, "2.3.4-1");
  EXPECT_EQ(phases(rig.history()[0]), (std::vector<std::string>{"preparing", "applying", "activating", "soaking", "committed"}));
  EXPECT_EQ(rig.history()[0]["from"], "1.2.3-1");
  EXPECT_EQ(rig.history()[0]["to"], "2.3.4-1");
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  EXPECT_EQ(world.admitted, world.done);
}

TEST(Operation, TheSoakLastsAsLongAsConfigured) {
  World world;
  world.version = "2.3.4";
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 30min; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  rig.pass(29min);
  EXPECT_EQ(rig.phase(), "soaking");
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 2min));
}

TEST(Operation, WhatIsInstalledIsSaidDuringTheProofToo) {
  World world;
  world.version = "2.3.4";
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 1h; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  EXPECT_EQ(rig.status()["installed"], "2.3.4-1");
  EXPECT_EQ(rig.engine().figures().agents[0].installed->str(), "2.3.4");
  const auto lower = rig.ask(Verb::pin, "2.0.0");
  ASSERT_FALSE(lower);
  EXPECT_EQ(lower.error().message, "2.0.0 is lower than the installed 2.3.4; --allow-downgrade permits it");
}

TEST(Operation, AClosedWindowHoldsItBackUntilItOpens) {
  World world;
  world.version = "2.3.4";
  world.window_open = false;
  world.window_changes = world.now + 3h;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "outside_window"; }));
  EXPECT_EQ(rig.status()["decision"]["until"], sdk::rfc3339(*world.window_changes));
  EXPECT_EQ(rig.phase(), "waiting");
  rig.pass(2h + 50min);
  EXPECT_EQ(world.installed, "1.2.3-1");
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 20min));
}

TEST(Operation, ABadVersionIsTakenBackAndNeverTriedAgain) {
  World world;
  world.version = "3.0.0";
  world.bad = {"3.0.0-1"};
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 10min));
  EXPECT_EQ(world.installed, "1.2.3-1");
  EXPECT_EQ(world.running, "1.2.3-1");
  EXPECT_NE(rig.history()[0]["detail"].get<std::string>().find("crash loop"), std::string::npos);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "quarantined"; }));
  const auto verbs = world.verbs.size();
  rig.pass(24h);
  EXPECT_EQ(world.verbs.size(), verbs);
  EXPECT_EQ(rig.status()["quarantined"], nlohmann::json({"3.0.0"}));
  // A better release heals it.
  world.version = "3.0.1";
  EXPECT_TRUE(rig.until([&] { return world.installed == "3.0.1-1" && rig.last_result() == "committed"; }, 1h));
}

TEST(Operation, ARestartThatFailsTakesTheVersionBack) {
  World world;
  world.version = "2.3.4";
  world.restart_works = false;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 10min));
  EXPECT_EQ(world.installed, "1.2.3-1");
}

TEST(Operation, AnAgentThatStillRunsTheOldProcessIsNotTheNewVersion) {
  World world;
  world.version = "2.3.4";
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 5min; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "activating" || rig.phase() == "soaking"; }, 10min));
  world.invocation -= 1;  // as if the restart had not happened
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 10min));
}

TEST(Operation, AFailureThatChangedNothingIsTriedThreeTimes) {
  World world;
  world.version = "2.3.4";
  world.verb_errors.emplace("apply", sdk::Error(sdk::Errc::internal, "the package manager failed"));
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "failed"; }, 10min));
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "retry_later"; }));
  EXPECT_TRUE(rig.until([&] { return rig.reason() == "quarantined"; }, 6h));
  EXPECT_EQ(std::count(world.verbs.begin(), world.verbs.end(), "apply 2.3.4-1"), 3);
  EXPECT_EQ(world.installed, "1.2.3-1");
}

TEST(Operation, TransientFailuresNeverQuarantine) {
  World world;
  world.version = "2.3.4";
  world.verb_errors.emplace("apply", sdk::Error(sdk::Errc::transient, "the network is gone"));
  Rig rig(world);
  rig.pass(12h);
  EXPECT_TRUE(rig.status()["quarantined"].empty());
  const auto tries = std::count(world.verbs.begin(), world.verbs.end(), "apply 2.3.4-1");
  EXPECT_GE(tries, 10);  // back-off from one minute to one hour
  EXPECT_LE(tries, 20);
  world.verb_errors.clear();
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 2h));
}

TEST(Operation, ARefusedPrepareIsAskedAgainEveryQuarterOfAnHourAndIsOneLineOfHistory) {
  World world;
  world.version = "2.3.4";
  world.verb_errors.emplace("prepare", sdk::Error(sdk::Errc::invalid, "it would remove libfoo"));
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "refused"; }, 10min));
  EXPECT_NE(rig.status()["decision"]["text"].get<std::string>().find("libfoo"), std::string::npos);
  rig.pass(1h);
  EXPECT_EQ(std::count(world.verbs.begin(), world.verbs.end(), "prepare 2.3.4"), 5);
  ASSERT_EQ(rig.history().size(), 1);
  EXPECT_EQ(rig.history()[0]["result"], "refused");
  EXPECT_EQ(rig.history()[0]["times"], 5);
}

TEST(Operation, SomebodyElsesInstallationDuringApplyIsNotTakenBack) {
  World world;
  world.version = "2.3.4";
  world.overtake_with = "9.9.9-1";
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "overtaken"; }, 10min));
  EXPECT_EQ(world.installed, "9.9.9-1");
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "downgrade"; }));
  EXPECT_EQ(std::count_if(world.verbs.begin(), world.verbs.end(), [](const auto& verb) { return verb.starts_with("revert"); }), 0);
}

TEST(Operation, AChangeByOthersIsSeenAndSaid) {
  World world;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  world.installed = "1.2.4-1";
  rig.ask(Verb::check);
  const auto warnings = rig.status()["warnings"].dump();
  EXPECT_NE(warnings.find("changed by others: 1.2.3-1 -> 1.2.4-1"), std::string::npos) << warnings;
}

TEST(Operation, ACriticalReleaseCountsAfterASecondReadAndPassesTheWindow) {
  World world;
  world.window_open = false;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  world.version = "2.3.5";
  world.critical = "yes";
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "outside_window"; }, 10min));
  const auto seen = world.now;
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 5min));
  EXPECT_GE(world.now - seen, 30s);
  EXPECT_LE(world.now - seen, 65s);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 5min));
  EXPECT_EQ(rig.history()[0]["reason"], "critical");
}

TEST(Operation, ACriticalFlagThatIsGoneAtTheSecondReadDoesNotCount) {
  World world;
  world.window_open = false;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  world.version = "2.3.5";
  world.critical = "yes";
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "outside_window"; }, 10min));
  world.critical = "no";
  rig.pass(1h);
  EXPECT_EQ(world.installed, "1.2.3-1");
}

TEST(Operation, AHangingTransactionCondemnsNoVersionAndEndsStuck) {
  World world;
  world.version = "2.3.4";
  const sdk::Error hangs(sdk::Errc::timeout, "PackageKit is still at it");
  world.verb_errors.emplace("apply", hangs);
  world.verb_errors.emplace("verify", hangs);
  world.verb_errors.emplace("revert", hangs);
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "stuck"; }, 6h));
  EXPECT_TRUE(rig.status()["quarantined"].empty());
}

TEST(Operation, WithoutAdmissionNothingIsApplied) {
  World world;
  world.version = "2.3.4";
  world.not_admitted = "the fleet lock is taken";
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "admission"; }, 10min));
  EXPECT_EQ(world.installed, "1.2.3-1");
  world.not_admitted.reset();
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min));
}

TEST(Operation, AChannelThatCannotBeReadForADayHoldsUpgradesBack) {
  World world;
  world.version = "2.3.4";
  world.window_open = false;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "outside_window"; }));
  world.channel_error = sdk::Error(sdk::Errc::transient, "connection refused");
  rig.pass(25h);
  world.window_open = true;
  rig.ask(Verb::check);
  EXPECT_EQ(rig.reason(), "retry_later");
  EXPECT_EQ(rig.status()["source"]["last_error"]["code"], "transient");
  EXPECT_EQ(world.installed, "1.2.3-1");
}

}  // namespace
}  // namespace upkeep::test

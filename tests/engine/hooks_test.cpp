// SPDX-License-Identifier: Apache-2.0
// Operators' hooks: when each runs, what it is told, what its failure does, and that a death of the daemon loses none.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using core::Hook;
using engine::Verb;
using namespace std::chrono_literals;
using Names = std::vector<std::string>;

constexpr const char* kPath = "/hooks/";

// Each hook a program of its own name.
void all_hooks(core::AgentSettings& settings) {
  for (const auto hook : {Hook::before_apply, Hook::after_apply, Hook::after_commit, Hook::after_rollback})
    settings.hooks[hook].command = {kPath + std::string(core::name(hook)), "--now"};
}

World upgrade(const std::string& version) {
  World world;
  world.version = version;
  world.bad = {"3.0.0-1"};
  sdk::ProcessResult good;
  good.exit_code = 0;
  for (const auto* name : {"before_apply", "after_apply", "after_commit", "after_rollback"})
    world.programs[kPath + std::string(name)] = good;
  return world;
}

void fails(World& world, const std::string& name) {
  auto& program = world.programs[kPath + name];
  program.exit_code = 3;
  program.out = "draining\n";
  program.err = "warning\nno such pool\n";
}

Names ran(const World& world) {
  Names out;
  for (const auto& one : world.ran)
    if (one.argv.front().starts_with(kPath)) out.push_back(one.argv.front().substr(7));
  return out;
}

bool over(Rig& rig, const std::string& result) { return rig.last_result() == result && rig.settled() && rig.reason() != "in_operation"; }

Names hooks_recorded(const nlohmann::json& operation) {
  Names out;
  for (const auto& one : operation["record"])
    if (one["topic"] == "hook") out.push_back(one["lines"][0]);
  return out;
}

TEST(Hooks, AnUpgradeRunsThreeAndEachIsToldWhatItIsAbout) {
  auto world = upgrade("2.3.4");
  Names installed, running;
  world.during_run = [&](const std::string&) {
    installed.push_back(world.installed);
    running.push_back(world.running);
  };
  Rig rig(world, all_hooks);
  ASSERT_TRUE(rig.until([&] { return over(rig, "committed"); }, 1h));
  EXPECT_EQ(ran(world), (Names{"before_apply", "after_apply", "after_commit"}));
  EXPECT_EQ(installed, (Names{"1.2.3-1", "2.3.4-1", "2.3.4-1"}));
  EXPECT_EQ(running, (Names{"1.2.3-1", "1.2.3-1", "2.3.4-1"}));  // after_apply comes before the restart
  const std::string id = rig.history()[0]["id"];
  for (const auto& one : world.ran)
    EXPECT_EQ(one.environment,
              (std::map<std::string, std::string>{
                  {"UPKEEP_AGENT", "demo"}, {"UPKEEP_FROM", "1.2.3-1"}, {"UPKEEP_TO", "2.3.4-1"}, {"UPKEEP_OPERATION", id}}));
  EXPECT_EQ(world.ran.front().argv, (Names{"/hooks/before_apply", "--now"}));
  EXPECT_EQ(hooks_recorded(rig.history()[0]),
            (Names{"before_apply: /hooks/before_apply: exit status 0, after 0s", "after_apply: /hooks/after_apply: exit status 0, after 0s",
                   "after_commit: /hooks/after_commit: exit status 0, after 0s"}));
  const auto ended = std::count_if(rig.events.begin(), rig.events.end(), [](const auto& event) {
    return event["event"] == "hook" && event["state"] == "ended" && event["ok"] == true;
  });
  EXPECT_EQ(ended, 3);
}

TEST(Hooks, ABadReleaseRunsAfterRollbackOnceTheFormerVersionIsBack) {
  auto world = upgrade("3.0.0");
  std::string then;
  world.during_run = [&](const std::string& path) {
    if (path.ends_with("after_rollback")) then = world.running;
  };
  Rig rig(world, all_hooks);
  ASSERT_TRUE(rig.until([&] { return over(rig, "rolled_back"); }, 1h));
  EXPECT_EQ(ran(world), (Names{"before_apply", "after_apply", "after_rollback"}));
  EXPECT_EQ(then, "1.2.3-1");
  EXPECT_EQ(world.ran.back().environment.at("UPKEEP_TO"), "3.0.0-1");
}

TEST(Hooks, AFailingBeforeApplyRefusesAndWhatItDidIsUndone) {
  auto world = upgrade("2.3.4");
  fails(world, "before_apply");
  Rig rig(world, all_hooks);
  ASSERT_TRUE(rig.until([&] { return over(rig, "refused"); }, 10min));
  EXPECT_EQ(world.installed, "1.2.3-1");
  EXPECT_EQ(std::count(world.verbs.begin(), world.verbs.end(), "apply 2.3.4-1"), 0);
  EXPECT_EQ(ran(world), (Names{"before_apply", "after_rollback"}));
  EXPECT_EQ(world.ran.back().environment.at("UPKEEP_TO"), "2.3.4-1");
  EXPECT_EQ(rig.history()[0]["detail"], "hook before_apply: /hooks/before_apply: exit status 3: no such pool");
  EXPECT_EQ(rig.history()[0]["record"][0]["lines"],
            nlohmann::json({"before_apply: /hooks/before_apply: exit status 3, after 0s", "draining", "warning", "no such pool"}));
  EXPECT_EQ(rig.reason(), "refused");
  EXPECT_EQ(rig.engine().figures().agents.at(0).counters.hook_failures.at(0), 1U);
  // It is asked again, and never counts towards a quarantine.
  rig.pass(2h);
  const auto names = ran(world);
  EXPECT_GE(std::count(names.begin(), names.end(), "before_apply"), 4);
  EXPECT_TRUE(rig.status()["quarantined"].empty());
  world.programs[kPath + std::string("before_apply")].exit_code = 0;
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 1h));
}

TEST(Hooks, WhatAnOperatorSaysWhileBeforeApplyRunsIsHeard) {
  auto world = upgrade("2.3.4");
  world.run_takes = 2min;
  Rig rig(world, all_hooks);
  ASSERT_TRUE(rig.until([&] { return !world.ran.empty(); }, 10min));
  EXPECT_NE(rig.status()["operation"]["text"].get<std::string>().find("before_apply"), std::string::npos);
  ASSERT_TRUE(rig.ask(Verb::suspend));
  ASSERT_TRUE(rig.until([&] { return over(rig, "refused"); }, 10min));
  EXPECT_EQ(world.installed, "1.2.3-1");
  EXPECT_EQ(ran(world), (Names{"before_apply", "after_rollback"}));
  EXPECT_NE(rig.history()[0]["detail"].get<std::string>().find("while the hook ran"), std::string::npos);
}

TEST(Hooks, ARefusalBeforeItRunsNone) {
  auto world = upgrade("2.3.4");
  world.not_admitted = "not now";
  Rig rig(world, all_hooks);
  ASSERT_TRUE(rig.until([&] { return over(rig, "refused"); }, 10min));
  EXPECT_TRUE(world.ran.empty());
}

TEST(Hooks, WithoutBeforeApplyOnlyARollbackRunsAfterRollback) {
  auto world = upgrade("2.3.4");
  world.verb_errors.emplace("apply", sdk::Error(sdk::Errc::transient, "the network is gone"));
  const auto adjust = [](core::AgentSettings& settings) {
    all_hooks(settings);
    settings.hooks.erase(Hook::before_apply);
  };
  Rig rig(world, adjust);
  ASSERT_TRUE(rig.until([&] { return over(rig, "failed"); }, 10min));
  EXPECT_TRUE(world.ran.empty());
}

TEST(Hooks, AFailingAfterHookIsReportedAndChangesNothing) {
  auto world = upgrade("2.3.4");
  fails(world, "after_apply");
  fails(world, "after_commit");
  Rig rig(world, all_hooks);
  ASSERT_TRUE(rig.until([&] { return over(rig, "committed"); }, 1h));
  EXPECT_EQ(world.running, "2.3.4-1");
  const auto warned = [&] {
    return rig.status()["warnings"].dump().find("hook after_commit: /hooks/after_commit: exit status 3: no such pool");
  };
  EXPECT_NE(warned(), std::string::npos);
  EXPECT_EQ(rig.engine().figures().agents.at(0).counters.hook_failures, (std::array<std::uint64_t, 4>{0, 1, 1, 0}));
  // Until another operation ends well.
  world.programs[kPath + std::string("after_commit")].exit_code = 0;
  world.programs[kPath + std::string("after_apply")].exit_code = 0;
  world.version = "2.3.5";
  ASSERT_TRUE(rig.until([&] { return world.running == "2.3.5-1" && over(rig, "committed"); }, 1h));
  EXPECT_EQ(warned(), std::string::npos);
}

TEST(Hooks, WhileAnAfterHookRunsStatusSaysSoAndNothingElseBegins) {
  auto world = upgrade("2.3.4");
  world.run_takes = 2min;
  Rig rig(world, all_hooks);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 1h));
  EXPECT_EQ(rig.reason(), "in_operation");
  EXPECT_NE(rig.status()["decision"]["text"].get<std::string>().find("hook after_commit of operation"), std::string::npos);
  world.version = "2.3.5";
  const auto reply = rig.ask(Verb::run);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "in_operation");
  EXPECT_TRUE(rig.shared().lock.holder().empty());  // other agents need not wait for it
  ASSERT_TRUE(rig.until([&] { return world.running == "2.3.5-1"; }, 1h));
  const auto names = ran(world);
  ASSERT_GE(names.size(), 4U);
  EXPECT_EQ((Names{names[2], names[3]}), (Names{"after_commit", "before_apply"}));
}

TEST(Hooks, ResolvingAStuckOperationRunsTheHookOfItsEnd) {
  auto world = upgrade("3.0.0");
  world.verb_errors.emplace("revert", sdk::Error(sdk::Errc::denied, "not allowed"));
  Rig rig(world, all_hooks);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "stuck"; }, 1h));
  EXPECT_EQ(ran(world), (Names{"before_apply", "after_apply"}));
  engine::Command resolve;
  resolve.verb = Verb::resolve;
  resolve.as = "failed";
  ASSERT_TRUE(rig.ask(resolve));
  ASSERT_TRUE(rig.until([&] { return ran(world).size() == 3; }, 10min));
  EXPECT_EQ(ran(world).back(), "after_rollback");
}

TEST(Hooks, AUnitIsStartedAndToldNothing) {
  auto world = upgrade("2.3.4");
  const auto adjust = [](core::AgentSettings& settings) { settings.hooks[Hook::before_apply].unit = "drain.service"; };
  {
    Rig rig(world, adjust);
    ASSERT_TRUE(rig.until([&] { return over(rig, "committed"); }, 1h));
    ASSERT_EQ(world.ran.size(), 1U);
    EXPECT_EQ(world.ran[0].argv, (Names{"start", "drain.service"}));
    EXPECT_EQ(hooks_recorded(rig.history()[0]), (Names{"before_apply: drain.service has run, after 0s"}));
  }
  auto other = upgrade("2.3.4");
  other.unit_jobs["drain.service"] = "failed";
  Rig rig(other, adjust);
  ASSERT_TRUE(rig.until([&] { return over(rig, "refused"); }, 1h));
  EXPECT_EQ(rig.history()[0]["detail"],
            "hook before_apply: starting drain.service ended as \"failed\": `journalctl -u drain.service` tells why");
}

TEST(Hooks, AnOperationEndsWithTheHooksItBeganWith) {
  auto world = upgrade("2.3.4");
  Rig rig(world, all_hooks);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 1h));
  rig.configuration.agents[0].hooks.clear();
  rig.reload();
  ASSERT_TRUE(rig.until([&] { return over(rig, "committed"); }, 1h));
  EXPECT_EQ(ran(world).back(), "after_commit");
}

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// The engine counts what happens, when it happens, and says in numbers where its agents stand.
#include <gtest/gtest.h>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using core::OperationResult;
using core::Phase;
using engine::Setup;
using engine::Verb;
using namespace std::chrono_literals;

engine::AgentFigures agent(Rig& rig) {
  const auto all = rig.engine().figures().agents;
  return all.size() == 1 ? all.front() : engine::AgentFigures{.name = "not one agent"};
}
std::uint64_t ended(Rig& rig, OperationResult result) { return agent(rig).counters.operations.at(static_cast<std::size_t>(result)); }
const engine::Histogram& spent(const engine::Figures& figures, Phase phase) {
  return figures.counters.phases.at(static_cast<std::size_t>(phase));
}

TEST(Figures, ACommittedOperationAndWhereItsTimeWent) {
  World world;
  world.version = "2.3.4";
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 10min; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  EXPECT_EQ(agent(rig).phase, Phase::soaking);
  EXPECT_EQ(agent(rig).reason, sdk::Reason::in_operation);
  ASSERT_TRUE(agent(rig).operation);
  EXPECT_EQ(ended(rig, OperationResult::committed), 0u);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }, 1h));
  EXPECT_EQ(ended(rig, OperationResult::committed), 1u);
  EXPECT_EQ(agent(rig).counters.reverts, 0u);
  const auto all = rig.engine().figures();
  EXPECT_EQ(all.counters.operation.count, 1u);
  EXPECT_GE(all.counters.operation.sum, 600);
  for (const auto phase : {Phase::preparing, Phase::applying, Phase::activating, Phase::soaking}) EXPECT_EQ(spent(all, phase).count, 1u);
  EXPECT_NEAR(spent(all, Phase::soaking).sum, 600, 10);
  EXPECT_LT(spent(all, Phase::applying).sum, 10);
  EXPECT_EQ(spent(all, Phase::reverting).count, 0u);
  const auto now = agent(rig);
  EXPECT_EQ(now.installed->str(), "2.3.4");
  EXPECT_EQ(now.target->str(), "2.3.4");
  EXPECT_EQ(now.offered->str(), "2.3.4");
  EXPECT_TRUE(now.at_target);
  EXPECT_EQ(now.health, sdk::Health::healthy);
  EXPECT_EQ(now.probes_ok, 1u);
  EXPECT_EQ(now.way_back, sdk::WayBackHow::repository);
  EXPECT_FALSE(now.operation);
  EXPECT_EQ(now.last_operation->result, OperationResult::committed);
}

TEST(Figures, ARolledBackOneCountsItsRevertAndItsQuarantine) {
  World world;
  world.version = "3.0.0";
  world.bad = {"3.0.0-1"};
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "quarantined"; }, 10min));
  EXPECT_EQ(ended(rig, OperationResult::rolled_back), 1u);
  EXPECT_EQ(ended(rig, OperationResult::committed), 0u);
  const auto now = agent(rig);
  EXPECT_EQ(now.counters.reverts, 1u);
  EXPECT_EQ(now.quarantined, 1u);
  EXPECT_EQ(now.reason, sdk::Reason::quarantined);
  EXPECT_FALSE(now.at_target);
  EXPECT_EQ(spent(rig.engine().figures(), Phase::reverting).count, 1u);
}

TEST(Figures, FailedAttemptsAreShownUntilTheyQuarantine) {
  World world;
  world.version = "2.3.4";
  world.verb_errors.emplace("apply", sdk::Error(sdk::Errc::internal, "the package manager failed"));
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "failed"; }, 10min));
  EXPECT_EQ(agent(rig).failed_attempts, 1u);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "quarantined"; }, 6h));
  EXPECT_EQ(ended(rig, OperationResult::failed), 3u);
  EXPECT_EQ(agent(rig).failed_attempts, 0u);
}

TEST(Figures, AStuckOneCountsAndCountsAgainWhenItIsResolved) {
  World world;
  world.version = "3.0.0";
  world.bad = {"3.0.0-1"};
  world.verb_errors.emplace("revert", sdk::Error(sdk::Errc::invalid, "it is gone"));
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "stuck"; }, 10min));
  EXPECT_EQ(ended(rig, OperationResult::stuck), 1u);
  EXPECT_EQ(agent(rig).phase, Phase::stuck);
  EXPECT_EQ(rig.engine().figures().troubles, 1u);
  const auto before = rig.engine().figures().counters.operation.count;
  engine::Command command;
  command.verb = Verb::resolve;
  command.as = "failed";
  ASSERT_TRUE(rig.ask(std::move(command)));
  EXPECT_EQ(ended(rig, OperationResult::rolled_back), 1u);
  EXPECT_EQ(rig.engine().figures().counters.operation.count, before) << "an operator's time is not the operation's";
}

TEST(Figures, PollsAndTheirErrorsByReaction) {
  World world;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  const auto good = agent(rig);
  EXPECT_GE(good.counters.polls, 1u);
  EXPECT_FALSE(good.channel_failing);
  EXPECT_EQ(rig.engine().figures().counters.poll.count, good.counters.polls);
  const auto errors = [&](sdk::Errc code) { return agent(rig).counters.poll_errors.at(static_cast<std::size_t>(code)); };
  world.channel_error = sdk::Error(sdk::Errc::transient, "no route");
  rig.ask(Verb::check);
  EXPECT_EQ(errors(sdk::Errc::transient), 1u);
  EXPECT_TRUE(agent(rig).channel_failing);
  EXPECT_EQ(agent(rig).channel_ok, good.channel_ok);
  world.channel_error.reset();
  world.version = "no version";
  rig.ask(Verb::check);
  EXPECT_EQ(errors(sdk::Errc::invalid), 1u) << "read, but no release";
  EXPECT_TRUE(agent(rig).channel_failing);
  EXPECT_EQ(errors(sdk::Errc::transient), 1u);
}

TEST(Figures, AnAppendThatFailsAndTheOnesThatDoNot) {
  World world;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  const auto before = agent(rig).journal;
  EXPECT_EQ(before.appends, before.entries);
  EXPECT_EQ(before.bytes, world.files[kJournal].size());
  EXPECT_EQ(before.append_errors, 0u);
  world.disk_full = true;
  EXPECT_FALSE(rig.ask(Verb::suspend));
  EXPECT_EQ(agent(rig).journal.append_errors, 1u);
  EXPECT_TRUE(agent(rig).journal.failing);
  EXPECT_EQ(agent(rig).journal.appends, before.appends);
  world.disk_full = false;
  EXPECT_TRUE(rig.ask(Verb::suspend));
  const auto now = agent(rig);
  EXPECT_EQ(now.journal.appends, before.appends + 1);
  EXPECT_FALSE(now.journal.failing);
  EXPECT_EQ(now.journal.bytes, world.files[kJournal].size());
  EXPECT_TRUE(now.suspended);
  EXPECT_EQ(rig.engine().figures().counters.append.count, now.journal.appends + 1) << "the store was asked once more";
}

TEST(Figures, AnAppendThatFailedButLandedIsCountedOnce) {
  World world;
  world.version = "3.0.0";
  world.bad = {"3.0.0-1"};
  world.fault = WriteFault::landed_but_error;
  for (world.fault_at = 1; world.fault_at < 12; ++world.fault_at) {
    World again = world;
    Rig rig(again);
    ASSERT_TRUE(rig.until([&] { return rig.reason() == "quarantined"; }, 1h));
    EXPECT_EQ(ended(rig, OperationResult::rolled_back), 1u) << world.fault_at;
    EXPECT_EQ(agent(rig).counters.reverts, 1u) << world.fault_at;
    EXPECT_EQ(agent(rig).journal.appends, agent(rig).journal.entries) << world.fault_at;
  }
}

TEST(Figures, ARestartBeginsToCountAgainButRemembersTheLastOperation) {
  World world;
  world.version = "2.3.4";
  {
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }, 10min));
  }
  const auto read = world.now;
  world.channel_error = sdk::Error(sdk::Errc::transient, "no route");
  world.now += 1h;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return agent(rig).channel_failing; }, 10min));
  const auto now = agent(rig);
  EXPECT_EQ(ended(rig, OperationResult::committed), 0u);
  EXPECT_EQ(now.last_operation->result, OperationResult::committed);
  ASSERT_TRUE(now.channel_ok);
  EXPECT_LE(*now.channel_ok, read) << "what the journal knows, not the start of the daemon";
}

TEST(Figures, AnAgentThatLeavesTheConfigurationStaysAsOrphanUntilItIsForgotten) {
  World world;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  EXPECT_EQ(agent(rig).setup, Setup::configured);
  rig.configuration.agents.clear();
  ASSERT_TRUE(rig.reload().value()["ok"]);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "orphaned"; }, 1min));
  EXPECT_EQ(agent(rig).setup, Setup::orphaned);
  ASSERT_TRUE(rig.ask(Verb::forget));
  rig.pass(1min);
  EXPECT_TRUE(rig.engine().figures().agents.empty());
}

TEST(Figures, ReloadsAndWhatTheyLeave) {
  World world;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  const auto started = rig.engine().figures();
  EXPECT_TRUE(started.last_reload_ok);
  rig.pass(1h);
  rig.configuration.broken["demo"] = {sdk::ConfigIssue{}};
  EXPECT_FALSE(rig.reload().value()["ok"]);
  const auto failed = rig.engine().figures();
  EXPECT_EQ(failed.counters.failed_reloads, 1u);
  EXPECT_FALSE(failed.last_reload_ok);
  EXPECT_EQ(failed.configured_at, started.configured_at);
  rig.configuration.broken.clear();
  EXPECT_TRUE(rig.reload().value()["ok"]);
  const auto good = rig.engine().figures();
  EXPECT_EQ(good.counters.reloads, 1u);
  EXPECT_TRUE(good.last_reload_ok);
  EXPECT_GE(good.configured_at, started.configured_at + 1h);
  EXPECT_GT(good.events, started.events);
}

TEST(Figures, SchedulesAreOpenOrNotAsOfNowAndHoldsAndPinsAreSeen) {
  World world;
  world.version = "2.3.4";
  world.window_open = false;
  world.window_changes = world.now + 3h;
  world.holds = {"apt-mark"};
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "held"; }));
  EXPECT_TRUE(agent(rig).held);
  EXPECT_FALSE(agent(rig).schedules_open);
  rig.pass(3h + 1min);
  EXPECT_TRUE(agent(rig).schedules_open);
  EXPECT_TRUE(rig.ask(Verb::pin, "1.2.3"));
  EXPECT_TRUE(agent(rig).pinned);
  EXPECT_EQ(agent(rig).target->str(), "1.2.3");
  EXPECT_EQ(agent(rig).offered->str(), "2.3.4");
  EXPECT_TRUE(agent(rig).at_target);
}

TEST(Figures, WhatOthersInstallIsCounted) {
  World world;
  world.window_open = false;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  world.installed = "2.0.0-1";
  rig.ask(Verb::check);
  EXPECT_EQ(agent(rig).counters.changed_outside, 1u);
  EXPECT_GE(agent(rig).warnings, 1u);
}

}  // namespace
}  // namespace upkeep::test

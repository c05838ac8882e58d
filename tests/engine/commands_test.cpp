// SPDX-License-Identifier: Apache-2.0
// What operators ask, before, during and after operations.
#include <gtest/gtest.h>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using engine::Verb;
using namespace std::chrono_literals;

TEST(Commands, ASuspensionHoldsEverythingUntilItIsResumed) {
  World world;
  world.window_open = false;
  world.version = "2.3.4";
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "outside_window"; }));
  ASSERT_TRUE(rig.ask(Verb::suspend));
  world.window_open = true;
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "suspended"; }));
  EXPECT_EQ(rig.status()["suspended"]["reason"], "because");
  rig.pass(5h);
  EXPECT_EQ(world.installed, "1.2.3-1");
  ASSERT_TRUE(rig.ask(Verb::resume));
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min));
}

TEST(Commands, ASuspensionEndsByItselfAtItsTime) {
  World world;
  world.version = "2.3.4";
  world.window_open = false;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "outside_window"; }));
  engine::Command command;
  command.verb = Verb::suspend;
  command.until = world.now + 2h;
  ASSERT_TRUE(rig.ask(command));
  world.window_open = true;
  rig.pass(1h + 59min);
  EXPECT_EQ(rig.reason(), "suspended");
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min));
}

TEST(Commands, ASuspensionStaysAfterARestart) {
  World world;
  {
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
    ASSERT_TRUE(rig.ask(Verb::suspend));
  }
  Rig rig(world);
  EXPECT_TRUE(rig.until([&] { return rig.reason() == "suspended"; }));
}

TEST(Commands, ACheckThatFindsTheGateOpenDoesNotPutTheStartOff) {
  World world;
  world.version = "2.3.4";
  Rig rig(world);
  std::optional<engine::TransactionLock::Locked> hold;
  rig.spawn(another_changes(rig.shared().lock, hold));
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "busy"; }, 2min));
  hold.reset();
  EXPECT_EQ(rig.ask(Verb::check).value()["decision"]["reason"], "window_open");
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 5min)) << rig.status();
}

TEST(Commands, AForceThatIsNotTakenDoesNotPutTheStartOff) {
  World world;
  world.version = "2.3.4";
  Rig rig(world);
  std::optional<engine::TransactionLock::Locked> hold;
  rig.spawn(another_changes(rig.shared().lock, hold));
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "busy"; }, 2min));
  world.inspect_takes = 1s;
  const auto looks = world.inspects;
  std::optional<engine::Reply> reply;
  const auto ask = [](engine::Engine& engine, std::optional<engine::Reply>& out) -> sdk::Task<void> {
    engine::Command command;
    command.verb = Verb::force;
    out = co_await engine.command("demo", std::move(command));
  };
  rig.spawn(ask(rig.engine(), reply));
  ASSERT_TRUE(rig.until([&] { return world.inspects == looks + 2; }, 1min));
  EXPECT_EQ((**reply)["decision"]["reason"], "busy");
  hold.reset();  // while what status is to show is looked at
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 5min)) << rig.status();
}

TEST(Commands, DryRunSaysWhatUsersOfOlderToolsLookFor) {
  World world;
  world.window_open = false;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  EXPECT_EQ(rig.ask(Verb::dry_run).value()["messages"][0], "no upgrades available (1.2.3 == 1.2.3)");
  world.version = "2.3.4";
  const auto reply = rig.ask(Verb::dry_run).value();
  EXPECT_EQ(reply["messages"][0], "an upgrade is available (1.2.3 -> 2.3.4)");
  EXPECT_EQ(reply["plan"][0]["to"], "2.3.4-1");
  EXPECT_EQ(reply["decision"]["reason"], "outside_window");
  EXPECT_EQ(world.installed, "1.2.3-1");
}

TEST(Commands, RunOutsideTheWindowSaysWhyAndDoesNothing) {
  World world;
  world.window_open = false;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  world.version = "2.3.4";
  const auto reply = rig.ask(Verb::run).value();
  EXPECT_FALSE(reply["started"]);
  EXPECT_EQ(reply["decision"]["reason"], "outside_window");
}

TEST(Commands, ForcePassesTheWindowOnce) {
  World world;
  world.window_open = false;
  world.version = "2.3.4";
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "outside_window"; }));
  const auto reply = rig.ask(Verb::force).value();
  EXPECT_TRUE(reply["started"]);
  EXPECT_EQ(reply["decision"]["reason"], "forced");
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min));
  EXPECT_NE(rig.history()[0]["actor"].get<std::string>().find("olga"), std::string::npos);
  world.version = "2.3.6";
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "outside_window"; }, 10min));
}

TEST(Commands, ForceRefusesAVersionThatIsNotTheTarget) {
  World world;
  world.version = "2.3.4";
  world.window_open = false;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "outside_window"; }));
  const auto reply = rig.ask(Verb::force, "9.9.9");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "refused");
}

TEST(Commands, DuringAnOperationRunIsAnsweredInOperation) {
  World world;
  world.version = "2.3.4";
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  const auto reply = rig.ask(Verb::run);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "in_operation");
}

TEST(Commands, RollbackDuringTheSoakTakesThisOperationBack) {
  World world;
  world.version = "2.3.4";
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  ASSERT_TRUE(rig.ask(Verb::rollback));
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 10min));
  EXPECT_EQ(world.installed, "1.2.3-1");
  EXPECT_TRUE(rig.until([&] { return rig.reason() == "quarantined"; }));
}

TEST(Commands, RollbackLaterGoesToTheFormerVersionAndQuarantinesTheOneThatWasLeft) {
  World world;
  world.version = "2.3.4";
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min));
  world.window_open = false;
  const auto reply = rig.ask(Verb::rollback);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply.value()["decision"]["reason"], "rollback") << reply.value();
  ASSERT_TRUE(rig.until([&] { return rig.history().size() == 2 && rig.last_result() == "committed"; }, 10min));
  EXPECT_EQ(world.installed, "1.2.3-1");
  world.window_open = true;
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "quarantined"; }));
  rig.pass(5h);
  EXPECT_EQ(world.installed, "1.2.3-1");
}

TEST(Commands, APinHoldsAgainstTheChannel) {
  World world;
  world.version = "2.3.4";
  Rig rig(world);
  ASSERT_TRUE(rig.ask(Verb::pin, "1.2.3"));
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "pinned"; }));
  rig.pass(5h);
  EXPECT_EQ(world.installed, "1.2.3-1");
  ASSERT_TRUE(rig.ask(Verb::unpin));
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min));
}

TEST(Commands, ACriticalReleaseSupersedesASoakAndTheWayBackStaysTheCommittedVersion) {
  World world;
  world.version = "2.3.4";
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 1h; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  world.version = "2.3.5";
  world.critical = "yes";
  world.bad = {"2.3.5-1"};
  ASSERT_TRUE(rig.until([&] { return rig.history().size() == 2 && rig.last_result() == "rolled_back"; }, 30min));
  EXPECT_EQ(rig.history()[1]["result"], "superseded");
  EXPECT_EQ(world.installed, "1.2.3-1") << "2.3.4 was never committed";
}

TEST(Commands, AnOrdinaryReleaseWaitsForTheEndOfTheSoak) {
  World world;
  world.version = "2.3.4";
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 1h; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  world.version = "2.3.5";
  rig.pass(50min);
  EXPECT_EQ(rig.phase(), "soaking");
  EXPECT_EQ(world.installed, "2.3.4-1");
  EXPECT_TRUE(rig.until([&] { return world.installed == "2.3.5-1" && rig.last_result() == "committed"; }, 3h));
}

TEST(Commands, AChannelThatGoesBackDuringTheSoakWithdrawsTheRelease) {
  World world;
  world.version = "2.3.4";
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 1h; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  world.version = "1.2.3";
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "withdrawn"; }, 30min));
  EXPECT_EQ(world.installed, "1.2.3-1");
  EXPECT_TRUE(rig.status()["quarantined"].empty());
}

TEST(Commands, ARollbackToWhatIsInstalledDoesNothing) {
  World world;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  const auto reply = rig.ask(Verb::rollback, "1.2.3");
  ASSERT_TRUE(reply);
  EXPECT_FALSE(reply.value()["started"]);
  EXPECT_TRUE(rig.history().empty());
}

TEST(Commands, ForceDuringASoakGivesTheProofUpOnlyForAVersionThatMayStart) {
  World world;
  world.version = "2.3.4";
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 1h; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  world.version = "1.9.0";  // a downgrade to another major
  const auto refused = rig.ask(Verb::force);
  ASSERT_TRUE(refused);
  EXPECT_FALSE(refused.value()["started"]);
  EXPECT_EQ(rig.phase(), "soaking");
  world.version = "2.3.5";
  const auto taken = rig.ask(Verb::force);
  ASSERT_TRUE(taken);
  EXPECT_TRUE(taken.value()["started"]);
  EXPECT_EQ(rig.history()[1]["result"], "superseded");
}

TEST(Commands, UnpinDuringASoakIsNoWithdrawal) {
  World world;
  world.installed = world.running = "2.3.4-1";
  world.version = "2.3.4";
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 1h; });
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  engine::Command pin;
  pin.verb = Verb::pin;
  pin.version = "2.3.1";
  pin.allow_downgrade = true;
  ASSERT_TRUE(rig.ask(pin));
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  ASSERT_TRUE(rig.ask(Verb::unpin));
  rig.pass(50min);
  EXPECT_EQ(rig.phase(), "soaking");
}

TEST(Commands, StuckSaysSoAndIsResolvedByAnOperator) {
  World world;
  world.version = "3.0.0";
  world.bad = {"3.0.0-1"};
  world.verb_errors.emplace("revert", sdk::Error(sdk::Errc::invalid, "1.2.3-1 is not offered any more"));
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "stuck"; }, 10min));
  EXPECT_NE(rig.status()["decision"]["text"].get<std::string>().find("not offered any more"), std::string::npos);
  EXPECT_FALSE(rig.engine().troubles().empty());
  engine::Command command;
  command.verb = Verb::resolve;
  command.as = "failed";
  world.installed = "1.2.3-1";
  ASSERT_TRUE(rig.ask(command));
  EXPECT_TRUE(rig.until([&] { return rig.reason() == "quarantined"; }));
}

TEST(Commands, RevertRetriesForItsDeadlineAndThenIsStuck) {
  World world;
  world.version = "3.0.0";
  world.bad = {"3.0.0-1"};
  world.verb_errors.emplace("revert", sdk::Error(sdk::Errc::transient, "no mirror answers"));
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "reverting"; }, 10min));
  rig.pass(55min);
  EXPECT_EQ(rig.phase(), "reverting");
  EXPECT_TRUE(rig.until([&] { return rig.reason() == "stuck"; }, 10min));
}

}  // namespace
}  // namespace upkeep::test

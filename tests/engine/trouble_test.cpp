// SPDX-License-Identifier: Apache-2.0
// Clocks that jump, disks that are full, journals that are damaged, configurations that change: the agent stays safe and says so.
#include <gtest/gtest.h>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using engine::Verb;
using namespace std::chrono_literals;

TEST(Clock, AJumpOverTheWindowStartsNothingAndWakesTheSleeper) {
  World world;
  world.version = "2.3.4";
  world.window_open = false;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "outside_window"; }));
  world.window_changes = world.now + 3h;
  rig.ask(Verb::check);
  rig.clock().set_wall(world.now + 4h);  // past the opening
  EXPECT_TRUE(rig.until([&] { return rig.phase() == "soaking" || rig.last_result() == "committed"; }, 1min)) << rig.status();
}

TEST(Clock, AWallClockBeforeTheJournalOpensNoWindowUnlessSynchronised) {
  World world;
  world.version = "1.2.3";
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  world.synchronized = false;
  rig.clock().set_wall(world.now - 24h);
  world.version = "2.3.4";
  rig.pass(2h);
  EXPECT_EQ(world.installed, "1.2.3-1");
  EXPECT_EQ(rig.reason(), "outside_window");
  world.synchronized = true;
  rig.ask(Verb::check);
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 1h));
}

TEST(Clock, AWallClockBeforeTheProgramsBuildOpensNoWindowEver) {
  World world;
  world.version = "2.3.4";
  world.now = sdk::TimePoint(std::chrono::seconds(1'000'000'000));
  Rig rig(world);
  rig.pass(1h);
  EXPECT_EQ(world.installed, "1.2.3-1");
  EXPECT_NE(rig.status()["decision"]["text"].get<std::string>().find("before this program was built"), std::string::npos) << rig.status();
}

TEST(Channel, WhatIsNoReleaseIsSaidUntilTheChannelSaysSomethingBetter) {
  World world;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  const auto last_error = [&] { return rig.status()["source"]["last_error"]; };
  world.version = "<html>";
  ASSERT_TRUE(rig.ask(Verb::check));
  EXPECT_EQ(last_error()["code"], "invalid");
  ASSERT_TRUE(rig.ask(Verb::suspend));
  ASSERT_TRUE(rig.ask(Verb::resume));  // each a decision without another read
  EXPECT_EQ(last_error()["code"], "invalid") << rig.status();
  const auto said = std::count_if(rig.events.begin(), rig.events.end(), [](const auto& one) { return one["event"] == "poll_error"; });
  EXPECT_EQ(said, 1) << "of one answer";
  EXPECT_EQ(rig.status()["offered"]["version"], "1.2.3");
  world.channel_error = sdk::Error(sdk::Errc::transient, "503");
  ASSERT_TRUE(rig.ask(Verb::check));
  EXPECT_EQ(last_error()["code"], "transient");
  world.channel_error.reset();
  ASSERT_TRUE(rig.ask(Verb::check));
  EXPECT_EQ(last_error()["code"], "invalid");
  world.version = "1.2.3";
  ASSERT_TRUE(rig.ask(Verb::check));
  ASSERT_TRUE(rig.ask(Verb::suspend));
  EXPECT_TRUE(last_error().is_null()) << rig.status();
}

TEST(Channel, WhatAnotherSourceSaidIsNotOfferedAnyMore) {
  World world;
  {
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
    EXPECT_EQ(rig.status()["offered"]["version"], "1.2.3");
  }
  world.origin = "https://updates.test/testing";
  world.channel_error = sdk::Error(sdk::Errc::transient, "503");
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "no_release"; }, 10min));
  EXPECT_TRUE(rig.status()["offered"].is_null()) << rig.status();
  EXPECT_FALSE(rig.engine().figures().agents[0].offered);
  world.channel_error.reset();
  ASSERT_TRUE(rig.ask(Verb::check));
  EXPECT_EQ(rig.status()["offered"]["version"], "1.2.3");
}

TEST(Disk, WhatCannotBeJournalledIsNotDoneAndGoesOnWhenThereIsRoom) {
  World world;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  world.disk_full = true;
  world.version = "2.3.4";
  rig.pass(1h);
  EXPECT_EQ(world.installed, "1.2.3-1");
  EXPECT_EQ(std::count_if(world.verbs.begin(), world.verbs.end(), [](const auto& verb) { return verb.starts_with("apply"); }), 0);
  EXPECT_FALSE(rig.engine().troubles().empty());
  EXPECT_FALSE(rig.ask(Verb::suspend));
  world.disk_full = false;
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 2h));
  EXPECT_TRUE(rig.engine().troubles().empty());
}

TEST(Disk, ADiskThatFillsUpDuringApplyIsWaitedForBeforeTheRestart) {
  World world;
  world.version = "2.3.4";
  world.during_apply = [&] { world.disk_full = true; };
  Rig rig(world);
  rig.pass(30min);
  EXPECT_EQ(world.running, "1.2.3-1") << "no restart without its record";
  world.disk_full = false;
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 1h));
  EXPECT_EQ(world.running, "2.3.4-1");
}

TEST(Damage, ADamagedJournalStopsTheAgentUntilItIsResolved) {
  World world;
  {
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  }
  world.files[kJournal].insert(10, "X");
  world.version = "2.3.4";
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "journal_damaged"; }));
  rig.pass(5h);
  EXPECT_EQ(world.installed, "1.2.3-1");
  EXPECT_FALSE(rig.ask(Verb::suspend));
  EXPECT_FALSE(rig.ask(Verb::run));
  engine::Command command;
  command.verb = Verb::resolve;
  command.as = "installed";
  ASSERT_TRUE(rig.ask(command));
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 1h));
}

TEST(Damage, AJournalThatIsDamagedDuringTheProofStopsTheAgentAndNobodyElse) {
  World world;
  world.version = "2.3.4";
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 1h; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  world.files[kJournal].insert(10, "X");
  world.fault_at = world.writes + 1;
  world.fault = WriteFault::not_landed_error;
  EXPECT_FALSE(rig.ask(engine::Verb::suspend));
  rig.pass(2h);
  EXPECT_EQ(world.installed, "2.3.4-1");
  EXPECT_EQ(rig.reason(), "journal_damaged") << rig.status();
  engine::Command command;
  command.verb = Verb::resolve;
  command.as = "installed";
  ASSERT_TRUE(rig.ask(command));
  EXPECT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }, 1h)) << rig.status();
}

TEST(Watch, AnInstallerThatCannotWatchIsAskedLessAndLessOftenAndWhenItSays) {
  World world;
  world.verb_errors.emplace("changed", sdk::Error(sdk::Errc::transient, "the API server is away"));
  {
    Rig rig(world);
    rig.pass(1h);
    EXPECT_GE(world.asked_for_changes, 30);
    EXPECT_LE(world.asked_for_changes, 150);
  }
  world.asked_for_changes = 0;
  world.verb_errors.at("changed").retry_after = 10min;
  Rig rig(world);
  rig.pass(1h);
  EXPECT_GE(world.asked_for_changes, 6);
  EXPECT_LE(world.asked_for_changes, 7);
}

TEST(Bugs, AnAccessToJsonThatIsNotThereStopsItsAgentAndNobodyElse) {
  World world;
  world.version = "2.3.4";
  world.during_prepare = [] { (void)nlohmann::json(nullptr).get<std::string>(); };
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.status()["warnings"].dump().find("internal error") != std::string::npos; }, 10min));
  EXPECT_FALSE(rig.ask(engine::Verb::suspend));
}

TEST(Configuration, AReloadCountsBetweenOperationsOnly) {
  World world;
  world.version = "2.3.4";
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 1h; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  rig.configuration.agents[0].soak = 1min;
  ASSERT_TRUE(rig.reload().value()["ok"]);
  rig.pass(50min);
  EXPECT_EQ(rig.phase(), "soaking") << "the operation finishes with the settings it began with";
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 20min));
}

TEST(Configuration, ABadReloadKeepsTheOldOne) {
  World world;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  const auto good = rig.configuration;
  rig.configuration.agents.clear();
  rig.configuration.broken["demo"] = {{{"demo.toml", 3}, "source.url", "is missing"}};
  const auto reply = rig.reload().value();
  EXPECT_FALSE(reply["ok"]);
  EXPECT_EQ(reply["errors"][0]["line"], 3);
  world.version = "2.3.4";
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 1h));
}

TEST(Configuration, AnAgentThatIsRemovedFinishesItsOperationAndIsThenAnOrphanUntilForgotten) {
  World world;
  world.version = "2.3.4";
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  rig.configuration.agents.clear();
  ASSERT_TRUE(rig.reload().value()["ok"]);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "orphaned"; }, 10min));
  EXPECT_EQ(rig.last_result(), "committed");
  ASSERT_TRUE(rig.ask(Verb::forget));
  EXPECT_TRUE(rig.until([&] { return rig.engine().status(std::nullopt).value()["agents"].empty(); }));
}

TEST(Configuration, AnOperationOfAnAgentWithoutConfigurationIsFinishedAfterARestart) {
  World world;
  world.version = "3.0.0";
  world.bad = {"3.0.0-1"};
  world.die_in = "revert:middle";
  try {
    Rig rig(world);
    rig.until([] { return false; }, 1h);
  } catch (const Death&) {
  }
  Rig rig(world, [](core::AgentSettings& settings) { settings.name = "another"; });
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "orphaned"; }, 1h));
  EXPECT_EQ(rig.last_result(), "rolled_back");
  EXPECT_EQ(world.installed, "1.2.3-1");
  EXPECT_EQ(world.running, "1.2.3-1");
}

TEST(Lock, ARevertGoesBeforeWhateverElseWaits) {
  asio::io_context io;
  engine::TransactionLock lock;
  std::vector<std::string> order;
  auto take = [](engine::TransactionLock& one, std::string name, bool first, std::vector<std::string>& into) -> sdk::Task<void> {
    const auto hold = co_await one.acquire(name, first);
    into.push_back(name);
  };
  std::optional<engine::TransactionLock::Locked> held;
  auto hold = [](engine::TransactionLock& one, std::optional<engine::TransactionLock::Locked>& into) -> sdk::Task<void> {
    into = co_await one.acquire("holder", false);
  };
  engine::spawn(io.get_executor(), hold(lock, held));
  engine::spawn(io.get_executor(), take(lock, "upgrade", false, order));
  engine::spawn(io.get_executor(), take(lock, "revert", true, order));
  io.poll();
  EXPECT_TRUE(order.empty());
  EXPECT_EQ(lock.holder(), "holder");
  held.reset();
  io.restart();
  io.poll();
  EXPECT_EQ(order, (std::vector<std::string>{"revert", "upgrade"}));
  EXPECT_EQ(lock.holder(), "");
}

TEST(Lock, WhoComesAfterAHolderThatGivesWayIsTheOneToBeWaitedFor) {
  asio::io_context io;
  engine::TransactionLock lock;
  std::optional<engine::TransactionLock::Locked> held;
  auto take = [](engine::TransactionLock& one, std::optional<engine::TransactionLock::Locked>& into) -> sdk::Task<void> {
    into = co_await one.acquire("upgrade", false);
  };
  auto ahead = lock.try_acquire("ahead", [] {});  // takes its time
  ASSERT_TRUE(ahead);
  EXPECT_EQ(lock.holder(), "");
  engine::spawn(io.get_executor(), take(lock, held));
  io.poll();
  EXPECT_FALSE(held);
  EXPECT_EQ(lock.holder(), "upgrade") << "a third one would wait for its whole transaction";
  ahead.reset();
  io.restart();
  io.poll();
  EXPECT_TRUE(held);
}

TEST(Lock, AHolderThatGivesWayOnTheSpotIsNotWaitedForEver) {
  asio::io_context io;
  engine::TransactionLock lock;
  std::optional<engine::TransactionLock::Locked> held, ahead;
  auto take = [](engine::TransactionLock& one, std::optional<engine::TransactionLock::Locked>& into) -> sdk::Task<void> {
    into = co_await one.acquire("upgrade", false);
  };
  ahead = lock.try_acquire("ahead", [&] { ahead.reset(); });
  ASSERT_TRUE(ahead);
  engine::spawn(io.get_executor(), take(lock, held));
  io.poll();
  EXPECT_TRUE(held);
  EXPECT_EQ(lock.holder(), "upgrade");
}

}  // namespace
}  // namespace upkeep::test

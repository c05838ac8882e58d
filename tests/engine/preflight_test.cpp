// SPDX-License-Identifier: Apache-2.0
// What is done before the gate opens: the dry run, the download; and that neither is ever in anybody's way.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using engine::Verb;
using namespace std::chrono_literals;

class Ahead : public testing::Test {
 protected:
  Ahead() {
    world.version = "2.3.4";
    world.windows[""] = {{opens, opens + 1h}};
  }
  static void download(core::AgentSettings& settings) { settings.policy.download_ahead = true; }
  [[nodiscard]] auto times(const std::string& verb) const { return std::count(world.verbs.begin(), world.verbs.end(), verb); }
  // No verb came at the wrong time or beside another.
  void TearDown() override {
    for (const auto& verb : world.verbs) EXPECT_FALSE(verb.starts_with("WRONG")) << verb;
    EXPECT_EQ(world.transactions, 0);
  }
  static std::string state(Rig& rig) { return rig.status()["preflight"].is_null() ? "none" : rig.status()["preflight"]["state"]; }
  static bool warned(Rig& rig, const std::string& of) { return rig.status()["warnings"].dump().find(of) != std::string::npos; }
  static std::vector<std::string> told(Rig& rig) {
    std::vector<std::string> out;
    for (const auto& event : rig.events)
      if (event["event"] == "preflight") out.push_back(event["state"]);
    return out;
  }

  World world;
  const sdk::TimePoint opens = world.now + 30h;
};

TEST_F(Ahead, ARefusalIsAWarningAtFirstSightOfTheReleaseAndNoOperation) {
  world.verb_errors.emplace("prepare", sdk::Error(sdk::Errc::invalid, "it would remove libfoo"));
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return state(rig) == "refused"; }, 2min));
  EXPECT_TRUE(warned(rig, "the upgrade to 2.3.4 would be refused: it would remove libfoo; it is asked again")) << rig.status();
  EXPECT_EQ(rig.reason(), "outside_window");
  EXPECT_EQ(rig.status()["decision"]["until"], sdk::rfc3339(opens));
  EXPECT_TRUE(rig.history().empty());
  EXPECT_EQ(told(rig), (std::vector<std::string>{"refused"}));
  rig.pass(5h);
  EXPECT_EQ(times("prepare 2.3.4"), 1);
  rig.pass(2h);
  EXPECT_EQ(times("prepare 2.3.4"), 2) << "after six hours it is asked again";
  EXPECT_EQ(told(rig).size(), 1U) << "the same answer is no news";
}

TEST_F(Ahead, WhatWasRefusedIsTriedWhenTheGateOpensAndCountsNowhere) {
  world.verb_errors.emplace("prepare", sdk::Error(sdk::Errc::invalid, "it would remove libfoo"));
  Rig rig(world);
  rig.pass(29h + 50min);
  ASSERT_EQ(state(rig), "refused");
  world.verb_errors.clear();
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 15min)) << rig.status();
  EXPECT_EQ(rig.history().size(), 1U);
  EXPECT_TRUE(rig.status()["preflight"].is_null());
}

TEST_F(Ahead, AfterTheWindowARefusalGoesOnBeingAWarning) {
  world.windows[""] = {{world.now - 1h, world.now + 10min}, {opens, opens + 1h}};
  world.verb_errors.emplace("prepare", sdk::Error(sdk::Errc::invalid, "it would remove libfoo"));
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "refused"; }, 2min));
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "outside_window"; }, 1h));
  ASSERT_TRUE(rig.until([&] { return state(rig) == "refused"; }, 2min)) << rig.status();
}

TEST_F(Ahead, AnotherReleaseAnotherInstalledVersionAndAChangedConfigurationAreNewSights) {
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return state(rig) == "ready"; }, 2min));
  EXPECT_EQ(rig.status()["preflight"]["plan"][0]["to"], "2.3.4-1");
  world.version = "2.3.5";
  ASSERT_TRUE(rig.until([&] { return times("prepare 2.3.5") == 1 && state(rig) == "ready"; }, 10min));
  world.installed = "1.2.4-1";
  rig.ask(Verb::check);
  rig.reload();
  ASSERT_TRUE(rig.until([&] { return times("prepare 2.3.5") >= 2 && state(rig) == "ready"; }, 1h));
  const auto asked = times("prepare 2.3.5");
  ASSERT_TRUE(rig.reload());
  EXPECT_TRUE(rig.until([&] { return times("prepare 2.3.5") == asked + 1; }, 1min));
}

TEST_F(Ahead, AnotherInstalledVersionIsANewSight) {
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return state(rig) == "ready"; }, 2min));
  world.installed = "1.2.4-1";
  EXPECT_TRUE(rig.until([&] { return times("prepare 2.3.4") == 2; }, 1h));
  EXPECT_EQ(rig.status()["preflight"]["plan"][0]["from"], "1.2.4-1");
}

TEST_F(Ahead, WhatOthersInstallOrRemoveIsAReasonToAskAgain) {
  world.dpkg_changes = 0;
  world.verb_errors.emplace("prepare", sdk::Error(sdk::Errc::invalid, "it would remove libfoo"));
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return state(rig) == "refused"; }, 2min));
  rig.pass(1h);
  EXPECT_EQ(times("prepare 2.3.4"), 1);
  world.verb_errors.clear();
  world.dpkg_changes = 1;
  EXPECT_TRUE(rig.until([&] { return state(rig) == "ready"; }, 1min));
  for (int i = 0; i < 20; ++i) {  // a long installation by somebody else
    world.dpkg_changes = *world.dpkg_changes + 1;
    rig.pass(12s);
  }
  EXPECT_LE(times("prepare 2.3.4"), 8) << "not at each of its steps";
}

TEST_F(Ahead, TroubleThatPassesIsTriedAgainSoonAndLessAndLessOften) {
  world.verb_errors.emplace("prepare", sdk::Error(sdk::Errc::transient, "no network"));
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return state(rig) == "failed"; }, 2min));
  EXPECT_TRUE(warned(rig, "failed: no network; tried again at ")) << rig.status();
  rig.pass(12h);
  EXPECT_GE(times("prepare 2.3.4"), 12);
  EXPECT_LE(times("prepare 2.3.4"), 30);
  world.verb_errors.clear();
  ASSERT_TRUE(rig.until([&] { return state(rig) == "ready"; }, 2h));
  EXPECT_FALSE(warned(rig, "no network"));
  EXPECT_TRUE(rig.history().empty());
  EXPECT_TRUE(rig.status()["quarantined"].empty());
}

TEST_F(Ahead, NothingIsAskedThatWouldNotBeUpgradedAnyway) {
  world.way_back = {sdk::WayBackHow::none, ""};
  Rig rig(world, download);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "no_way_back"; }, 2min));
  rig.pass(24h);
  EXPECT_EQ(times("prepare 2.3.4"), 0);
}

TEST_F(Ahead, ASuspendedAgentIsLeftAlone) {
  {
    Rig rig(world, [](core::AgentSettings& settings) {
      download(settings);
      settings.poll = 1h;
    });
    ASSERT_TRUE(rig.until([&] { return rig.reason() == "no_release"; }, 10s));
    ASSERT_TRUE(rig.ask(Verb::suspend));
  }
  world.verbs.clear();
  Rig rig(world, download);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "suspended"; }, 2min));
  rig.pass(3h);
  EXPECT_TRUE(world.verbs.empty());
  ASSERT_TRUE(rig.ask(Verb::resume));
  EXPECT_TRUE(rig.until([&] { return state(rig) == "downloaded"; }, 1min));
}

TEST_F(Ahead, WithoutThePolicyNothingIsDownloaded) {
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return state(rig) == "ready"; }, 2min));
  rig.pass(20h);
  EXPECT_EQ(times("fetch 2.3.4-1"), 0);
}

TEST_F(Ahead, TheDownloadComesAfterTheDryRunAndIsShown) {
  world.fetch_takes = 10min;
  Rig rig(world, download);
  ASSERT_TRUE(rig.until([&] { return state(rig) == "downloading"; }, 2min));
  rig.pass(11min);
  EXPECT_EQ(state(rig), "downloaded");
  EXPECT_EQ(rig.status()["preflight"]["text"], "2.3.4-1 is downloaded");
  EXPECT_EQ(told(rig), (std::vector<std::string>{"downloading", "downloaded"}));
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 48h));
  EXPECT_EQ(std::count(world.verbs.begin(), world.verbs.end(), "prepare 2.3.4"), times("fetch 2.3.4-1") + 1);
}

TEST_F(Ahead, ADownloadThatFailsIsAWarningAndTheUpgradeHappensAllTheSame) {
  world.verb_errors.emplace("fetch", sdk::Error(sdk::Errc::transient, "no space left on device"));
  Rig rig(world, download);
  ASSERT_TRUE(rig.until([&] { return state(rig) == "failed"; }, 2min));
  EXPECT_TRUE(warned(rig, "downloading 2.3.4-1: no space left on device")) << rig.status();
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 48h));
  EXPECT_EQ(rig.history()[0]["started"], sdk::rfc3339(opens)) << "not a moment later";
  EXPECT_GE(times("fetch 2.3.4-1"), 20);
  EXPECT_LE(times("fetch 2.3.4-1"), 60);
}

TEST_F(Ahead, ADownloadGivesWayWhenTheWindowOpens) {
  world.fetch_takes = 100h;
  Rig rig(world, download);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 48h)) << rig.status();
  EXPECT_EQ(times("cut off fetch"), 1);
  EXPECT_EQ(rig.history()[0]["started"], sdk::rfc3339(opens));
}

TEST_F(Ahead, AnOperatorsForceDoesNotWaitForIt) {
  world.prepare_takes = 5min;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return state(rig) == "checking"; }, 2min));
  const auto before = world.now;
  ASSERT_TRUE(rig.ask(Verb::force).value()["started"]);
  EXPECT_LT(world.now - before, 1s);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min));
  EXPECT_EQ(times("cut off prepare"), 1);
}

TEST_F(Ahead, AnOperatorsRunBeforeTheWindowLetsItGoOn) {
  world.fetch_takes = 5min;
  Rig rig(world, download);
  ASSERT_TRUE(rig.until([&] { return state(rig) == "downloading"; }, 2min));
  EXPECT_FALSE(rig.ask(Verb::run).value()["started"]);
  ASSERT_TRUE(rig.until([&] { return state(rig) == "downloaded"; }, 6min));
  EXPECT_EQ(times("cut off fetch"), 0);
}

TEST_F(Ahead, ADryRunByAnOperatorComesFirst) {
  world.fetch_takes = 1h;
  Rig rig(world, download);
  ASSERT_TRUE(rig.until([&] { return state(rig) == "downloading"; }, 2min));
  const auto reply = rig.ask(Verb::dry_run).value();
  EXPECT_FALSE(reply["plan"].is_null()) << reply;
  EXPECT_EQ(times("cut off fetch"), 1);
  EXPECT_TRUE(rig.until([&] { return state(rig) == "downloaded"; }, 2h)) << "it is taken up again";
}

TEST_F(Ahead, ASuspensionEndsIt) {
  world.fetch_takes = 1h;
  Rig rig(world, download);
  ASSERT_TRUE(rig.until([&] { return state(rig) == "downloading"; }, 2min));
  ASSERT_TRUE(rig.ask(Verb::suspend));
  EXPECT_TRUE(rig.until([&] { return times("cut off fetch") == 1; }, 1min));
  EXPECT_TRUE(rig.status()["preflight"].is_null());
}

TEST_F(Ahead, AReloadEndsItAndTheNewSettingsBeginItAnew) {
  world.fetch_takes = 1h;
  Rig rig(world, download);
  ASSERT_TRUE(rig.until([&] { return state(rig) == "downloading"; }, 2min));
  rig.configuration.agents[0].policy.download_ahead = false;
  ASSERT_TRUE(rig.reload().value()["ok"]);
  ASSERT_TRUE(rig.until([&] { return state(rig) == "ready"; }, 1min));
  EXPECT_EQ(times("cut off fetch"), 1);
  rig.configuration.agents.clear();
  ASSERT_TRUE(rig.reload().value()["ok"]);
  EXPECT_TRUE(rig.until([&] { return rig.reason() == "orphaned"; }, 1min));
}

TEST_F(Ahead, AStopOfTheDaemonEndsItAndTheNextOneBeginsAnew) {
  world.fetch_takes = 1h;
  {
    Rig rig(world, download);
    ASSERT_TRUE(rig.until([&] { return state(rig) == "downloading"; }, 2min));
  }
  Rig rig(world, download);
  EXPECT_TRUE(rig.until([&] { return state(rig) == "downloaded"; }, 2h));
}

TEST_F(Ahead, DyingInItLeavesNothingBehind) {
  for (const auto* place : {"prepare:before", "fetch:before", "fetch:after"}) {
    World one;
    one.version = "2.3.4";
    one.windows[""] = {{one.now + 3h, one.now + 4h}};
    one.die_in = place;
    bool died = false;
    try {
      Rig rig(one, download);
      rig.until([] { return false; }, 1h);
    } catch (const Death&) {
      died = true;
    }
    EXPECT_TRUE(died) << place;
    Rig rig(one, download);
    EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10h)) << place;
    EXPECT_EQ(rig.history().size(), 1U) << place;
  }
}

TEST_F(Ahead, ItGivesWayToAnotherAgentAndIsTakenUpAgain) {
  world.fetch_takes = 30min;
  Rig rig(world, download);
  ASSERT_TRUE(rig.until([&] { return state(rig) == "downloading"; }, 2min));
  EXPECT_EQ(rig.shared().lock.holder(), "") << "nobody has to wait for it";
  std::optional<engine::TransactionLock::Locked> hold;
  rig.spawn(another_changes(rig.shared().lock, hold));
  const auto before = world.now;
  ASSERT_TRUE(rig.until([&] { return hold.has_value(); }, 1min));
  EXPECT_EQ(world.now, before);
  EXPECT_EQ(times("cut off fetch"), 1);
  EXPECT_EQ(rig.shared().lock.holder(), "another");
  EXPECT_EQ(state(rig), "none") << "nothing is being downloaded";
  rig.pass(20min);
  EXPECT_EQ(times("fetch 2.3.4-1"), 1) << "never while another agent is being changed";
  hold.reset();
  EXPECT_TRUE(rig.until([&] { return state(rig) == "downloaded"; }, 40min));
}

TEST_F(Ahead, ItDoesNotBeginWhileAnotherAgentIsBeingChanged) {
  Rig rig(world);
  std::optional<engine::TransactionLock::Locked> hold;
  rig.spawn(another_changes(rig.shared().lock, hold));
  rig.pass(1h);
  ASSERT_TRUE(hold);
  EXPECT_EQ(rig.reason(), "outside_window");
  EXPECT_EQ(times("prepare 2.3.4"), 0);
  hold.reset();
  EXPECT_TRUE(rig.until([&] { return state(rig) == "ready"; }, 2min));
}

TEST_F(Ahead, APluginThatThrowsInItIsAWarning) {
  world.during_prepare = [] { throw std::runtime_error("a bug of the plugin"); };
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return state(rig) == "failed"; }, 2min));
  EXPECT_TRUE(warned(rig, "internal error: a bug of the plugin"));
}

}  // namespace
}  // namespace upkeep::test

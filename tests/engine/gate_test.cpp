// SPDX-License-Identifier: Apache-2.0
// The moment within a window at which an agent starts: spread over the fleet, early enough to finish, and by what the
// channel says right before anything is touched.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/spread.h"
#include "support/rig.h"

namespace upkeep::test {
namespace {

using engine::Verb;
using namespace std::chrono_literals;

class Gate : public testing::Test {
 protected:
  static std::function<void(core::AgentSettings&)> spread(sdk::Millis most) {
    return [most](core::AgentSettings& settings) { settings.policy.spread = most; };
  }
  static void finish(core::AgentSettings& settings) { settings.policy.finish_in_window = true; }
  // When the first operation started.
  static sdk::TimePoint started(Rig& rig) {
    EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 20 * 24h)) << rig.status();
    const auto all = rig.history();
    return all.empty() ? sdk::TimePoint() : sdk::parse_rfc3339(all.back()["started"].get<std::string>()).value();
  }
  // The start of this machine for the release, after the window's opening.
  static sdk::Millis delay(sdk::Millis most, std::optional<sdk::Millis> left) { return core::spread_delay("machine", "2.3.4", most, left); }
  void release() { world.version = "2.3.4"; }
  static std::string text(Rig& rig) { return rig.status()["decision"]["text"]; }

  World world;
  const sdk::TimePoint opens = world.now + 2h;
};

TEST_F(Gate, TheStartIsSpreadAfterTheOpening) {
  world.windows[""] = {{opens, opens + 2h}};
  release();
  Rig rig(world, spread(30min));
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "spread"; }, 3h));
  const auto moment = opens + delay(30min, 2h);
  EXPECT_EQ(rig.status()["decision"]["until"], sdk::rfc3339(moment));
  EXPECT_NE(text(rig).find("this host's moment is " + sdk::rfc3339(moment)), std::string::npos) << text(rig);
  EXPECT_EQ(started(rig), moment);
}

TEST_F(Gate, ALongSpreadIsAtMostHalfOfTheWindow) {
  world.windows[""] = {{opens, opens + 10min}};
  release();
  Rig rig(world, spread(24h));
  const auto at = started(rig);
  EXPECT_EQ(at, opens + delay(24h, 10min));
  EXPECT_LE(at, opens + 5min);
}

TEST_F(Gate, AReleaseThatIsReadWithinTheWindowIsSpreadOverHalfOfWhatIsLeftOfIt) {
  world.windows[""] = {{world.now - 50min, world.now + 10min}};
  Rig rig(world, spread(30min));
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  release();
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "spread"; }, 8min)) << rig.status();
  const auto read = world.now;
  const auto left = std::chrono::duration_cast<sdk::Millis>(*world.windows[""][0].end - read);
  EXPECT_EQ(rig.status()["decision"]["until"], sdk::rfc3339(read + delay(30min, left)));
  EXPECT_EQ(started(rig), read + delay(30min, left)) << "in this window, not in the next one";
}

TEST_F(Gate, AWindowThatHasBeenOpenForWeeksIsSpreadFromTheReleaseOn) {
  world.windows[""] = {{world.now - 60 * 24h, std::nullopt}};
  Rig rig(world, spread(3h));
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  release();
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "spread"; }, 10min));
  const auto read = world.now;
  EXPECT_EQ(started(rig), read + delay(3h, std::nullopt));
}

TEST_F(Gate, AFlagOfTheSameReleaseThatComesAndGoesDoesNotPutTheStartOff) {
  world.windows[""] = {{opens, opens + 4h}};
  release();
  Rig rig(world, spread(2h));
  const auto moment = opens + delay(2h, 4h);
  ASSERT_GT(moment, opens + 10min);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "spread"; }, 3h));
  while (world.now < moment - 5min && rig.reason() == "spread") {  // other bytes at each poll, nothing new
    world.critical = world.critical == "no" ? "no\n" : "no";
    rig.pass(5min);
  }
  EXPECT_EQ(started(rig), moment);
}

TEST_F(Gate, AllSchedulesTogetherMakeTheWindow) {
  world.windows["a"] = {{opens, opens + 4h}};
  world.windows["b"] = {{opens + 1h, opens + 9h}};
  release();
  Rig rig(world, [](core::AgentSettings& settings) {
    settings.policy.spread = 24h;
    settings.schedules.clear();
    for (const auto* name : {"a", "b"})
      settings.schedules.push_back({"fake", sdk::Config(sdk::Config::Table{{"name", sdk::Config(std::string(name))}})});
  });
  EXPECT_EQ(started(rig), opens + 1h + delay(24h, 3h));
}

TEST_F(Gate, ARestartAndAReloadFindTheSameMoment) {
  world.windows[""] = {{world.now - 1h, world.now + 20h}};
  std::string until;
  {
    Rig rig(world, spread(10h));
    ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
    release();
    ASSERT_TRUE(rig.until([&] { return rig.reason() == "spread"; }, 10min));
    until = rig.status()["decision"]["until"];
    ASSERT_TRUE(rig.reload());
    rig.pass(20min);
    EXPECT_EQ(rig.status()["decision"]["until"], until);
  }
  Rig rig(world, spread(10h));
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "spread"; }, 10min));
  EXPECT_EQ(rig.status()["decision"]["until"], until);
  EXPECT_EQ(sdk::rfc3339(started(rig)), until);
}

TEST_F(Gate, AForceAndACriticalReleaseAreNotSpread) {
  world.windows[""] = {{world.now - 1h, world.now + 20h}};
  {
    World one = world;
    one.version = "2.3.4";
    Rig rig(one, spread(10h));
    ASSERT_TRUE(rig.until([&] { return rig.reason() == "spread"; }, 10min));
    EXPECT_TRUE(rig.ask(Verb::force).value()["started"]);
  }
  World one = world;
  one.version = "2.3.4";
  one.critical = "yes";
  Rig rig(one, spread(10h));
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min));
  EXPECT_EQ(rig.history()[0]["reason"], "critical");
}

TEST_F(Gate, AFailedAttemptIsNotSpreadAgain) {
  world.windows[""] = {{opens, opens + 8h}};
  release();
  world.verb_errors.emplace("apply", sdk::Error(sdk::Errc::transient, "no network"));
  Rig rig(world, spread(30min));
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "failed"; }, 4h));
  const auto failed = world.now;
  world.verb_errors.clear();
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 1h));
  EXPECT_LT(world.now - failed, 5min);
}

// finish_in_window

TEST_F(Gate, WithoutHistoryTheSoakAndTenMinutesMustFit) {
  const auto closes = world.now + 10min + 30s;  // the soak is one minute
  world.windows[""] = {{world.now - 1h, closes}, {world.now + 20h, world.now + 20h + 5min}, {world.now + 30h, world.now + 31h}};
  release();
  Rig rig(world, finish);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "too_late"; }, 2min)) << rig.status();
  EXPECT_EQ(rig.status()["decision"]["until"], sdk::rfc3339(world.windows[""][2].start)) << "the next one is too short";
  EXPECT_EQ(text(rig),
            "too late to finish in this window: an upgrade is expected to take 11m (no upgrade was seen here yet: the soak of 1m and 10m "
            "for the change), and the window ends at " +
                sdk::rfc3339(closes) + "; the next one that is long enough opens at " + sdk::rfc3339(world.windows[""][2].start));
  EXPECT_EQ(started(rig), world.windows[""][2].start);
}

TEST_F(Gate, WhatUpgradesTookHereIsLearned) {
  world.windows[""] = {{world.now - 1h, world.now + 24h}, {world.now + 48h, world.now + 48h + 25min}, {world.now + 60h, world.now + 64h}};
  release();
  world.apply_takes = 30min;
  Rig rig(world, finish);
  started(rig);
  world.apply_takes = sdk::Millis(0);
  ASSERT_TRUE(rig.until([&] { return world.now > world.windows[""][0].end; }, 48h));
  world.version = "2.3.5";
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "too_late"; }, 48h)) << rig.status();
  EXPECT_NE(text(rig).find("expected to take 31m"), std::string::npos) << text(rig);
  EXPECT_NE(text(rig).find("(the last upgrade here took that)"), std::string::npos) << text(rig);
  ASSERT_TRUE(rig.until([&] { return world.installed == "2.3.5-1" && rig.last_result() == "committed"; }, 24h));
  EXPECT_EQ(rig.history()[0]["started"], sdk::rfc3339(world.windows[""][2].start));
}

TEST_F(Gate, WindowsThatAreAllTooShortAreAWarningBeforeTheyOpen) {
  world.windows[""] = {{opens, opens + 5min}, {opens + 24h, opens + 24h + 5min}};
  release();
  Rig rig(world, finish);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "outside_window"; }, 2min));
  const std::string nowhere = "no window of the next 60 days is that long";
  EXPECT_NE(rig.status()["warnings"].dump().find(nowhere), std::string::npos) << rig.status();
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "too_late"; }, 3h));
  EXPECT_NE(text(rig).find(nowhere), std::string::npos);
  EXPECT_TRUE(rig.status()["decision"]["until"].is_null());
  rig.pass(40h);
  EXPECT_EQ(world.installed, "1.2.3-1");
  EXPECT_TRUE(rig.ask(Verb::force).value()["started"]) << "a force does not ask";
}

TEST_F(Gate, ACriticalReleaseDoesNotAskWhetherItFinishes) {
  world.windows[""] = {{world.now - 1h, world.now + 5min}};
  release();
  world.critical = "yes";
  Rig rig(world, finish);
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min));
}

TEST_F(Gate, ASpreadStartStillFinishesInTheWindow) {
  world.windows[""] = {{opens, opens + 12min}};  // one minute of room
  release();
  Rig rig(world, [](core::AgentSettings& settings) {
    finish(settings);
    settings.policy.spread = 1h;
  });
  const auto at = started(rig);
  EXPECT_EQ(at, opens + delay(1min, 12min));
}

TEST_F(Gate, WhatPreparingTakesDoesNotMakeAnOperationLate) {
  world.windows[""] = {{opens, opens + 11min}};
  release();
  world.prepare_takes = 2min;
  Rig rig(world, finish);
  EXPECT_EQ(started(rig), opens) << "it started in time";
}

TEST_F(Gate, AWindowWithoutEndIsNeverTooShort) {
  world.windows[""] = {{world.now - 1h, std::nullopt}};
  release();
  Rig rig(world, finish);
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min));
}

// The channel is read once more right before apply.

TEST_F(Gate, AReleaseThatIsTakenBackWhileItIsPreparedIsNotApplied) {
  release();
  world.during_prepare = [this] { world.version = "1.2.3"; };
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "refused"; }, 10min)) << rig.status();
  rig.pass(2h);
  EXPECT_EQ(std::count(world.verbs.begin(), world.verbs.end(), "apply 2.3.4-1"), 0);
  EXPECT_NE(rig.history()[0]["detail"].get<std::string>().find("the gate closed"), std::string::npos);
  EXPECT_EQ(rig.reason(), "up_to_date");
}

TEST_F(Gate, AnotherReleaseThanTheOneThatWasPreparedIsPreparedFirst) {
  release();
  world.during_prepare = [this] { world.version = "2.3.5"; };
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min)) << rig.status();
  EXPECT_EQ(world.installed, "2.3.5-1");
  std::vector<std::string> all;
  for (const auto& verb : world.verbs)
    if (verb.starts_with("prepare") || verb.starts_with("apply")) all.push_back(verb);
  EXPECT_EQ(all, (std::vector<std::string>{"prepare 2.3.4", "prepare 2.3.5", "apply 2.3.5-1"}));
}

TEST_F(Gate, AChannelThatSaysNoneWhileItIsPreparedIsHeard) {
  release();
  world.during_prepare = [this] { world.version = "none"; };
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "refused"; }, 10min));
  rig.pass(2h);
  EXPECT_EQ(world.installed, "1.2.3-1");
  EXPECT_EQ(rig.reason(), "no_release");
}

// Two agents, one package.

TEST_F(Gate, APackageThatAnotherAgentsOperationChangesTooIsLeftToIt) {
  release();
  Rig rig(world);
  rig.shared().changing["another"] = {"libfoo", "demo"};
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "refused"; }, 10min)) << rig.status();
  EXPECT_EQ(text(rig),
            "it would change demo to 2.3.4-1, which the running operation of agent another changes too; it waits for the end of that "
            "operation");
  EXPECT_EQ(world.installed, "1.2.3-1");
  rig.shared().changing.clear();
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 20min));
}

TEST_F(Gate, ARefusalIsAskedAgainSoonWhenOthersHaveInstalledOrRemovedSomething) {
  release();
  world.dpkg_changes = 0;
  world.verb_errors.emplace("prepare", sdk::Error(sdk::Errc::invalid, "it would change libfoo"));
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "refused"; }, 10min));
  world.verb_errors.clear();
  rig.pass(2min);
  EXPECT_EQ(rig.reason(), "refused") << "a quarter of an hour, as long as nothing changes";
  world.dpkg_changes = 1;
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 3min));
}

TEST_F(Gate, WhatAnOperationChangesIsKnownUntilItsEndAlsoAfterARestart) {
  release();
  const auto long_soak = [](core::AgentSettings& settings) { settings.soak = 1h; };
  {
    Rig rig(world, long_soak);
    ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
    EXPECT_EQ(rig.shared().changing.at("demo"), (std::vector<std::string>{"demo"}));
  }
  Rig rig(world, long_soak);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  EXPECT_EQ(rig.shared().changing.at("demo"), (std::vector<std::string>{"demo"}));
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 2h));
  EXPECT_TRUE(rig.shared().changing.empty());
}

}  // namespace
}  // namespace upkeep::test

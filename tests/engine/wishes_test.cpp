// SPDX-License-Identifier: Apache-2.0
// What the agent's own object asks for: a suspension for as long as the wish stands there, and a force that is taken once. Deaths in
// between are the crash matrix's (`wished`, `wished_other`).
#include <gtest/gtest.h>

#include <algorithm>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using engine::Verb;
using namespace std::chrono_literals;

const sdk::Wish kSuspend{sdk::Wished::suspend, "freeze", "helm", "annotation suspend of the test", ""};
sdk::Wish force(const std::string& version) {
  return {sdk::Wished::force, version, "kubectl-annotate", "annotation force of the test", "uid " + version};
}

struct Wishes : testing::Test {
  World world;
  Wishes() {
    world.version = "2.3.4";
    world.dpkg_changes = 0;
  }
  void wish(std::vector<sdk::Wish> wishes) {
    world.wishes = std::move(wishes);
    ++*world.dpkg_changes;
  }
  static std::vector<std::string> names(const Rig& rig, const std::string& like) {
    std::vector<std::string> out;
    for (const auto& event : rig.events)
      if (const std::string name = event["event"]; name.find(like) != std::string::npos) out.push_back(name);
    return out;
  }
};

TEST_F(Wishes, ASuspensionLastsAsLongAsItStandsThere) {
  world.wishes = {kSuspend};
  {
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return rig.reason() == "suspended"; }, 1min)) << rig.status();
    const auto stop = rig.status()["suspended"];
    EXPECT_EQ(stop["actor"], "claimed: helm");
    EXPECT_EQ(stop["reason"], "freeze");
    EXPECT_EQ(stop["place"], "annotation suspend of the test");
    EXPECT_TRUE(stop["until"].is_null());
    EXPECT_TRUE(rig.engine().figures().agents.at(0).suspended);
    EXPECT_EQ(names(rig, "suspended"), std::vector<std::string>{"suspended"});
    rig.pass(48h);
    EXPECT_EQ(names(rig, "suspended").size(), 1U) << "said once";
  }
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "suspended"; }, 1min));
  EXPECT_TRUE(names(rig, "suspended").empty()) << "the journal knows it";
  const auto refused = rig.ask(Verb::resume);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("annotation suspend of the test"), std::string::npos) << refused.error().message;
  EXPECT_EQ(rig.reason(), "suspended");
  EXPECT_EQ(world.takings, 0) << "it stays where it stands";
  wish({});
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min)) << rig.status();
  EXPECT_EQ(names(rig, "resumed"), std::vector<std::string>{"resumed"});
  EXPECT_TRUE(rig.status()["suspended"].is_null());
}

TEST_F(Wishes, ASuspensionBesideAnOperatorsNeedsBothToEnd) {
  world.wishes = {kSuspend};
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "suspended"; }, 1min));
  ASSERT_TRUE(rig.ask(Verb::suspend));
  EXPECT_EQ(rig.status()["suspended"]["actor"], "claimed: helm");
  EXPECT_NE(rig.status()["warnings"].dump().find("suspended by olga (uid 0) too: because"), std::string::npos) << rig.status();
  wish({});
  ASSERT_TRUE(rig.until([&] { return rig.status()["suspended"]["actor"] == "olga (uid 0)"; }, 1min)) << rig.status();
  EXPECT_TRUE(rig.status()["suspended"]["place"].is_null());
  wish({kSuspend});
  ASSERT_TRUE(rig.until([&] { return rig.status()["suspended"]["actor"] == "claimed: helm"; }, 1min)) << rig.status();
  const auto resumed = rig.ask(Verb::resume);
  ASSERT_TRUE(resumed);
  EXPECT_NE(resumed.value()["text"].get<std::string>().find("still suspended by claimed: helm"), std::string::npos) << resumed.value();
  EXPECT_EQ(rig.reason(), "suspended");
  wish({});
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min)) << rig.status();
}

TEST_F(Wishes, AnotherReasonIsAnotherSuspensionAndHostileTextsAreBounded) {
  world.wishes = {kSuspend};
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "suspended"; }, 1min));
  auto hostile = kSuspend;
  hostile.text = std::string(100000, '\xff');
  hostile.actor = hostile.place = hostile.text;
  wish({hostile});
  ASSERT_TRUE(rig.until([&] { return rig.status()["suspended"]["reason"] == std::string(1024, '?'); }, 1min)) << rig.status();
  EXPECT_LT(rig.status().dump().size(), 10000U);
  hostile.text = hostile.actor = hostile.place = "";
  wish({hostile});
  ASSERT_TRUE(rig.until([&] { return rig.status()["suspended"]["actor"] == "claimed: not known"; }, 1min)) << rig.status();
  EXPECT_EQ(rig.status()["suspended"]["place"], "the agent's own object") << "never taken for an operator's";
}

TEST_F(Wishes, AForceIsTakenOnceAndPassesTheWindow) {
  world.window_open = false;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "outside_window"; }, 1min));
  EXPECT_TRUE(rig.status()["wish"].is_null());
  wish({force("2.3.4"), kSuspend});
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min)) << rig.status();
  EXPECT_EQ(world.wishes, std::vector<sdk::Wish>{kSuspend});
  EXPECT_EQ(world.takings, 1);
  const auto last = rig.history()[0];
  EXPECT_EQ(last["actor"], "claimed: kubectl-annotate");
  EXPECT_EQ(last["reason"], "forced");
  const auto wish = rig.status()["wish"];
  EXPECT_EQ(wish["state"], "begun");
  EXPECT_EQ(wish["version"], "2.3.4");
  EXPECT_EQ(wish["operation"], last["id"]);
  EXPECT_EQ(names(rig, "wish"), std::vector<std::string>{"wish_taken"});
}

TEST_F(Wishes, AForceOfAnotherVersionIsRefusedOnceAndTakenAway) {
  world.window_open = false;
  world.wishes = {force("2.3.5")};
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.status()["wish"]["state"] == "refused"; }, 1min)) << rig.status();
  EXPECT_EQ(rig.status()["wish"]["detail"], "2.3.5 is not the target, which is 2.3.4; `upkeep pin` makes it the target");
  EXPECT_TRUE(world.wishes.empty());
  rig.pass(2h);
  EXPECT_EQ(names(rig, "wish"), (std::vector<std::string>{"wish_taken", "wish_refused"}));
  ASSERT_EQ(world.told.size(), 1U);
  EXPECT_NE(world.told[0].find("refused 1.2.3-1 -> 2.3.5: not forced to 2.3.5, as annotation force of the test wished (claimed: "
                               "kubectl-annotate): 2.3.5 is not the target"),
            std::string::npos)
      << world.told[0];
  EXPECT_EQ(world.installed, "1.2.3-1");
  for (const auto* text : {"", "latest", "2.3.4; rm -rf /"}) {
    rig.pass(15s);
    wish({force(text)});
    ASSERT_TRUE(rig.until([&] { return rig.status()["wish"]["version"] == text && rig.status()["wish"]["state"] == "refused"; }, 1min))
        << text << rig.status();
    EXPECT_EQ(rig.status()["wish"]["detail"].get<std::string>().find("version: "), 0U) << rig.status()["wish"];
  }
  // What force alone does not pass, it does not pass from there either.
  world.version = "1.0.0";
  rig.pass(10min);
  wish({force("1.0.0")});
  ASSERT_TRUE(rig.until([&] { return rig.status()["wish"]["version"] == "1.0.0" && rig.status()["wish"]["state"] != "taken"; }, 1min));
  EXPECT_EQ(rig.status()["wish"]["state"], "begun") << "a lower one of the same major version";
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min));
  world.version = "0.9.0";
  rig.pass(10min);
  wish({force("0.9.0")});
  ASSERT_TRUE(rig.until([&] { return rig.status()["wish"]["version"] == "0.9.0" && rig.status()["wish"]["state"] == "refused"; }, 1min));
  EXPECT_NE(rig.status()["wish"]["detail"].get<std::string>().find("policy allows downgrades within a major"), std::string::npos);
}

TEST_F(Wishes, WhatCannotBeTakenAwayIsStillTakenOnce) {
  world.window_open = false;
  world.bad = {"2.3.4-1"};
  world.wishes = {force("2.3.4")};
  world.taken_error = sdk::Error(sdk::Errc::denied, "may not patch");
  {
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 30min)) << rig.status();
    EXPECT_NE(rig.status()["warnings"].dump().find("annotation force of the test was taken, and stays there: may not patch"),
              std::string::npos);
    ASSERT_TRUE(rig.ask(Verb::unquarantine, "2.3.4"));
    const auto before = world.takings;
    rig.pass(1h);
    EXPECT_GT(world.takings, before) << "it is tried again";
    EXPECT_LT(world.takings, before + 20);
  }
  {
    Rig rig(world);
    rig.pass(1h);
    EXPECT_EQ(rig.history().size(), 1U) << "taken once, also over restarts";
    world.taken_error.reset();
    ASSERT_TRUE(rig.until([&] { return world.wishes.empty(); }, 1h));
    rig.pass(1h);
    EXPECT_EQ(rig.history().size(), 1U);
    EXPECT_EQ(rig.status()["warnings"].dump().find("stays there"), std::string::npos) << rig.status()["warnings"];
  }
  Rig rig(world);
  rig.pass(1h);
  wish({force("2.3.4")});
  EXPECT_TRUE(rig.until([&] { return rig.history().size() == 2; }, 10min)) << "set again, it is another wish: " << rig.status();
}

TEST_F(Wishes, OneThatComesWhileAnOperationRunsIsTakenAfterIt) {
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 10min; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  wish({force("2.3.4")});
  rig.pass(2min);
  EXPECT_EQ(rig.phase(), "soaking");
  EXPECT_EQ(world.takings, 0);
  ASSERT_TRUE(rig.until([&] { return rig.status()["wish"]["state"] == "refused"; }, 30min)) << rig.status();
  EXPECT_EQ(rig.status()["wish"]["detail"], "2.3.4 is what the channel offers");
  EXPECT_EQ(rig.history().size(), 1U);
}

// Another agent's package transaction.
TEST_F(Wishes, OneThatCannotBeDoneNowWaitsAnHour) {
  world.window_open = false;
  for (const bool ends : {true, false}) {
    World other = world;
    Rig rig(other);
    std::optional<engine::TransactionLock::Locked> lock;
    rig.spawn(another_changes(rig.shared().lock, lock));
    rig.pass(1min);
    other.wishes = {force("2.3.4")};
    ++*other.dpkg_changes;
    rig.pass(30min);
    EXPECT_EQ(rig.status()["wish"]["state"], "taken") << rig.status();
    EXPECT_TRUE(other.wishes.empty());
    if (ends) lock.reset();
    rig.pass(40min);
    EXPECT_EQ(rig.status()["wish"]["state"], ends ? "begun" : "refused") << rig.status();
    EXPECT_EQ(rig.last_result(), ends ? "committed" : "");
  }
}

TEST_F(Wishes, NothingIsTakenThatCannotBeRecorded) {
  world.window_open = false;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "outside_window"; }, 1min));
  world.disk_full = true;
  wish({force("2.3.4")});
  rig.pass(10min);
  EXPECT_EQ(world.takings, 0);
  EXPECT_EQ(world.wishes.size(), 1U);
  world.disk_full = false;
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min)) << rig.status();
}

}  // namespace
}  // namespace upkeep::test

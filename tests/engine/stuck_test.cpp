// SPDX-License-Identifier: Apache-2.0
// An operation that can neither go on nor back: what was tried, what the host looks like and what to type, in status and in
// the record, after a restart too.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/rig.h"
#include "support/verb_order.h"

namespace upkeep::test {
namespace {

using engine::Verb;
using namespace std::chrono_literals;
using nlohmann::json;

World bad(sdk::Errc code, const std::string& message) {
  World world;
  world.version = "3.0.0";
  world.bad = {"3.0.0-1"};
  world.verb_errors.emplace("revert", sdk::Error(code, message));
  return world;
}

bool some(const json& lines, const std::string& part) {
  return std::any_of(lines.begin(), lines.end(), [&](const json& line) { return line.get<std::string>().find(part) != std::string::npos; });
}

json record_of(Rig& rig) {
  const auto history = rig.history();
  for (const auto& one : history[0]["record"])
    if (one["topic"] == "stuck") return one["lines"];
  return json::array();
}

TEST(Stuck, SaysHowOftenGoingBackWasTriedSinceWhenAndTheLastErrors) {
  auto world = bad(sdk::Errc::transient, "the network is gone");
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "reverting"; }, 1h));
  const auto since = sdk::rfc3339(world.now);
  EXPECT_TRUE(rig.status()["stuck"].is_null());
  rig.pass(30min);
  world.verb_errors.erase("revert");
  world.verb_errors.emplace("revert", sdk::Error(sdk::Errc::transient, "the mirror is broken"));
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "stuck"; }, 2h));
  const auto tried = rig.status()["stuck"]["tried"];
  EXPECT_TRUE(some(tried, "3.0.0-1 was to be taken back because: unhealthy")) << tried;
  EXPECT_TRUE(some(tried, "times from " + since + " to " + sdk::rfc3339(world.now))) << tried;
  EXPECT_TRUE(some(tried, "times: the network is gone")) << tried;
  EXPECT_TRUE(some(tried, "times: the mirror is broken")) << tried;
}

TEST(Stuck, SaysWhatTheHostLooksLikeAndCheckLooksAgain) {
  auto world = bad(sdk::Errc::denied, "not allowed");
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "stuck" && !rig.status()["stuck"]["now"].empty(); }, 1h));
  auto now = rig.status()["stuck"]["now"];
  EXPECT_TRUE(some(now, "3.0.0-1 is installed")) << now;
  EXPECT_TRUE(some(now, "demo.service is activating (auto-restart)")) << now;
  EXPECT_TRUE(some(now, "way back: from the repository")) << now;
  world.installed = "1.2.3-1";  // somebody put it back by hand
  world.restart_unit();
  const auto verbs = world.verbs.size();
  const auto answer = rig.ask(Verb::check);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(some((*answer)["messages"], "1.2.3-1 is installed")) << *answer;
  now = rig.status()["stuck"]["now"];
  EXPECT_TRUE(some(now, "1.2.3-1 is installed")) << now;
  EXPECT_TRUE(some(now, "demo.service is active (running)")) << now;
  EXPECT_EQ(world.verbs.size(), verbs) << "check changes nothing";
}

TEST(Stuck, NamesTheExactCommandsThatHelp) {
  auto world = bad(sdk::Errc::denied, "not allowed");
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "stuck"; }, 1h));
  std::vector<std::string> commands;
  const auto status = rig.status();
  for (const auto& one : status["stuck"]["commands"]) {
    commands.push_back(one["command"]);
    EXPECT_FALSE(one["text"].get<std::string>().empty());
  }
  EXPECT_EQ(commands,
            (std::vector<std::string>{"fix demo=1.2.3-1", "journalctl -u demo.service -n 50", "sudo systemctl restart demo.service",
                                      "upkeep check demo", "upkeep resolve demo --as installed", "upkeep resolve demo --as failed"}));
}

// Whether trying again could not help, or was tried for long enough.
TEST(Stuck, IsNobodyWhomSomebodyElseHasMendedWhileItWentBack) {
  for (const auto code : {sdk::Errc::invalid, sdk::Errc::transient}) {
    auto world = bad(sdk::Errc::transient, "not now");
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return rig.phase() == "reverting"; }, 1h));
    world.installed = "3.0.1-1";
    world.restart_unit();
    world.verb_errors.clear();
    world.verb_errors.emplace("revert", sdk::Error(code, "another version is left alone"));
    ASSERT_TRUE(rig.until([&] { return rig.last_result() == "overtaken"; }, 2h)) << rig.status();
    EXPECT_EQ(rig.history()[0]["detail"], "somebody else installed 3.0.1-1");
    EXPECT_EQ(rig.status()["quarantined"], json::array({"3.0.0"}));
    rig.pass(2h);
    EXPECT_EQ(world.installed, "3.0.1-1");
    EXPECT_EQ(rig.history().size(), 1U);
    world.version = "3.0.2";
    world.verb_errors.clear();
    EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 1h)) << "it goes on: " << rig.status();
  }
}

TEST(Stuck, TheRecordHasAllOfItOnceAndARestartKeepsIt) {
  auto world = bad(sdk::Errc::denied, "not allowed");
  json first;
  {
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return rig.phase() == "stuck" && !record_of(rig).empty(); }, 1h));
    first = rig.status()["stuck"];
    EXPECT_TRUE(some(record_of(rig), "once: not allowed")) << record_of(rig);
    EXPECT_TRUE(some(record_of(rig), "now: 3.0.0-1 is installed"));
    EXPECT_TRUE(some(record_of(rig), "upkeep resolve demo --as failed  # "));
  }
  Rig again(world);
  ASSERT_TRUE(again.until([&] { return again.phase() == "stuck" && !again.status()["stuck"]["now"].empty(); }, 1h));
  EXPECT_EQ(again.status()["stuck"], first);
  const auto record = again.history()[0]["record"];
  EXPECT_EQ(std::count_if(record.begin(), record.end(), [](const json& one) { return one["topic"] == "stuck"; }), 1);
  ASSERT_TRUE(again.ask([] {
    engine::Command command;
    command.verb = Verb::resolve;
    command.as = "failed";
    return command;
  }()));
  ASSERT_TRUE(again.until([&] { return again.last_result() == "rolled_back"; }, 1h));
  EXPECT_TRUE(again.status()["stuck"].is_null());
  EXPECT_FALSE(record_of(again).empty());
}

TEST(Stuck, WhatAnOperatorSaysIsInstalledIsKeptAtOnce) {
  auto world = bad(sdk::Errc::denied, "not allowed");
  world.story.emplace_back("life");
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "stuck"; }, 1h));
  engine::Command resolve;
  resolve.verb = Verb::resolve;
  resolve.as = "installed";
  ASSERT_TRUE(rig.ask(resolve));
  rig.pass(1s);
  EXPECT_EQ(rig.last_result(), "committed");
  EXPECT_EQ(owed(world.story), std::vector<std::string>());
}

}  // namespace
}  // namespace upkeep::test

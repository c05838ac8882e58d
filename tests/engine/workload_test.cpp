// SPDX-License-Identifier: Apache-2.0
// An agent that is no package of this host: exact versions that only its installer can read, and others who look after it, too.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/spread.h"
#include "support/rig.h"

namespace upkeep::test {
namespace {

using engine::Verb;
using namespace std::chrono_literals;

World workload_world() {
  World world;
  world.image = "registry.test:5000/app";
  world.installed = world.running = "registry.test:5000/app:1.2.3";
  world.version = "2.3.4";
  return world;
}

TEST(Workload, AnOperatorGoesBackToTheReleaseOfTheFormerImage) {
  auto world = workload_world();
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 10min)) << rig.status();
  EXPECT_EQ(world.installed, "registry.test:5000/app:2.3.4");
  const auto reply = rig.ask(Verb::rollback);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply.value()["decision"]["reason"], "rollback") << reply.value();
  ASSERT_TRUE(rig.until([&] { return rig.history().size() == 2 && rig.last_result() == "committed"; }, 10min));
  EXPECT_EQ(world.installed, "registry.test:5000/app:1.2.3");
  EXPECT_TRUE(rig.until([&] { return rig.reason() == "quarantined"; }, 10min)) << rig.status();
  EXPECT_EQ(rig.status()["quarantined"], nlohmann::json::array({"2.3.4"}));
  rig.pass(5h);
  EXPECT_EQ(world.installed, "registry.test:5000/app:1.2.3");
}

TEST(Workload, ARollbackDuringTheSoakKnowsTheReleaseOfTheImageAlsoAfterARestart) {
  auto world = workload_world();
  {
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  }
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  const auto reply = rig.ask(Verb::rollback, "1.2.3");
  ASSERT_TRUE(reply) << reply.error().message;
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 10min));
  EXPECT_EQ(world.installed, "registry.test:5000/app:1.2.3");
}

TEST(Workload, AChannelThatGoesBackDuringTheSoakWithdrawsTheImage) {
  auto world = workload_world();
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 1h; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  world.version = "1.2.3";
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "withdrawn"; }, 30min)) << rig.status();
  EXPECT_EQ(world.installed, "registry.test:5000/app:1.2.3");
}

TEST(Workload, AfterASupersededOperationTheWayBackIsTheReleaseThatWasCommitted) {
  auto world = workload_world();
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 1h; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  world.version = "2.3.5";
  world.critical = "yes";
  ASSERT_TRUE(
      rig.until([&] { return rig.status()["operation"]["to"] == "registry.test:5000/app:2.3.5" && rig.phase() == "soaking"; }, 30min));
  const auto reply = rig.ask(Verb::rollback, "1.2.3");
  ASSERT_TRUE(reply) << reply.error().message;
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "rolled_back"; }, 10min));
  EXPECT_EQ(world.installed, "registry.test:5000/app:1.2.3");
}

TEST(Workload, WhatIsInstalledIsNamedByItsReleaseDuringTheSoak) {
  auto world = workload_world();
  Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 1h; });
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  EXPECT_EQ(rig.engine().figures().agents.at(0).installed, sdk::Version::parse("2.3.4").value());
}

// Others put the version of now back as soon as ours has proven itself, `times` in all, and say who they are.
bool fought(World& world, Rig& rig, int times, sdk::Millis apart = 0h) {
  for (int i = 0; i < times; ++i) {
    if (!rig.until([&] { return rig.last_result() == "committed" && rig.reason() == "up_to_date"; }, 1h)) return false;
    rig.pass(apart);
    world.installed = "1.2.3-1";
    ++*world.dpkg_changes;
    if (!rig.until([&] { return rig.reason() != "up_to_date"; }, 1min)) return false;
  }
  return true;
}

TEST(Contested, WhoeverPutsTheOldVersionBackTwiceIsNotFought) {
  World world;
  world.version = "2.3.4";
  world.dpkg_changes = 0;
  world.changed_by = "argocd-controller, 07:59";
  {
    Rig rig(world);
    ASSERT_TRUE(fought(world, rig, 1)) << rig.status();
    ASSERT_TRUE(fought(world, rig, 1)) << "once is no contest: " << rig.status();
    EXPECT_EQ(rig.reason(), "contested");
  }
  Rig rig(world);
  rig.pass(60 * 24h);
  EXPECT_EQ(rig.reason(), "contested") << "also after a restart, and for as long as nobody says otherwise";
  EXPECT_EQ(world.installed, "1.2.3-1");
  const auto text = rig.status()["decision"]["text"].get<std::string>();
  EXPECT_EQ(text.find("argocd-controller, 07:59 keeps putting the old version back"), 0U) << text;
  ASSERT_TRUE(rig.ask(Verb::unquarantine, "2.3.4"));
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed" && rig.reason() == "up_to_date"; }, 1h)) << rig.status();
}

TEST(Contested, IsOneReleaseAndForceTriesItOnce) {
  World world;
  world.version = "2.3.4";
  world.dpkg_changes = 0;
  Rig rig(world);
  ASSERT_TRUE(fought(world, rig, 2)) << rig.status();
  EXPECT_EQ(rig.status()["decision"]["text"].get<std::string>().find("somebody else keeps putting"), 0U);
  ASSERT_TRUE(rig.ask(Verb::force));
  ASSERT_TRUE(fought(world, rig, 1)) << rig.status();
  EXPECT_EQ(rig.reason(), "contested") << "it was put back again";
  world.version = "2.3.5";
  EXPECT_TRUE(rig.until([&] { return world.installed == "2.3.5-1" && rig.reason() == "up_to_date"; }, 1h)) << rig.status();
}

TEST(Contested, IsOverWhenWhatWasForcedStays) {
  World world;
  world.version = "2.3.4";
  world.dpkg_changes = 0;
  Rig rig(world);
  ASSERT_TRUE(fought(world, rig, 2)) << rig.status();
  ASSERT_TRUE(rig.ask(Verb::force));
  ASSERT_TRUE(rig.until([&] { return world.installed == "2.3.4-1" && rig.reason() == "up_to_date"; }, 1h)) << rig.status();
  world.version = "2.3.5";
  ASSERT_TRUE(rig.until([&] { return world.installed == "2.3.5-1" && rig.reason() == "up_to_date"; }, 1h)) << rig.status();
  world.version = "2.3.4";
  EXPECT_TRUE(rig.until([&] { return world.installed == "2.3.4-1"; }, 1h)) << rig.status();
}

TEST(Contested, WhatIsPutBackInTheMiddleOfASoakCountsToo) {
  World world;
  world.version = "2.3.4";
  world.dpkg_changes = 0;
  Rig rig(world);
  for (const int times : {1, 2}) {
    const auto overtaken = [&] {
      const auto all = rig.history();
      return std::count_if(all.begin(), all.end(), [](const auto& one) { return one["result"] == "overtaken"; }) == times;
    };
    ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min)) << rig.status();
    rig.pass(5s);
    world.installed = "1.2.3-1";
    ++*world.dpkg_changes;
    ASSERT_TRUE(rig.until(overtaken, 50s)) << rig.status();
  }
  EXPECT_TRUE(rig.until([&] { return rig.reason() == "contested"; }, 1min)) << rig.status();
}

TEST(Contested, NotByWhatIsDaysApartOrSomethingElse) {
  World world;
  world.version = "2.3.4";
  world.dpkg_changes = 0;
  Rig rig(world);
  ASSERT_TRUE(fought(world, rig, 4, 24h)) << rig.status();
  EXPECT_NE(rig.reason(), "contested");
  for (const auto* other : {"1.0.0-1", "1.0.1-1", "1.0.2-1"}) {
    ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed" && rig.reason() == "up_to_date"; }, 1h)) << rig.status();
    world.installed = other;
    ++*world.dpkg_changes;
    ASSERT_TRUE(rig.until([&] { return rig.reason() != "up_to_date"; }, 1min));
    EXPECT_NE(rig.reason(), "contested") << "an older version, but not the one of before";
  }
}

TEST(Workload, ItsPlaceInASpreadIsItsOwn) {
  auto world = workload_world();
  world.identity = "0b1c-uid";
  const auto opens = world.now + 2h;
  world.windows[""] = {{opens, opens + 2h}};
  Rig rig(world, [](core::AgentSettings& settings) { settings.policy.spread = 30min; });
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "spread"; }, 3h)) << rig.status();
  EXPECT_EQ(rig.status()["decision"]["until"], sdk::rfc3339(opens + core::spread_delay("0b1c-uid", "2.3.4", 30min, 2h)));
  EXPECT_NE(core::spread_delay("0b1c-uid", "2.3.4", 30min, 2h), core::spread_delay("machine", "2.3.4", 30min, 2h));
}

// A daemon whose pod moves from node to node during the soak.
TEST(Workload, BootsOfTheDaemonsMachineSayNothingOfIt) {
  auto world = workload_world();
  world.on_this_host = false;
  const auto hour = [](core::AgentSettings& settings) {
    settings.probes.clear();
    settings.soak = 1h;
  };
  for (int i = 0; i < 8; ++i) {
    Rig rig(world, hour);
    ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min)) << rig.status();
    rig.pass(6min);
    world.reboot();
  }
  Rig rig(world, hour);
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 15min)) << rig.status();
  EXPECT_EQ(rig.history().size(), 1U);
}

TEST(Workload, WhoeverPutsTheOldImageBackAtOnceCondemnsNobody) {
  auto world = workload_world();
  world.overtake_with = world.installed;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.history().size() == 5; }, 24h)) << rig.status();
  for (const auto& one : rig.history()) EXPECT_EQ(one["result"], "failed") << one;
  EXPECT_TRUE(rig.status()["quarantined"].empty()) << rig.status();
  world.overtake_with.clear();
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 2h)) << rig.status();
}

class Kept : public testing::Test {
 protected:
  Kept() {
    world.on_this_host = false;
    world.dpkg_changes = 0;
    Rig rig(world);
    first = keeps(rig, 1min);
  }
  // Since it was asked last.
  long keeps(Rig& rig, sdk::Millis longest) {
    rig.pass(longest);
    const auto out = std::count(world.story.begin(), world.story.end(), "keep");
    world.story.clear();
    return out;
  }
  // Somebody has changed the workload, which is looked at.
  void let_go() {
    world.holds.clear();
    world.wishes.clear();
    ++*world.dpkg_changes;
  }
  World world = workload_world();
  long first = 0;  // keeps
};

TEST_F(Kept, AtAStartAndOnceAnHour) {
  EXPECT_EQ(first, 1) << "also at the very first one";
  Rig rig(world);
  EXPECT_EQ(keeps(rig, 1min), 1);
  EXPECT_EQ(keeps(rig, 3h), 3);
}

TEST_F(Kept, NotWhatPeopleHaveStopped) {
  for (const bool held : {true, false}) {
    if (held) world.holds = {"annotation upkeep.dev/skip"};
    if (!held) world.wishes = {{sdk::Wished::suspend, "freeze", "kubectl", "annotation", "1"}};
    Rig rig(world);
    EXPECT_EQ(keeps(rig, 3h), 0) << held;
    let_go();
    EXPECT_EQ(keeps(rig, 1min), 1) << held;
  }
  Rig rig(world);
  ASSERT_TRUE(rig.ask(Verb::suspend));
  world.story.clear();
  EXPECT_EQ(keeps(rig, 3h), 0);
  ASSERT_TRUE(rig.ask(Verb::resume));
  EXPECT_EQ(keeps(rig, 1min), 1);
}

TEST_F(Kept, NothingByADaemonWhoseClaimHasLapsed) {
  Rig rig(world);
  EXPECT_EQ(keeps(rig, 1min), 1);
  rig.shared().claim_lapses = world.boot;
  EXPECT_EQ(keeps(rig, 3h), 0);
  rig.shared().claim_lapses.reset();
  let_go();
  EXPECT_EQ(keeps(rig, 1min), 1);
}

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// Two daemons on one state store: exactly one acts. When it dies the other goes on from its journals; when it cannot renew its
// claim it ends, before the other may begin.
#include <gtest/gtest.h>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;
using engine::Verb;

class Claimed : public testing::Test {
 protected:
  Claimed() {
    world.state = "fake";
    world.version = "2.3.4";
  }
  std::unique_ptr<Rig> daemon(const std::string& pod) {
    world.environment["POD"] = pod;
    return std::make_unique<Rig>(world);
  }
  // Both live, in the same time.
  bool until(const std::function<bool()>& condition, Rig& a, Rig& b, sdk::Millis longest = 24h) {
    const auto end = world.boot + longest;
    while (true) {
      a.settle();
      b.settle();
      if (condition()) return true;
      const auto next = std::min(a.clock().next().value_or(end), b.clock().next().value_or(end));
      if (next >= end) return false;
      a.clock().advance_to(next);
      b.clock().advance_to(next);
    }
  }
  static std::size_t agents(Rig& rig) { return rig.engine().status(std::nullopt).value()["agents"].size(); }
  [[nodiscard]] long count(const std::string& verb) const {
    return std::count_if(world.verbs.begin(), world.verbs.end(), [&](const std::string& one) { return one.starts_with(verb); });
  }

  World world;
};

TEST_F(Claimed, ExactlyOneActsAndTheOtherSaysWho) {
  const auto a = daemon("pod-a"), b = daemon("pod-b");
  ASSERT_TRUE(until([&] { return a->last_result() == "committed"; }, *a, *b));
  EXPECT_EQ(count("apply"), 1);
  EXPECT_EQ(count("WRONG"), 0);
  EXPECT_EQ(agents(*b), 0U);
  EXPECT_TRUE(b->engine().ready()) << "its pod is well";
  EXPECT_TRUE(b->engine().troubles().empty());
  EXPECT_EQ(b->engine().summary(), "standing by: pod-a has the journals");
  const auto refused = b->ask(Verb::suspend);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "unavailable");
  EXPECT_EQ(refused.error().message, "this daemon stands by: pod-a has the journals");
  EXPECT_FALSE(until([&] { return a->gave_up || b->gave_up; }, *a, *b, 10min)) << "it is renewed";
  EXPECT_EQ(agents(*b), 0U);
}

TEST_F(Claimed, WhenTheOwnerDiesTheOtherGoesOnFromItsJournal) {
  auto a = daemon("pod-a");
  const auto b = daemon("pod-b");
  ASSERT_TRUE(until([&] { return a->phase() == "soaking"; }, *a, *b));
  const auto died = world.boot;
  a.reset();
  ASSERT_TRUE(b->until([&] { return agents(*b) == 1; }));
  EXPECT_GE(world.boot - died, 10s);
  EXPECT_LE(world.boot - died, 21s) << "a lease is 15 s long";
  ASSERT_TRUE(b->until([&] { return b->last_result() == "committed"; }));
  EXPECT_EQ(count("apply"), 1);
  EXPECT_EQ(b->history().size(), 1U);
  EXPECT_EQ(world.installed, "2.3.4-1");
}

TEST_F(Claimed, AReloadWhileStandingByCountsOnceItIsOurs) {
  auto a = daemon("pod-a");
  const auto b = daemon("pod-b");
  b->configuration.agents.push_back(b->configuration.agents.front());
  b->configuration.agents.back().name = "second";
  ASSERT_TRUE(b->reload().value()["ok"]);
  EXPECT_EQ(agents(*b), 0U);
  a.reset();
  EXPECT_TRUE(b->until([&] { return agents(*b) == 2; }, 1min));
}

TEST_F(Claimed, OneThatIsLostOrLapsesEndsTheProcess) {
  struct Case {
    std::string name;
    std::function<void(World&)> happens;
    sdk::Millis within;
    std::string why;
  };
  const Case cases[] = {
      {"taken", [](World& w) { w.holder = "pod-b", w.held_until = w.boot + 1h; }, 5s, "pod-b has taken the journals"},
      {"no answer but errors", [](World& w) { w.claim_error = sdk::Error(sdk::Errc::transient, "no route"); }, 15s,
       "the journals may be another's by now, our claim could not be renewed: no route"},
      {"no answer at all", [](World& w) { w.claim_hangs = true; }, 15s,
       "the journals may be another's by now, our claim could not be renewed: no answer in time"},
  };
  for (const auto& one : cases) {
    world = World();
    world.state = "fake";
    const auto a = daemon("pod-a");
    a->pass(12s);
    EXPECT_FALSE(a->gave_up) << one.name;
    one.happens(world);
    const auto before = world.boot;
    ASSERT_TRUE(a->until([&] { return a->gave_up.has_value(); }, 1h)) << one.name;
    EXPECT_EQ(*a->gave_up, one.why);
    EXPECT_LE(world.boot - before, one.within) << one.name;
    if (one.name != "taken") {
      EXPECT_LE(world.boot, world.held_until) << one.name;
    }
  }
}

// A process that was stopped for 20 s, and goes on in the middle of its work while another has the journals.
TEST_F(Claimed, WhoeverWasStoppedTooLongTouchesNothing) {
  const auto stop = [this] {
    world.boot += 20s;
    world.holder = "pod-b";
    world.held_until = world.boot + 15s;
  };
  struct Case {
    std::string verb;
    std::function<void(Rig&)> act;
  };
  const Case cases[] = {
      {"apply", [](Rig& rig) { EXPECT_TRUE(rig.until([&] { return rig.gave_up.has_value(); }, 1min)); }},
      {"revert",
       [&](Rig& rig) {
         ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 1min));
         stop();
         rig.ask(Verb::rollback);
         rig.settle();
       }},
  };
  for (const auto& one : cases) {
    world = World();
    world.state = "fake";
    world.version = "2.3.4";
    if (one.verb == "apply") world.during_prepare = stop;
    const auto a = daemon("pod-a");
    one.act(*a);
    EXPECT_EQ(count(one.verb), 0) << one.verb;
    ASSERT_TRUE(a->until([&] { return a->gave_up.has_value(); }, 1h)) << one.verb;
    EXPECT_EQ(count(one.verb), 0) << one.verb;
    world.during_prepare = nullptr;
    const auto b = daemon("pod-b");
    EXPECT_TRUE(b->until([&] { return b->last_result() == (one.verb == "apply" ? "committed" : "rolled_back"); }, 1h)) << b->status();
  }
}

TEST_F(Claimed, AnErrorThatPassesInTimeIsOnlyLogged) {
  const auto a = daemon("pod-a");
  world.claim_error = sdk::Error(sdk::Errc::transient, "no route");
  a->pass(9s);
  world.claim_error.reset();
  a->pass(10min);
  EXPECT_FALSE(a->gave_up);
  EXPECT_EQ(agents(*a), 1U);
}

TEST_F(Claimed, AStoreThatDoesNotAnswerAtTheStartIsATroubleAndNobodyActs) {
  world.claim_error = sdk::Error(sdk::Errc::transient, "no route");
  const auto a = daemon("pod-a");
  a->pass(10min);
  EXPECT_TRUE(a->engine().ready());
  EXPECT_EQ(a->engine().troubles(), std::vector<std::string>{"who may write the journals is not known: no route"});
  EXPECT_TRUE(world.verbs.empty());
  world.claim_error.reset();
  EXPECT_TRUE(a->until([&] { return a->engine().troubles().empty() && agents(*a) == 1; }, 1min));
}

TEST_F(Claimed, OrphansAreThoseThatTheStoreNames) {
  {
    ASSERT_TRUE(daemon("pod-a")->until([&] { return world.files.contains(kJournal); }));
  }
  world.environment["POD"] = "pod-a";
  Rig rig(world, engine::Configuration());
  ASSERT_TRUE(rig.until([&] { return agents(rig) == 1; }));
  EXPECT_TRUE(rig.until([&] { return rig.reason() == "orphaned"; }));
}

// A store of 1 MiB, as an object of Kubernetes is.
TEST_F(Claimed, AJournalNeverOutgrowsItsStore) {
  world.capacity = 64 * 1024;
  world.records = true;
  world.bad = {"3.0.0-1"};
  const auto a = daemon("pod-a");
  const auto settled = [&] { return a->settled() && a->status()["offered"]["version"] == world.version; };
  std::size_t longest = 0;
  for (int i = 0; i < 60; ++i) {
    world.version = i == 0 ? "3.0.0" : "2.4." + std::to_string(i);
    ASSERT_TRUE(a->until(settled)) << i;
    longest = std::max(longest, world.files[kJournal].size());
  }
  EXPECT_LE(longest, world.capacity * 3 / 4);
  EXPECT_EQ(a->status()["quarantined"], nlohmann::json::array({"3.0.0"}));
  EXPECT_LT(a->history().size(), 60U);
  EXPECT_GT(a->history().size(), 3U);
  EXPECT_EQ(world.installed, "2.4.59-1");
}

}  // namespace
}  // namespace upkeep::test

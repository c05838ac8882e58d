// SPDX-License-Identifier: Apache-2.0
// Two daemons in a cluster and one journal: one acts, and when it is killed in a phase the other one ends what it has begun.
#include <gtest/gtest.h>

#include "support/kube_journal.h"
#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;
using engine::Verb;

class TwoPods : public testing::Test {
 protected:
  std::unique_ptr<Rig> pod(const std::string& name) {
    live_in_cluster(world, name);
    return std::make_unique<Rig>(world);
  }
  // Both live, in the same time.
  bool until(const std::function<bool()>& condition, Rig& a, Rig& b, sdk::Millis longest = 1h) {
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
  static bool serves(Rig& rig) { return rig.engine().status("demo").has_value(); }
  [[nodiscard]] long done(const std::string& verb) const {
    return std::count_if(world.verbs.begin(), world.verbs.end(), [&](const std::string& one) { return one.starts_with(verb); });
  }
  World world;
};

TEST_F(TwoPods, OneActsAndTheOtherSaysWho) {
  world.version = "2.3.4";
  const auto a = pod("pod-a"), b = pod("pod-b");
  ASSERT_TRUE(until([&] { return serves(*a) && a->last_result() == "committed"; }, *a, *b));
  EXPECT_EQ(done("apply"), 1);
  EXPECT_EQ(done("WRONG"), 0);
  EXPECT_FALSE(serves(*b));
  EXPECT_TRUE(b->engine().summary().starts_with("standing by: \"pod-a_")) << b->engine().summary();
  EXPECT_NE(b->engine().summary().find("(lease default/upkeep, since "), std::string::npos) << b->engine().summary();
  EXPECT_FALSE(until([&] { return a->gave_up || b->gave_up || serves(*b); }, *a, *b, 10min)) << "it is renewed";
}

TEST_F(TwoPods, WhatOneHasBegunTheOtherEndsWhateverThePhase) {
  for (const std::string phase : {"preparing", "applying", "activating", "soaking", "reverting"}) {
    world = World();
    world.version = "2.3.4";
    if (phase == "preparing") world.prepare_takes = 1min;
    if (phase == "applying") world.apply_takes = 1min;
    if (phase == "activating") world.verb_errors.emplace("activate", sdk::Error(sdk::Errc::transient, "not now"));
    if (phase == "reverting") {
      world.bad = {"2.3.4-1"};
      world.verb_errors.emplace("revert", sdk::Error(sdk::Errc::transient, "not now"));
    }
    auto a = pod("pod-a");
    const auto b = pod("pod-b");
    ASSERT_TRUE(until([&] { return serves(*a) && a->phase() == phase; }, *a, *b)) << phase;
    const auto killed = world.boot;
    a.reset();
    world.transactions = 0;
    world.verb_errors.clear();
    if (phase == "preparing") world.prepare_takes = 0s;
    ASSERT_TRUE(b->until([&] { return serves(*b); }, 1min)) << phase;
    EXPECT_GE(world.boot - killed, 5s) << phase << ": a lease of 15 s, renewed each 5 s";
    EXPECT_LE(world.boot - killed, 21s) << phase;
    const auto end = phase == "reverting" ? "rolled_back" : "committed";
    ASSERT_TRUE(b->until([&] { return b->last_result() == end; }, 1h)) << phase << b->status();
    EXPECT_EQ(world.installed, phase == "reverting" ? "1.2.3-1" : "2.3.4-1") << phase;
    EXPECT_EQ(done("WRONG"), 0) << phase;
    const bool began_anew = phase == "preparing" || phase == "applying";  // nothing had been changed yet
    EXPECT_EQ(b->history().size(), began_anew ? 2U : 1U) << phase;
  }
}

// A process that the kernel has not run for 20 s goes on in the middle of its work, while another has the journals.
TEST_F(TwoPods, WhoeverWasStoppedTooLongTouchesNothing) {
  world.version = "2.3.4";
  auto a = pod("pod-a");
  const auto b = pod("pod-b");
  ASSERT_TRUE(until([&] { return serves(*a) && a->phase() == "soaking"; }, *a, *b));
  const auto stopped = world.boot;
  ASSERT_TRUE(b->until([&] { return serves(*b); }, 1min));  // a is not run
  EXPECT_LE(world.boot - stopped, 21s);
  a->ask(Verb::rollback);
  EXPECT_EQ(done("revert"), 0);
  EXPECT_TRUE(until([&] { return a->gave_up.has_value(); }, *a, *b, 1min));
  EXPECT_EQ(done("revert"), 0);
  ASSERT_TRUE(b->until([&] { return b->last_result() == "committed"; }, 1h)) << b->status();
  EXPECT_EQ(b->history().size(), 1U);
}

// Peace is made without waiting, but never in the middle of a change.
TEST_F(TwoPods, AtItsEndADaemonGivesTheJournalsBackUnlessItIsAtWork) {
  for (const bool at_work : {false, true}) {
    world = World();
    world.version = "2.3.4";
    if (at_work) world.apply_takes = 1min;
    auto a = pod("pod-a");
    const auto b = pod("pod-b");
    ASSERT_TRUE(until([&] { return serves(*a) && (at_work ? a->phase() == "applying" : a->last_result() == "committed"); }, *a, *b));
    bool over = false;
    const auto end = [](engine::Engine& engine, bool& into) -> sdk::Task<void> {
      co_await engine.give_back();
      into = true;
    };
    a->spawn(end(a->engine(), over));
    ASSERT_TRUE(a->until([&] { return over; }, 10s));
    const auto ended = world.boot;
    a.reset();
    world.transactions = 0;
    ASSERT_TRUE(b->until([&] { return serves(*b); }, 1min));
    if (at_work)
      EXPECT_GT(world.boot - ended, 5s);
    else
      EXPECT_LE(world.boot - ended, 6s) << "it looks every 5 s";
  }
}

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// What holds for the decision whatever the facts are: tens of thousands of random worlds with a fixed seed.

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "unit/decide_facts.h"

namespace upkeep::core {
namespace {

using sdk::Action;
using sdk::Reason;

constexpr int kWorlds = 20'000;

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  bool one_in(int n) { return below(n) == 0; }
  sdk::Version any_version() {
    std::string text = std::to_string(below(4)) + "." + std::to_string(below(3)) + "." + std::to_string(below(3));
    if (one_in(6)) text += "-rc." + std::to_string(below(3));
    return version(text);
  }
  sdk::TimePoint around(sdk::TimePoint now) { return now + std::chrono::hours(below(9) - 4); }

 private:
  std::mt19937 random_;
};

void roll_release(Dice& dice, World& world) {
  world.nothing_read = dice.one_in(15);
  world.release.version.reset();
  if (!dice.one_in(15)) world.release.version = dice.any_version();
  world.release.critical = dice.one_in(5);
  if (dice.one_in(8)) world.release.expires = dice.around(world.facts.now);
  if (dice.one_in(8)) world.release.not_before = dice.around(world.facts.now);
  if (dice.one_in(8)) world.release.minimum_from = dice.any_version();
  for (int n = dice.one_in(3) ? dice.below(6) : 0; n > 0; --n) {
    world.release.withdrawn.push_back({dice.any_version(), dice.one_in(2) ? std::optional(dice.any_version()) : std::nullopt});
  }
  for (int n = dice.one_in(4) ? dice.below(4) : 0; n > 0; --n) {
    world.release.rollout.push_back({dice.around(world.facts.now), dice.below(101)});
  }
}

void roll_host(Dice& dice, World& world) {
  const char* unknown[] = {"", "2027a-custom", "14.3", "~~"};
  world.install(dice.one_in(6) ? unknown[dice.below(4)] : dice.any_version().str() + "-1");
  world.facts.installed = &world.installed;
  world.facts.release = world.nothing_read ? nullptr : &world.release;
  auto target = choose_target(world.facts);
  world.installed.matches_target = target && sdk::accepts("", *target, world.installed.version);
  world.installed.way_back.how = dice.one_in(4) ? sdk::WayBackHow::none : sdk::WayBackHow::store;
  if (dice.one_in(8)) world.installed.held_by = {"apt-mark"};
  world.facts.health = static_cast<sdk::Health>(dice.below(3));
  for (int n = dice.below(5); n > 0; --n) world.facts.quarantined[dice.any_version().str()] = "crashed";
  if (dice.one_in(10)) world.facts.contested = "flux";
  if (dice.one_in(10)) world.facts.clock_problem = "before the build";
  world.facts.share = dice.below(100);
  world.facts.schedules.clear();
  for (int n = 1 + dice.below(3); n > 0; --n) {
    sdk::Verdict verdict{dice.one_in(2), {}, dice.one_in(2) ? "a reason" : ""};
    if (!dice.one_in(3)) verdict.changes_at = world.facts.now + std::chrono::minutes(1 + dice.below(1000));
    world.facts.schedules.push_back({"window", verdict});
  }
}

void roll_wishes(Dice& dice, World& world) {
  Facts& facts = world.facts;
  if (dice.one_in(6)) facts.suspension = Suspension{"alice", "x", dice.one_in(2) ? std::optional(dice.around(facts.now)) : std::nullopt};
  if (dice.one_in(6)) facts.pin = Pin{dice.any_version(), dice.one_in(2)};
  if (dice.one_in(5)) facts.force = Force{dice.one_in(2), dice.one_in(2), dice.one_in(2), dice.one_in(2)};
  if (dice.one_in(12)) facts.rollback_to = dice.any_version();
  if (dice.one_in(12)) facts.not_trusted = "forged";
  if (dice.one_in(6)) facts.last_error = "status 503";
  facts.policy.downgrade = static_cast<Downgrade>(dice.below(3));
  if (dice.one_in(3)) facts.policy.major_skip = dice.below(3);
  facts.policy.unhealthy_may_upgrade = dice.one_in(3);
  facts.policy.require_way_back = static_cast<RequireWayBack>(dice.below(3));
  facts.policy.install_missing = dice.one_in(3);
}

World any_world(Dice& dice) {
  World world;
  roll_release(dice, world);
  roll_wishes(dice, world);
  roll_host(dice, world);
  return world;
}

const std::map<Reason, Action>& actions() {
  static const std::map<Reason, Action> kActions = {
      {Reason::suspended, Action::wait},      {Reason::no_release, Action::none},   {Reason::not_trusted, Action::none},
      {Reason::pinned, Action::none},         {Reason::withdrawn, Action::none},    {Reason::up_to_date, Action::none},
      {Reason::not_installed, Action::none},  {Reason::quarantined, Action::none},  {Reason::downgrade, Action::none},
      {Reason::major_skip, Action::none},     {Reason::minimum_from, Action::none}, {Reason::not_before, Action::wait},
      {Reason::rollout_share, Action::wait},  {Reason::no_way_back, Action::none},  {Reason::held, Action::none},
      {Reason::contested, Action::none},      {Reason::forced, Action::upgrade},    {Reason::rollback, Action::upgrade},
      {Reason::critical, Action::upgrade},    {Reason::unhealthy, Action::upgrade}, {Reason::window_open, Action::upgrade},
      {Reason::outside_window, Action::wait},
  };
  return kActions;
}

TEST(DecideProperty, TheActionIsTheOneOfTheReasonAndEveryReasonIsReached) {
  Dice dice(20270104);
  std::set<Reason> seen;
  for (int i = 0; i < kWorlds; ++i) {
    World world = any_world(dice);
    Decision decision = world.decide();
    ASSERT_TRUE(actions().contains(decision.reason)) << name(decision.reason);
    ASSERT_EQ(decision.action, actions().at(decision.reason)) << name(decision.reason);
    seen.insert(decision.reason);
  }
  EXPECT_EQ(seen.size(), actions().size());
}

TEST(DecideProperty, TheTextIsOneLineAndNamesTheTargetOfAnUpgrade) {
  Dice dice(1);
  for (int i = 0; i < kWorlds; ++i) {
    Decision decision = any_world(dice).decide();
    ASSERT_FALSE(decision.text.empty()) << name(decision.reason);
    ASSERT_EQ(decision.text.find('\n'), std::string::npos);
    if (decision.action != Action::upgrade) continue;
    ASSERT_TRUE(decision.target) << name(decision.reason);
    ASSERT_NE(decision.text.find(decision.target->str()), std::string::npos) << decision.text;
  }
}

TEST(DecideProperty, TheTargetIsTheRollbacksElseThePinsElseTheChannels) {
  Dice dice(2);
  for (int i = 0; i < kWorlds; ++i) {
    World world = any_world(dice);
    auto target = world.decide().target;
    if (world.facts.rollback_to) {
      ASSERT_EQ(target, world.facts.rollback_to);
    } else if (world.facts.pin) {
      ASSERT_EQ(target, world.facts.pin->version);
    } else if (world.nothing_read || !world.release.version) {
      ASSERT_EQ(target, std::nullopt);
    } else if (world.release.withdrawn.empty()) {
      ASSERT_EQ(target, world.release.version);
    } else if (target) {  // never a version that is withdrawn
      for (const auto& item : world.release.withdrawn) ASSERT_FALSE(item.version == *target && target != world.release.version);
    }
  }
}

TEST(DecideProperty, WhatMustNeverBeUpgradedIsNot) {
  Dice dice(3);
  for (int i = 0; i < kWorlds; ++i) {
    World world = any_world(dice);
    const Facts& facts = world.facts;
    Decision decision = world.decide();
    if (decision.action != Action::upgrade) continue;
    ASSERT_TRUE(facts.rollback_to || !world.installed.matches_target);
    ASSERT_TRUE(facts.force || world.installed.held_by.empty());
    if (facts.rollback_to) continue;
    ASSERT_TRUE(facts.pin || (facts.not_trusted.empty() && !world.nothing_read));
    ASSERT_TRUE((facts.force && facts.force->quarantined) || !facts.quarantined.contains(decision.target->str()));
    bool lower = world.installed.release && *decision.target < *world.installed.release;
    bool allowed = (facts.force && facts.force->allow_downgrade) || (facts.pin && facts.pin->allow_downgrade);
    ASSERT_TRUE(!lower || allowed || facts.policy.downgrade != Downgrade::never);
    if (decision.reason != Reason::window_open) continue;
    ASSERT_TRUE(facts.clock_problem.empty());
    for (const auto& schedule : facts.schedules) ASSERT_TRUE(schedule.verdict.open);
  }
}

TEST(DecideProperty, ATimeUntilWhichIsWaitedLiesAhead) {
  Dice dice(4);
  for (int i = 0; i < kWorlds; ++i) {
    World world = any_world(dice);
    Decision decision = world.decide();
    if (!decision.until) continue;
    ASSERT_GT(*decision.until, world.facts.now) << name(decision.reason) << ": " << decision.text;
  }
}

TEST(DecideProperty, TheSameFactsGiveTheSameDecision) {
  Dice dice(5);
  for (int i = 0; i < kWorlds / 10; ++i) {
    World world = any_world(dice);
    Decision first = world.decide();
    Decision second = world.decide();
    ASSERT_EQ(first.reason, second.reason);
    ASSERT_EQ(first.until, second.until);
    ASSERT_EQ(first.text, second.text);
    ASSERT_EQ(first.target, second.target);
  }
}

}  // namespace
}  // namespace upkeep::core

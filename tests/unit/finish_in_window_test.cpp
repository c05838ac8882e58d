// SPDX-License-Identifier: Apache-2.0
// How long an upgrade is expected to take, and which windows that leaves.
#include <gtest/gtest.h>

#include "core/finish_in_window.h"
#include "unit/decide_facts.h"

namespace upkeep::core {
namespace {

using namespace std::chrono_literals;
using sdk::Millis;

const sdk::TimePoint kStart = time_at("2027-01-04T02:00:00Z");

// Preparing at once, soaking after `change`, committed after `proof` more.
Finished upgrade(Millis change, Millis proof, OperationResult result = OperationResult::committed) {
  Finished out;
  out.result = result;
  out.started = kStart;
  out.ended = kStart + change + proof;
  out.phases = {{Phase::preparing, kStart, ""},
                {Phase::applying, kStart, ""},
                {Phase::activating, kStart + change, ""},
                {Phase::soaking, kStart + change, ""},
                {Phase::committed, out.ended, ""}};
  return out;
}

TEST(ExpectedDuration, WithoutHistoryIsTheSoakAndAnAllowanceForTheChange) {
  const auto expected = expected_duration({}, 2min);
  EXPECT_EQ(expected.duration, 12min);
  EXPECT_EQ(text(expected), "12m (no upgrade was seen here yet: the soak of 2m and 10m for the change)");
}

TEST(ExpectedDuration, IsTheLongestOfTheLastFive) {
  std::deque<Finished> history;
  history.push_back(upgrade(9h, 2min));  // long ago
  for (const auto change : {1min, 7min, 2min, 1min, 3min}) history.push_back(upgrade(change, 2min));
  const auto expected = expected_duration(history, 2min);
  EXPECT_EQ(expected.duration, 9min);
  EXPECT_EQ(expected.source, "the longest of the last 5 upgrades here");
}

TEST(ExpectedDuration, OfOneUpgradeSaysSo) {
  EXPECT_EQ(text(expected_duration({upgrade(90s + 400ms, 2min)}, 2min)), "3m31s (the last upgrade here took that)") << "rounded up";
}

struct Row {
  const char* what;
  Finished one;
  Millis soak, expected;
};
TEST(ExpectedDuration, WhatTellsAndWhatDoesNot) {
  auto interrupted = upgrade(1min, 48h);
  interrupted.phases.insert(interrupted.phases.begin() + 3, {Phase::soaking, kStart + 24h, "resumed after a restart"});
  auto set_back = upgrade(1min, 1min);
  set_back.ended = kStart - 1h;
  const Row rows[] = {
      {"what a soak took beyond its time counts", upgrade(1min, 3min), 2min, 4min},
      {"a soak that is configured shorter now counts, as long as it can take", upgrade(1min, 3h), 10min, 21min},
      {"a soak that is configured longer now counts", upgrade(1min, 2min), 1h, 61min},
      {"one that was rolled back tells nothing", upgrade(1h, 1h, OperationResult::rolled_back), 2min, 12min},
      {"one that failed tells nothing", upgrade(1h, 1h, OperationResult::failed), 2min, 12min},
      {"one over which the host was off tells nothing", interrupted, 2min, 12min},
      {"one during which the clock was set back tells nothing", set_back, 2min, 12min},
  };
  for (const auto& row : rows) EXPECT_EQ(expected_duration({row.one}, row.soak).duration, row.expected) << row.what;
}

TEST(ExpectedDuration, OneThatTellsNothingDoesNotTakeTheOthersPlace) {
  std::deque<Finished> history = {upgrade(5min, 2min)};
  for (int i = 0; i < 20; ++i) history.push_back(upgrade(1min, 1min, OperationResult::refused));
  EXPECT_EQ(expected_duration(history, 2min).duration, 7min);
}

TEST(Room, IsWhatIsLeftOfAStretch) {
  const OpenStretch hour{kStart, kStart + 1h};
  EXPECT_EQ(room(hour, kStart, 20min), Millis(40min));
  EXPECT_EQ(room(hour, kStart + 40min, 20min), Millis(0)) << "it may end together with the window";
  EXPECT_EQ(room(hour, kStart + 40min + 1ms, 20min), Millis(-1));
  EXPECT_EQ(room({kStart, std::nullopt}, kStart, 20h), std::nullopt);
}

TEST(NextLongEnough, IsTheFirstThatBeginsLaterAndFits) {
  const std::vector<OpenStretch> stretches = {
      {kStart, kStart + 5h}, {kStart + 24h, kStart + 24h + 19min}, {kStart + 48h, kStart + 48h + 20min}, {kStart + 72h, kStart + 75h}};
  const auto starts = [&](Millis duration) {
    const auto found = next_long_enough(stretches, kStart + 1h, duration);
    return found ? std::optional(found->start) : std::nullopt;
  };
  EXPECT_EQ(starts(19min), kStart + 24h);
  EXPECT_EQ(starts(20min), kStart + 48h);
  EXPECT_EQ(starts(21min), kStart + 72h);
  EXPECT_EQ(starts(4h), std::nullopt) << "the one that is open now does not begin later";
  EXPECT_EQ(next_long_enough({{kStart, std::nullopt}}, kStart - 1h, 1000h)->start, kStart);
  EXPECT_FALSE(next_long_enough({}, kStart, 1min));
}

TEST(OnlyTimeIsMissing, IsSoForWindowsDatesAndRolloutsWhenNothingElseIsInTheWay) {
  const auto asked = [](World& world) {
    world.facts.installed = &world.installed;
    world.facts.release = &world.release;
    return only_time_is_missing(world.facts);
  };
  World open;
  EXPECT_TRUE(asked(open));
  World closed;
  closed.schedule(false, "2027-01-05T12:00:00Z");
  EXPECT_TRUE(asked(closed));
  World later;
  later.release.not_before = time_at("2027-02-01T00:00:00Z");
  EXPECT_TRUE(asked(later));
  EXPECT_EQ(later.reason(), sdk::Reason::not_before) << "the facts are left alone";
  later.installed.held_by = {"a hold"};
  EXPECT_FALSE(asked(later)) << "the hold would be next";
  World staged;
  staged.release.rollout = {{time_at("2027-02-01T00:00:00Z"), 100}};
  EXPECT_TRUE(asked(staged));
  staged.installed.way_back.how = sdk::WayBackHow::none;
  EXPECT_FALSE(asked(staged));
  World done;
  done.installed.matches_target = true;
  EXPECT_FALSE(asked(done));
  World suspended;
  suspended.facts.suspension = Suspension{"olga", "because", std::nullopt};
  EXPECT_FALSE(asked(suspended));
}

}  // namespace
}  // namespace upkeep::core

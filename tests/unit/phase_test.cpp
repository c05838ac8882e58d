// SPDX-License-Identifier: Apache-2.0
// The phases' table and when a critical release counts.
#include "core/phase.h"

#include <gtest/gtest.h>

#include "core/accept.h"

namespace upkeep::core {
namespace {

using namespace std::chrono_literals;

constexpr Phase kAll[] = {Phase::idle,    Phase::waiting,   Phase::preparing, Phase::applying,    Phase::activating,
                          Phase::soaking, Phase::reverting, Phase::committed, Phase::rolled_back, Phase::stuck};

TEST(Phase, NamesReadBack) {
  for (const auto phase : kAll) EXPECT_EQ(phase_from(name(phase)), phase);
  EXPECT_FALSE(phase_from("Idle"));
}

TEST(Phase, OnlyAnOperatorLeavesStuckAndNothingSkipsTheSoak) {
  for (const auto to : kAll) EXPECT_EQ(may_go(Phase::stuck, to), to == Phase::committed || to == Phase::rolled_back) << name(to);
  EXPECT_FALSE(may_go(Phase::activating, Phase::committed));
  EXPECT_FALSE(may_go(Phase::applying, Phase::committed));
  EXPECT_FALSE(may_go(Phase::preparing, Phase::activating));
  EXPECT_FALSE(may_go(Phase::reverting, Phase::committed));
  EXPECT_FALSE(may_go(Phase::idle, Phase::applying));
}

sdk::Offer offer(const std::string& version, const std::string& critical) {
  sdk::PlainOffer plain;
  plain.version = version;
  plain.critical = critical;
  return {"https://u.test/stable", "", plain};
}

const sdk::TimePoint kNow{std::chrono::seconds(1'800'000'000)};

TEST(Accept, CriticalTogetherWithANewVersionCountsAfterASecondRead) {
  const auto first = accept(std::nullopt, offer("2.0.0", "yes"), false, kNow);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->in_force.release.critical);
  EXPECT_FALSE(first->in_force.confirmed);
  const auto soon = accept(first->in_force, offer("2.0.0", "yes"), false, kNow + 29s);
  ASSERT_TRUE(soon);
  EXPECT_FALSE(soon->in_force.release.critical);
  EXPECT_FALSE(soon->changed);
  const auto later = accept(soon->in_force, offer("2.0.0", "yes"), false, kNow + 31s);
  ASSERT_TRUE(later);
  EXPECT_TRUE(later->in_force.release.critical);
  EXPECT_TRUE(later->changed);
}

TEST(Accept, AVersionThatChangesAgainStartsTheWaitAnew) {
  const auto first = accept(std::nullopt, offer("2.0.0", "yes"), false, kNow);
  const auto second = accept(first->in_force, offer("2.0.1", "yes"), false, kNow + 40s);
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->in_force.release.critical);
}

TEST(Accept, CriticalForTheVersionInForceCountsAtOnce) {
  const auto first = accept(std::nullopt, offer("2.0.0", "no"), false, kNow);
  const auto second = accept(first->in_force, offer("2.0.0", "yes"), false, kNow + 1s);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->in_force.release.critical);
}

TEST(Accept, AFlagThatCouldNotBeReadLastTimeCountsAfterASecondRead) {
  auto unread = offer("2.0.0", "");
  std::get<sdk::PlainOffer>(unread.body).critical.reset();
  const auto first = accept(std::nullopt, unread, false, kNow);
  const auto second = accept(first->in_force, offer("2.0.0", "yes"), false, kNow + 2s);
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->in_force.release.critical) << "it may still be the flag of the version before";
  EXPECT_TRUE(accept(second->in_force, offer("2.0.0", "yes"), false, kNow + 33s)->in_force.release.critical);
}

TEST(Accept, AnotherCursorOfTheSameBytesIsNoChange) {
  const auto first = accept(std::nullopt, offer("2.0.0", "no"), false, kNow);
  auto same = offer("2.0.0", "no");
  same.etag = "another";
  EXPECT_FALSE(accept(first->in_force, same, false, kNow + 60s)->changed);
  EXPECT_TRUE(accept(first->in_force, offer("2.0.0", "no "), false, kNow + 60s)->changed);
}

TEST(Accept, AVersionIsNotNewAgainBecauseItIsSaidInOtherWords) {
  const auto first = accept(std::nullopt, offer("2.0.0", "no"), false, kNow);
  auto elsewhere = offer("v2.0.0\n", "no");
  elsewhere.origin = "https://mirror.test/stable";
  const auto second = accept(first->in_force, elsewhere, false, kNow + 1h);
  EXPECT_TRUE(second->changed);
  EXPECT_EQ(second->in_force.read_at, kNow);
  EXPECT_EQ(accept(second->in_force, offer("2.0.1", "no"), false, kNow + 2h)->in_force.read_at, kNow + 2h);
}

TEST(Accept, AFallbackNeverLowersTheVersion) {
  const auto first = accept(std::nullopt, offer("2.0.0", "no"), false, kNow);
  EXPECT_FALSE(accept(first->in_force, offer("1.9.0", "no"), true, kNow));
  EXPECT_FALSE(accept(first->in_force, offer("none", "no"), true, kNow));
  EXPECT_TRUE(accept(first->in_force, offer("2.1.0", "no"), true, kNow));
  EXPECT_TRUE(accept(first->in_force, offer("1.9.0", "no"), false, kNow));
}

TEST(Accept, ABodyThatIsNoReleaseIsAnError) {
  const auto first = accept(std::nullopt, offer("2.0.0", "no"), false, kNow);
  EXPECT_FALSE(accept(first->in_force, offer("<html>", "no"), false, kNow));
}

TEST(Accept, WhatIsJournalledReadsBack) {
  const auto first = accept(std::nullopt, offer("v2.0.0\n", "yes"), false, kNow);
  const auto back = in_force_from(to_json(first->in_force));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->offer, first->in_force.offer);
  EXPECT_EQ(back->confirmed, false);
  EXPECT_EQ(back->read_at, kNow);
}

}  // namespace
}  // namespace upkeep::core

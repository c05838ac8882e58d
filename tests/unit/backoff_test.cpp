// SPDX-License-Identifier: Apache-2.0
// How long the next attempt waits.

#include "core/backoff.h"

#include <gtest/gtest.h>

#include <limits>

namespace upkeep::core {
namespace {

using namespace std::chrono_literals;
using sdk::Millis;
constexpr double kAlmostOne = 0.9999999999;

TEST(Backoff, DoublesFromTheFirstToTheMost) {
  EXPECT_EQ(backoff(1, 1min, 1h, 0), 30s);
  EXPECT_EQ(backoff(2, 1min, 1h, 0), 1min);
  EXPECT_EQ(backoff(3, 1min, 1h, 0), 2min);
  EXPECT_EQ(backoff(6, 1min, 1h, 0), 16min);
  EXPECT_EQ(backoff(7, 1min, 1h, 0), 30min);
  EXPECT_EQ(backoff(8, 1min, 1h, 0), 30min);
}

TEST(Backoff, IsBetweenHalfAndAllOfThat) {
  EXPECT_EQ(backoff(3, 1min, 1h, 0.5), 3min);
  EXPECT_LE(backoff(3, 1min, 1h, kAlmostOne), 4min);
  EXPECT_GE(backoff(3, 1min, 1h, kAlmostOne), 4min - 1s);
}

TEST(Backoff, NeverPassesTheMostHoweverOftenItFailed) {
  for (int n : {7, 64, 100'000, std::numeric_limits<int>::max()}) {
    EXPECT_LE(backoff(n, 1min, 1h, kAlmostOne), 1h) << n;
    EXPECT_GE(backoff(n, 1min, 1h, 0), 30min) << n;
  }
  EXPECT_LE(backoff(3, 2h, 1h, kAlmostOne), 1h);
  EXPECT_LE(backoff(500, 1ms, Millis::max() / 2, kAlmostOne), Millis::max() / 2);
}

TEST(Backoff, AnAttemptNumberBelowOneIsTheFirst) {
  EXPECT_EQ(backoff(0, 1min, 1h, 0), 30s);
  EXPECT_EQ(backoff(-5, 1min, 1h, 0), 30s);
}

TEST(Jitter, IsWithinATenthOfTheBase) {
  EXPECT_EQ(jitter(5min, 0), 270s);
  EXPECT_EQ(jitter(5min, 0.5), 5min);
  EXPECT_LE(jitter(5min, kAlmostOne), 330s);
  EXPECT_GE(jitter(5min, kAlmostOne), 329s);
  EXPECT_EQ(jitter(0ms, 0.7), 0ms);
}

TEST(PauseAfter, IsTheLongerOneOfOurOwnAndWhatTheOtherSideAskedFor) {
  sdk::Error error(sdk::Errc::transient, "429");
  EXPECT_EQ(pause_after(error, 5s), 5s);
  error.retry_after = 30s;
  EXPECT_EQ(pause_after(error, 5s), 30s);
  EXPECT_EQ(pause_after(error, 2min), 2min);
}

}  // namespace
}  // namespace upkeep::core

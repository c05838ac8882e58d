// SPDX-License-Identifier: Apache-2.0
// A fleet must not start at one moment, and each host must find its own place again after a restart.

#include <gtest/gtest.h>

#include <cmath>

#include "core/spread.h"

namespace upkeep::core {
namespace {

using namespace std::chrono_literals;
using sdk::Millis;

std::string machine(int i) { return "machine-" + std::to_string(i); }

// Counts of `values` in ten equal parts of [0, whole].
std::array<int, 10> tenths(const std::vector<double>& values, double whole) {
  std::array<int, 10> out{};
  for (double value : values) ++out.at(std::min<std::size_t>(9, static_cast<std::size_t>(value / whole * 10)));
  return out;
}

TEST(Spread, FillsItsTimeEvenlyOverManyMachines) {
  std::vector<double> delays;
  for (int i = 0; i < 20'000; ++i) delays.push_back(static_cast<double>(spread_delay(machine(i), "2.3.4", 30min, std::nullopt).count()));
  for (int count : tenths(delays, static_cast<double>(Millis(30min).count()))) EXPECT_NEAR(count, 2000, 200);
}

TEST(Spread, IsTheSameForTheSameMachineAndRelease) {
  EXPECT_EQ(spread_delay("a", "2.3.4", 30min, 1h), spread_delay("a", "2.3.4", 30min, 1h));
  EXPECT_NE(spread_delay("a", "2.3.4", 30min, 1h), spread_delay("b", "2.3.4", 30min, 1h));
  EXPECT_NE(spread_delay("a", "2.3.4", 30min, 1h), spread_delay("a", "2.3.5", 30min, 1h));
  EXPECT_NE(spread_delay("a2", ".3.4", 30min, 1h), spread_delay("a", "2.3.4", 30min, 1h));
}

// A rollout outlives a version of Upkeep: a host must not change its place because the daemon was upgraded. The numbers
// are SHA-256 as computed by another program.
TEST(Spread, TheHashIsPartOfTheFormat) {
  EXPECT_EQ(spread_delay("4c4c4544004a5210", "2.3.4", 1h, std::nullopt).count(), 3'536'947);
  EXPECT_NEAR(rollout_place("4c4c4544004a5210", "2.3.4"), 0.279034, 1e-6);
}

TEST(Spread, IsNeverMoreThanHalfOfTheWindowThatIsLeft) {
  for (int i = 0; i < 5'000; ++i) {
    EXPECT_LE(spread_delay(machine(i), "2.3.4", 30min, 10min), 5min);
    EXPECT_LE(spread_delay(machine(i), "2.3.4", 30min, 2h), 30min);
    EXPECT_LE(spread_delay(machine(i), "2.3.4", 30min, std::nullopt), 30min);
  }
}

TEST(Spread, NothingToSpreadIsNoDelay) {
  EXPECT_EQ(spread_delay("a", "2.3.4", 0ms, 1h), 0ms);
  EXPECT_EQ(spread_delay("a", "2.3.4", 30min, 0ms), 0ms);
  EXPECT_EQ(spread_delay("a", "2.3.4", 30min, -1min), 0ms);
  EXPECT_EQ(spread_delay("a", "2.3.4", -30min, 1h), 0ms);
}

TEST(RolloutPlace, IsEvenIn0To100) {
  std::vector<double> places;
  for (int i = 0; i < 20'000; ++i) {
    places.push_back(rollout_place(machine(i), "2.3.4"));
    ASSERT_GE(places.back(), 0);
    ASSERT_LT(places.back(), 100);
  }
  for (int count : tenths(places, 100)) EXPECT_NEAR(count, 2000, 200);
}

TEST(RolloutPlace, IsAnotherForEachReleaseSoThatNobodyIsAlwaysFirst) {
  int early_in_both = 0;
  for (int i = 0; i < 10'000; ++i)
    early_in_both += rollout_place(machine(i), "2.3.4") < 10 && rollout_place(machine(i), "2.3.5") < 10 ? 1 : 0;
  EXPECT_NEAR(early_in_both, 100, 40);
}

TEST(RolloutPlace, HasNothingToDoWithTheDelayWithinTheWindow) {
  double together = 0;
  for (int i = 0; i < 10'000; ++i) {
    double place = rollout_place(machine(i), "2.3.4") / 100 - 0.5;
    double delay = static_cast<double>(spread_delay(machine(i), "2.3.4", 1000s, std::nullopt).count()) / 1e6 - 0.5;
    together += place * delay;
  }
  EXPECT_LT(std::abs(together / 10'000), 0.01);
}

}  // namespace
}  // namespace upkeep::core

// SPDX-License-Identifier: Apache-2.0
// The stretches in which all schedules are open, found by walking their verdicts.

#include <gtest/gtest.h>

#include "core/open_stretches.h"

namespace upkeep::core {
namespace {

using namespace std::chrono_literals;
using sdk::TimePoint;
using sdk::Verdict;

TimePoint hour(int h) { return TimePoint(std::chrono::hours(500'000) + std::chrono::hours(h)); }

// Open in some stretches of hours; counts how often it is asked.
class Fake : public sdk::Schedule {
 public:
  explicit Fake(std::vector<std::pair<int, int>> open) : open_(std::move(open)) {}
  [[nodiscard]] Verdict verdict(TimePoint at, const sdk::Release* /*release*/) const override {
    ++asked;
    for (auto [start, end] : open_) {
      if (at < hour(start)) return {false, hour(start), ""};
      if (at < hour(end)) return {true, hour(end), ""};
    }
    return {false, std::nullopt, ""};
  }
  mutable int asked = 0;

 private:
  std::vector<std::pair<int, int>> open_;
};

// Always says the same.
class Constant : public sdk::Schedule {
 public:
  Constant(bool open, std::optional<TimePoint> changes_at) : verdict_{open, changes_at, ""} {}
  [[nodiscard]] Verdict verdict(TimePoint /*at*/, const sdk::Release* /*release*/) const override {
    ++asked;
    return verdict_;
  }
  mutable int asked = 0;

 private:
  Verdict verdict_;
};

std::string walk(const std::vector<const sdk::Schedule*>& schedules, int from, int until, std::size_t most = 1000) {
  std::string out;
  auto digits = [](TimePoint time) { return std::to_string((time - hour(0)) / 1h); };
  for (const OpenStretch& stretch : open_stretches(schedules, nullptr, hour(from), hour(until), most)) {
    out += (out.empty() ? "" : " ") + digits(stretch.start) + "-" + (stretch.end ? digits(*stretch.end) : "?");
  }
  return out;
}

TEST(OpenStretches, OfOneScheduleAreItsWindows) {
  Fake one({{2, 3}, {26, 27}, {50, 51}});
  EXPECT_EQ(walk({&one}, 0, 60), "2-3 26-27 50-51");
  EXPECT_EQ(walk({&one}, 3, 50), "26-27");
  EXPECT_EQ(walk({&one}, 4, 4), "");
  EXPECT_EQ(walk({&one}, 9, 4), "");
}

TEST(OpenStretches, OneThatIsOpenAlreadyStartsNow) {
  Fake one({{2, 8}});
  EXPECT_EQ(walk({&one}, 5, 60), "5-8");
}

TEST(OpenStretches, OneThatBeginsBeforeTheEndIsShownWhole) {
  Fake one({{2, 8}});
  EXPECT_EQ(walk({&one}, 0, 3), "2-8");
}

TEST(OpenStretches, OfSeveralSchedulesAreWhereAllAreOpen) {
  Fake nights({{0, 6}, {24, 30}, {48, 54}});
  Fake lock({{4, 25}, {50, 51}});
  EXPECT_EQ(walk({&nights, &lock}, 0, 100), "4-6 24-25 50-51");
}

TEST(OpenStretches, ThatTouchAreOne) {
  Fake one({{2, 4}, {4, 6}, {6, 7}});
  EXPECT_EQ(walk({&one}, 0, 5), "2-7");
}

TEST(OpenStretches, WithoutAKnownEndSaySo) {
  Constant always(true, std::nullopt);
  EXPECT_EQ(walk({&always}, 0, 10), "0-?");
  Fake one({{2, 4}});
  EXPECT_EQ(walk({&always, &one}, 0, 10), "2-4");
}

TEST(OpenStretches, ThereIsNoneWhileOneScheduleNeverOpens) {
  Constant never(false, std::nullopt);
  Fake one({{2, 4}, {6, 8}});
  EXPECT_EQ(walk({&one, &never}, 0, 10), "");
}

TEST(OpenStretches, AreAtMostSoMany) {
  Fake one({{2, 3}, {4, 5}, {6, 7}});
  EXPECT_EQ(walk({&one}, 0, 10, 2), "2-3 4-5");
  EXPECT_EQ(walk({&one}, 0, 10, 0), "");
}

TEST(OpenStretches, AScheduleThatBreaksItsPromiseCannotStopTheWalk) {
  Constant stuck_open(true, hour(1));
  Constant stuck_closed(false, hour(1));
  EXPECT_EQ(walk({&stuck_open}, 5, 10), "5-?");
  EXPECT_EQ(walk({&stuck_closed}, 5, 10), "");
  EXPECT_EQ(stuck_open.asked + stuck_closed.asked, 2);
}

TEST(OpenStretches, AScheduleThatIsOpenRarelySetsThePace) {
  std::vector<std::pair<int, int>> nights, days;
  for (int day = 0; day < 1000; ++day) {
    nights.emplace_back(day * 24, day * 24 + (day < 999 ? 1 : 13));
    days.emplace_back(day * 24 + 12, day * 24 + 13);
  }
  Fake early(nights), late(days), once({{24 * 999, 24 * 1000}});
  EXPECT_EQ(walk({&early, &late, &once}, 2, 24 * 1000), "23988-23989");
  EXPECT_LT(early.asked, 10);
}

}  // namespace
}  // namespace upkeep::core

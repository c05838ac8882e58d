// SPDX-License-Identifier: Apache-2.0
// Random schedules around clock changes: walking the verdicts from change to change must agree, minute by minute, with
// a plain evaluation that shares nothing with the plugin (it marks minutes, with the date library's zones).

#include <date/tz.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/window.h"

namespace upkeep::test {
namespace {

using std::chrono::minutes;
using std::chrono::system_clock;

const char* const kDayNames[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

struct RandomWindow {
  std::vector<int> weekdays;  // 0 = Sunday; empty: every day
  int nth = 0;                // of the first weekday only, when not zero
  int start = 0, end = 0;     // minutes of the day
  int length = 0;             // minutes; 0: end counts
};

std::string two(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }
std::string clock_text(int minute) { return "'" + two(minute / 60) + ":" + two(minute % 60) + "'"; }

std::string toml_of(const RandomWindow& window) {
  std::string text = "[[windows]]\nstart = " + clock_text(window.start) + "\n";
  if (!window.weekdays.empty()) {
    text += "days = [";
    for (const int day : window.weekdays)
      text += std::string("'") + kDayNames[day] + (window.nth != 0 ? "#" + std::to_string(window.nth) : "") + "', ";
    text += "]\n";
  }
  return text + (window.length != 0 ? "length = '" + std::to_string(window.length) + "m'\n" : "end = " + clock_text(window.end) + "\n");
}

// The first instant that shows a local time, found by trying every minute from well before on.
date::sys_time<minutes> first_instant(const date::time_zone* zone, date::local_time<minutes> wanted) {
  date::sys_time<minutes> time(wanted.time_since_epoch() - std::chrono::hours(15));
  while (zone->to_local(time) < wanted) time += minutes(1);
  return time;
}

bool starts_on(const RandomWindow& window, date::local_days day) {
  if (window.weekdays.empty()) return true;
  const int today = static_cast<int>(date::weekday(day).c_encoding());
  if (std::find(window.weekdays.begin(), window.weekdays.end(), today) == window.weekdays.end()) return false;
  if (window.nth == 0) return true;
  // Count the same weekdays of this month up to here, or from here on.
  int count = 0;
  const auto month = date::year_month_day(day).month();
  const date::days step(window.nth > 0 ? -7 : 7);
  for (date::local_days other = day; date::year_month_day(other).month() == month; other += step) ++count;
  return count == std::abs(window.nth);
}

class Minutes {
 public:
  Minutes(const std::string& zone, date::sys_days from, int days) : zone_(date::locate_zone(zone)), from_(from), open_(days * 1440) {}

  void mark(const RandomWindow& window) {
    const auto first = date::floor<date::days>(zone_->to_local(from_));
    for (date::local_days day = first - date::days(12); day <= first + date::days(static_cast<int>(open_.size()) / 1440 + 2);
         day += date::days(1)) {
      if (!starts_on(window, day)) continue;
      const auto start = first_instant(zone_, day + minutes(window.start));
      const int next_day = window.end <= window.start ? 1440 : 0;
      const auto end = window.length != 0 ? start + minutes(window.length) : first_instant(zone_, day + minutes(window.end + next_day));
      for (auto time = start; time < end; time += minutes(1)) set(time, true);
    }
  }
  void black_out(date::local_days first, date::local_days last) {
    for (std::size_t i = 0; i < open_.size(); ++i) {
      const auto day = date::floor<date::days>(zone_->to_local(date::sys_time<minutes>(from_) + minutes(i)));
      if (first <= day && day <= last) open_[i] = false;
    }
  }
  [[nodiscard]] const std::vector<bool>& open() const { return open_; }

 private:
  void set(date::sys_time<minutes> time, bool value) {
    const auto i = (time - from_).count();
    if (i >= 0 && i < static_cast<std::int64_t>(open_.size())) open_[static_cast<std::size_t>(i)] = value;
  }

  const date::time_zone* zone_;
  date::sys_time<minutes> from_;
  std::vector<bool> open_;
};

// What the verdicts say of each minute, and whether each changes_at keeps its promise.
std::vector<bool> walked(const sdk::Schedule& schedule, sdk::TimePoint from, std::size_t count) {
  std::vector<bool> open(count);
  sdk::TimePoint now = from;
  const sdk::TimePoint until = from + minutes(count);
  while (now < until) {
    const sdk::Verdict verdict = schedule.verdict(now, nullptr);
    const sdk::TimePoint next = verdict.changes_at.value_or(until);
    if (next <= now) throw std::logic_error("changes_at is not later");
    for (sdk::TimePoint time = now; time < std::min(next, until); time += minutes(1)) {
      open[static_cast<std::size_t>((time - from) / minutes(1))] = verdict.open;
      // Asked in the middle of it, the schedule says the same.
      if ((time - from) / minutes(1) % 97 == 0) {
        const sdk::Verdict again = schedule.verdict(time, nullptr);
        EXPECT_EQ(again.open, verdict.open) << sdk::rfc3339(time);
        EXPECT_EQ(again.changes_at, verdict.changes_at) << sdk::rfc3339(time);
      }
    }
    if (verdict.changes_at) {
      EXPECT_NE(schedule.verdict(next, nullptr).open, verdict.open) << sdk::rfc3339(next);
    }
    now = next;
  }
  return open;
}

TEST(WindowProperty, walking_from_change_to_change_agrees_with_looking_at_every_minute) {
  const struct {
    const char* zone;
    date::sys_days from;
  } places[] = {{"Europe/Berlin", date::year(2027) / 3 / 18},       {"Europe/Berlin", date::year(2027) / 10 / 20},
                {"America/New_York", date::year(2027) / 3 / 5},     {"America/New_York", date::year(2027) / 10 / 28},
                {"Australia/Lord_Howe", date::year(2027) / 3 / 25}, {"Australia/Lord_Howe", date::year(2027) / 9 / 23},
                {"Africa/Casablanca", date::year(2027) / 1 / 30},   {"Africa/Casablanca", date::year(2027) / 3 / 4},
                {"Pacific/Apia", date::year(2011) / 12 / 20},       {"UTC", date::year(2028) / 2 / 18}};
  constexpr int kDays = 21;
  std::mt19937 random(20271128);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  for (int round = 0; round < 60; ++round) {
    const auto& place = places[round % std::size(places)];
    Minutes expected(place.zone, place.from, kDays);
    std::string text = std::string("time_zone = '") + place.zone + "'\n", windows;
    for (int i = pick(1, 3); i > 0; --i) {
      RandomWindow window;
      for (int n = pick(0, 3); n > 0; --n) window.weekdays.push_back(pick(0, 6));
      if (!window.weekdays.empty() && pick(0, 3) == 0) window.nth = pick(0, 1) == 0 ? pick(1, 5) : -pick(1, 5);
      window.start = pick(0, 2) == 0 ? pick(0, 1439) : pick(0, 16) * 15;  // mostly early: where the clock is changed
      if (pick(0, 1) == 0)
        window.length = pick(0, 3) == 0 ? pick(1, 7 * 1440) : pick(1, 600);
      else
        window.end = pick(0, 1) == 0 ? pick(0, 1439) : pick(0, 16) * 15;
      expected.mark(window);
      windows += toml_of(window);
    }
    if (const int blackouts = pick(0, 2); blackouts > 0) {
      text += "blackout = [";
      for (int i = 0; i < blackouts; ++i) {
        const date::sys_days first = place.from + date::days(pick(0, kDays)), last = first + date::days(pick(0, 4));
        text += "'" + date::format("%F", first) + "/" + date::format("%F", last) + "', ";
        expected.black_out(date::local_days(first.time_since_epoch()), date::local_days(last.time_since_epoch()));
      }
      text += "]\n";
    }
    const TestWindow window(text + windows);
    const sdk::TimePoint from(std::chrono::duration_cast<sdk::Millis>(place.from.time_since_epoch()));
    const auto actual = walked(*window.schedule, from, expected.open().size());
    const auto differs = std::mismatch(actual.begin(), actual.end(), expected.open().begin());
    ASSERT_EQ(differs.first, actual.end()) << "round " << round << ": wrong at "
                                           << sdk::rfc3339(from + minutes(differs.first - actual.begin())) << ", should be "
                                           << (*differs.second ? "open" : "closed") << "\n"
                                           << text << windows;
  }
}

}  // namespace
}  // namespace upkeep::test

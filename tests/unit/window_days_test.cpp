// SPDX-License-Identifier: Apache-2.0
// On which days a window starts: weekdays, the nth of a month, dates.

#include <gtest/gtest.h>

#include "support/window.h"

namespace upkeep::test {
namespace {

// The dates on which a window of one hour opens.
Lines opens_on(const std::string& days, std::string_view from, std::string_view until) {
  Lines out;
  for (const std::string& stretch : TestWindow(days + "\nstart = '02:00'\nlength = '1h'").stretches(from, until)) {
    EXPECT_EQ(stretch.substr(10), "T02:00/" + stretch.substr(0, 10) + "T03:00");
    out.push_back(stretch.substr(0, 10));
  }
  return out;
}

TEST(WindowDays, without_days_and_dates_it_opens_every_day) {
  EXPECT_EQ(opens_on("", "2027-02-27T00:00", "2027-03-02T00:00"), (Lines{"2027-02-27", "2027-02-28", "2027-03-01"}));
}

TEST(WindowDays, weekdays_in_short_and_long_names_of_any_case) {
  EXPECT_EQ(opens_on("days = ['Mon', 'WEDNESDAY', 'fri']", "2027-01-03T00:00", "2027-01-10T00:00"),
            (Lines{"2027-01-04", "2027-01-06", "2027-01-08"}));
  EXPECT_EQ(opens_on("days = ['sUnDaY', 'Sun']", "2027-01-01T00:00", "2027-01-14T00:00"), (Lines{"2027-01-03", "2027-01-10"}));
}

TEST(WindowDays, the_second_tuesday_of_the_month) {
  EXPECT_EQ(opens_on("days = ['Tue#2']", "2027-01-01T00:00", "2027-04-30T00:00"),
            (Lines{"2027-01-12", "2027-02-09", "2027-03-09", "2027-04-13"}));
}

TEST(WindowDays, the_last_tuesday_of_the_month_and_the_one_before) {
  EXPECT_EQ(opens_on("days = ['Tue#-1']", "2027-01-01T00:00", "2027-04-30T00:00"),
            (Lines{"2027-01-26", "2027-02-23", "2027-03-30", "2027-04-27"}));
  EXPECT_EQ(opens_on("days = ['tuesday#-2']", "2027-01-01T00:00", "2027-02-28T00:00"), (Lines{"2027-01-19", "2027-02-16"}));
}

TEST(WindowDays, a_fifth_tuesday_is_not_in_every_month) {
  EXPECT_EQ(opens_on("days = ['Tue#5']", "2027-01-01T00:00", "2027-12-31T00:00"),
            (Lines{"2027-03-30", "2027-06-29", "2027-08-31", "2027-11-30"}));
  EXPECT_EQ(opens_on("days = ['Sun#5']", "2027-02-01T00:00", "2027-03-01T00:00"), Lines{}) << "February has exactly four";
  EXPECT_EQ(opens_on("days = ['Mon#-5']", "2027-01-01T00:00", "2027-06-01T00:00"), (Lines{"2027-03-01", "2027-05-03"}));
}

TEST(WindowDays, first_and_last_days_of_months_and_leap_days) {
  EXPECT_EQ(opens_on("days = ['Sat#1']", "2028-01-01T00:00", "2028-01-31T00:00"), (Lines{"2028-01-01"}));
  EXPECT_EQ(opens_on("days = ['Tue#-1']", "2028-02-01T00:00", "2028-03-01T00:00"), (Lines{"2028-02-29"}));
  EXPECT_EQ(opens_on("days = ['Tue#5']", "2028-02-01T00:00", "2028-03-01T00:00"), (Lines{"2028-02-29"}));
}

TEST(WindowDays, dates) {
  EXPECT_EQ(opens_on("dates = ['2027-03-01', '2027-01-05', '2028-02-29']", "2026-01-01T00:00", "2029-01-01T00:00"),
            (Lines{"2027-01-05", "2027-03-01", "2028-02-29"}));
}

TEST(WindowDays, dates_are_in_addition_to_days) {
  EXPECT_EQ(opens_on("days = ['Mon']\ndates = ['2027-01-05']", "2027-01-03T00:00", "2027-01-10T00:00"),
            (Lines{"2027-01-04", "2027-01-05"}));
}

TEST(WindowDays, days_are_local_days) {
  // Monday 02:00 in Auckland is Sunday in UTC.
  EXPECT_EQ(TestWindow("time_zone = 'Pacific/Auckland'\ndays = ['Mon']\nstart = '02:00'\nlength = '1h'")
                .stretches("2027-01-03T00:00", "2027-01-05T00:00"),
            (Lines{"2027-01-03T13:00/2027-01-03T14:00"}));
}

}  // namespace
}  // namespace upkeep::test

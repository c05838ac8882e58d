// SPDX-License-Identifier: Apache-2.0
// Windows on the days on which a clock is changed. A start that the clock skips is the first instant after the gap, one
// that occurs twice is the first; an `end` is resolved like a start; a `length` is elapsed time.

#include <gtest/gtest.h>

#include "support/window.h"

namespace upkeep::test {
namespace {

struct Case {
  std::string what, window, from, until;
  Lines stretches;  // UTC
};

void check(const std::string& zone, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const TestWindow window("time_zone = \"" + zone + "\"\n" + c.window);
    EXPECT_EQ(window.stretches(c.from, c.until), c.stretches) << zone << ": " << c.what;
  }
}

TEST(WindowDst, berlin_skips_two_to_three_in_march_and_repeats_it_in_october) {
  // 2027-03-28 01:00Z: +1 becomes +2. 2027-10-31 01:00Z: +2 becomes +1.
  check("Europe/Berlin", {{"before, on and after the change in spring",
                           "start = '02:30'\nlength = '1h'",
                           "2027-03-27T00:00",
                           "2027-03-30T00:00",
                           {"2027-03-27T01:30/2027-03-27T02:30", "2027-03-28T01:00/2027-03-28T02:00", "2027-03-29T00:30/2027-03-29T01:30"}},
                          {"a skipped end is the first instant after the gap",
                           "start = '01:30'\nend = '02:30'",
                           "2027-03-28T00:00",
                           "2027-03-28T22:00",
                           {"2027-03-28T00:30/2027-03-28T01:00"}},
                          {"a window wholly in the gap is empty",
                           "start = '02:10'\nend = '02:50'",
                           "2027-03-27T12:00",
                           "2027-03-29T12:00",
                           {"2027-03-29T00:10/2027-03-29T00:50"}},
                          {"two o'clock itself is skipped",
                           "start = '02:00'\nlength = '1h'",
                           "2027-03-28T00:00",
                           "2027-03-29T00:00",
                           {"2027-03-28T01:00/2027-03-28T02:00"}},
                          {"a start that occurs twice is the first",
                           "start = '02:30'\nlength = '1h'",
                           "2027-10-31T00:00",
                           "2027-11-01T00:00",
                           {"2027-10-31T00:30/2027-10-31T01:30"}},
                          {"an end that occurs twice is the first",
                           "start = '01:00'\nend = '02:30'",
                           "2027-10-30T22:00",
                           "2027-10-31T22:00",
                           {"2027-10-30T23:00/2027-10-31T00:30"}},
                          {"an end after the repeated hour waits for it",
                           "start = '02:30'\nend = '03:00'",
                           "2027-10-31T00:00",
                           "2027-11-01T00:00",
                           {"2027-10-31T00:30/2027-10-31T02:00"}},
                          {"length is elapsed time across the change",
                           "start = '23:00'\nlength = '6h'",
                           "2027-10-30T12:00",
                           "2027-10-31T12:00",
                           {"2027-10-30T21:00/2027-10-31T03:00"}},
                          {"end is a local time across the change",
                           "start = '23:00'\nend = '05:00'",
                           "2027-10-30T12:00",
                           "2027-10-31T12:00",
                           {"2027-10-30T21:00/2027-10-31T04:00"}}});
}

TEST(WindowDst, new_york) {
  // 2027-03-14 07:00Z: -5 becomes -4. 2027-11-07 06:00Z: -4 becomes -5.
  check("America/New_York",
        {{"skipped start",
          "start = '02:15'\nlength = '30m'",
          "2027-03-13T12:00",
          "2027-03-15T12:00",
          {"2027-03-14T07:00/2027-03-14T07:30", "2027-03-15T06:15/2027-03-15T06:45"}},
         {"doubled start",
          "start = '01:15'\nlength = '30m'",
          "2027-11-06T12:00",
          "2027-11-08T12:00",
          {"2027-11-07T05:15/2027-11-07T05:45", "2027-11-08T06:15/2027-11-08T06:45"}},
         {"doubled end", "start = '00:30'\nend = '01:15'", "2027-11-07T00:00", "2027-11-08T00:00", {"2027-11-07T04:30/2027-11-07T05:15"}}});
}

TEST(WindowDst, lord_howe_changes_by_half_an_hour) {
  // 2027-04-03 15:00Z: +11 becomes +10:30. 2027-10-02 15:30Z: +10:30 becomes +11.
  check("Australia/Lord_Howe", {{"skipped start",
                                 "start = '02:15'\nlength = '1h'",
                                 "2027-10-02T00:00",
                                 "2027-10-04T00:00",
                                 {"2027-10-02T15:30/2027-10-02T16:30", "2027-10-03T15:15/2027-10-03T16:15"}},
                                {"a start right after the gap",
                                 "start = '02:30'\nlength = '1h'",
                                 "2027-10-02T00:00",
                                 "2027-10-03T00:00",
                                 {"2027-10-02T15:30/2027-10-02T16:30"}},
                                {"doubled start",
                                 "start = '01:45'\nlength = '1h'",
                                 "2027-04-03T00:00",
                                 "2027-04-05T00:00",
                                 {"2027-04-03T14:45/2027-04-03T15:45", "2027-04-04T15:15/2027-04-04T16:15"}},
                                {"a day of 24 and a half hours",
                                 "days = ['Sun']\nstart = '00:00'\nend = '00:00'",
                                 "2027-04-03T00:00",
                                 "2027-04-05T00:00",
                                 {"2027-04-03T13:00/2027-04-04T13:30"}}});
}

TEST(WindowDst, casablanca_goes_back_for_ramadan) {
  // 2027-02-07 02:00Z: +1 becomes +0. 2027-03-14 02:00Z: +0 becomes +1.
  check("Africa/Casablanca", {{"doubled start",
                               "start = '02:30'\nlength = '1h'",
                               "2027-02-06T12:00",
                               "2027-02-08T12:00",
                               {"2027-02-07T01:30/2027-02-07T02:30", "2027-02-08T02:30/2027-02-08T03:30"}},
                              {"skipped start",
                               "start = '02:30'\nlength = '1h'",
                               "2027-03-13T12:00",
                               "2027-03-15T12:00",
                               {"2027-03-14T02:00/2027-03-14T03:00", "2027-03-15T01:30/2027-03-15T02:30"}}});
}

TEST(WindowDst, utc_knows_no_change) {
  check("UTC", {{"every day alike",
                 "start = '02:30'\nend = '03:00'",
                 "2027-03-28T00:00",
                 "2027-03-30T00:00",
                 {"2027-03-28T02:30/2027-03-28T03:00", "2027-03-29T02:30/2027-03-29T03:00"}}});
  EXPECT_EQ(TestWindow("start = '02:30'\nend = '03:00'").stretches("2027-10-31T00:00", "2027-11-01T00:00"),
            (Lines{"2027-10-31T02:30/2027-10-31T03:00"}))
      << "UTC is the default";
}

TEST(WindowDst, a_day_that_a_zone_left_out_has_no_time_of_its_own) {
  // Samoa went from 2011-12-29 24:00 straight to 2011-12-31 00:00, local time: 10:00Z on the 30th.
  const std::string samoa = "time_zone = 'Pacific/Apia'\n";
  EXPECT_EQ(TestWindow(samoa + "dates = ['2011-12-30']\nstart = '12:00'\nlength = '1h'").stretches("2011-12-28T00:00", "2012-01-02T00:00"),
            (Lines{"2011-12-30T10:00/2011-12-30T11:00"}));
  EXPECT_EQ(TestWindow(samoa + "always = true\nblackout = ['2011-12-30']").at("2011-12-28T00:00").changes_at, std::nullopt)
      << "a blackout of that day cuts out nothing";
}

TEST(WindowDst, a_window_of_seven_days_reaches_into_the_eighth_where_a_day_is_short) {
  // 23:59 on March 27 in Berlin, and 168 hours later.
  const TestWindow window("time_zone = 'Europe/Berlin'\ndates = ['2027-03-27']\nstart = '23:59'\nlength = '7d'");
  EXPECT_EQ(window.at("2027-04-03T22:30").changes_at, utc("2027-04-03T22:59"));
}

TEST(WindowDst, daily_windows_of_24_hours_leave_the_extra_hour_of_autumn_open_to_nobody) {
  const TestWindow window("time_zone = 'Europe/Berlin'\nstart = '00:00'\nlength = '24h'");
  EXPECT_EQ(window.at("2027-05-01T12:00").changes_at, utc("2027-10-31T22:00"));
  EXPECT_EQ(window.at("2027-10-31T22:30").changes_at, utc("2027-10-31T23:00"));
}

}  // namespace
}  // namespace upkeep::test

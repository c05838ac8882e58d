// SPDX-License-Identifier: Apache-2.0
// Windows become stretches: [start, end), merged where they touch or overlap, without the blackouts.

#include <gtest/gtest.h>

#include "support/window.h"

namespace upkeep::test {
namespace {

TEST(WindowStretch, is_open_from_its_start_and_closed_from_its_end) {
  const TestWindow window("days = ['Mon']\nstart = '02:00'\nlength = '1h'");
  EXPECT_FALSE(window.open("2027-01-04T01:59:59.999"));
  EXPECT_TRUE(window.open("2027-01-04T02:00:00"));
  EXPECT_TRUE(window.open("2027-01-04T02:59:59.999"));
  EXPECT_FALSE(window.open("2027-01-04T03:00:00"));
}

TEST(WindowStretch, says_when_it_changes) {
  const TestWindow window("days = ['Mon']\nstart = '02:00'\nlength = '1h'");
  EXPECT_EQ(window.at("2027-01-04T01:59:59.999").changes_at, utc("2027-01-04T02:00"));
  EXPECT_EQ(window.at("2027-01-04T02:00").changes_at, utc("2027-01-04T03:00"));
  EXPECT_EQ(window.at("2027-01-04T02:59:59.999").changes_at, utc("2027-01-04T03:00"));
  EXPECT_EQ(window.at("2027-01-04T03:00").changes_at, utc("2027-01-11T02:00"));
}

TEST(WindowStretch, an_end_at_or_before_the_start_is_the_next_day) {
  EXPECT_EQ(TestWindow("days = ['Fri']\nstart = '22:00'\nend = '04:00'").stretches("2027-01-01T00:00", "2027-01-08T00:00"),
            (Lines{"2027-01-01T22:00/2027-01-02T04:00"}));
  EXPECT_EQ(TestWindow("days = ['Fri']\nstart = '22:00'\nend = '22:00'").stretches("2027-01-01T00:00", "2027-01-08T00:00"),
            (Lines{"2027-01-01T22:00/2027-01-02T22:00"}));
  EXPECT_EQ(TestWindow("days = ['Fri']\nstart = '22:00'\nend = '24:00'").stretches("2027-01-01T00:00", "2027-01-08T00:00"),
            (Lines{"2027-01-01T22:00/2027-01-02T00:00"}));
}

TEST(WindowStretch, the_shortest_and_the_longest) {
  EXPECT_EQ(TestWindow("days = ['Fri']\nstart = '23:59'\nlength = '1m'").stretches("2027-01-01T00:00", "2027-01-08T00:00"),
            (Lines{"2027-01-01T23:59/2027-01-02T00:00"}));
  EXPECT_EQ(TestWindow("days = ['Fri#1']\nstart = '23:59'\nlength = '7d'").stretches("2027-01-01T00:00", "2027-02-01T00:00"),
            (Lines{"2027-01-01T23:59/2027-01-08T23:59"}));
  EXPECT_TRUE(TestWindow("days = ['Fri#1']\nstart = '23:59'\nlength = '7d'").open("2027-01-08T23:58:59"));
}

TEST(WindowStretch, windows_that_touch_are_one_stretch) {
  EXPECT_EQ(TestWindow("[[windows]]\ndays = ['Mon']\nstart = '02:00'\nend = '03:00'\n"
                       "[[windows]]\ndays = ['Mon']\nstart = '03:00'\nlength = '30m'\n")
                .stretches("2027-01-04T00:00", "2027-01-05T00:00"),
            (Lines{"2027-01-04T02:00/2027-01-04T03:30"}));
}

TEST(WindowStretch, windows_that_overlap_are_one_stretch_whatever_their_order) {
  EXPECT_EQ(TestWindow("[[windows]]\ndays = ['Tue']\nstart = '01:00'\nend = '02:00'\n"
                       "[[windows]]\ndays = ['Mon']\nstart = '23:00'\nlength = '150m'\n"
                       "[[windows]]\ndays = ['Mon']\nstart = '22:00'\nlength = '2h'\n"
                       "[[windows]]\ndays = ['Tue']\nstart = '04:00'\nlength = '1h'\n")
                .stretches("2027-01-04T00:00", "2027-01-06T00:00"),
            (Lines{"2027-01-04T22:00/2027-01-05T02:00", "2027-01-05T04:00/2027-01-05T05:00"}));
}

TEST(WindowStretch, a_long_window_holds_shorter_ones_of_later_days) {
  EXPECT_EQ(TestWindow("[[windows]]\ndays = ['Mon']\nstart = '12:00'\nlength = '3d'\n"
                       "[[windows]]\nstart = '02:00'\nlength = '1h'\n")
                .stretches("2027-01-04T00:00", "2027-01-08T00:00"),
            (Lines{"2027-01-04T02:00/2027-01-04T03:00", "2027-01-04T12:00/2027-01-07T12:00"}));
}

TEST(WindowStretch, daily_windows_of_a_whole_day_never_change) {
  const sdk::Verdict verdict = TestWindow("start = '05:00'\nend = '05:00'").at("2027-01-04T12:00");
  EXPECT_TRUE(verdict.open);
  EXPECT_EQ(verdict.changes_at, std::nullopt);
}

TEST(WindowStretch, always_and_never) {
  EXPECT_TRUE(TestWindow("always = true").open("2027-01-04T12:00"));
  EXPECT_EQ(TestWindow("always = true").at("2027-01-04T12:00").changes_at, std::nullopt);
  EXPECT_FALSE(TestWindow("never = true").open("2027-01-04T12:00"));
  EXPECT_EQ(TestWindow("never = true").at("2027-01-04T12:00").changes_at, std::nullopt);
}

TEST(WindowStretch, dates_that_are_over_never_open_again_and_say_so) {
  const sdk::Verdict verdict = TestWindow("dates = ['2020-01-01']\nstart = '02:00'\nlength = '1h'").at("2027-01-04T12:00");
  EXPECT_FALSE(verdict.open);
  EXPECT_EQ(verdict.changes_at, std::nullopt);
  EXPECT_EQ(verdict.reason, "window 2020-01-01 02:00-03:00 UTC, does not open in the next five years");
}

TEST(WindowBlackout, cuts_whole_local_days_out) {
  // 2027-12-24 in Berlin is 23:00Z to 23:00Z.
  EXPECT_EQ(
      TestWindow("always = true\ntime_zone = 'Europe/Berlin'\nblackout = ['2027-12-24']").stretches("2027-12-01T00:00", "2028-01-01T00:00"),
      (Lines{"2027-12-01T00:00/2027-12-23T23:00", "2027-12-24T23:00/?"}));
}

TEST(WindowBlackout, a_range_includes_its_first_and_its_last_day) {
  EXPECT_EQ(
      TestWindow("start = '12:00'\nlength = '1h'\nblackout = ['2027-12-20/2028-01-02']").stretches("2027-12-19T00:00", "2028-01-04T00:00"),
      (Lines{"2027-12-19T12:00/2027-12-19T13:00", "2028-01-03T12:00/2028-01-03T13:00"}));
}

TEST(WindowBlackout, cuts_one_window_in_two) {
  EXPECT_EQ(TestWindow("days = ['Mon']\nstart = '12:00'\nlength = '3d'\nblackout = ['2027-01-06']")
                .stretches("2027-01-04T00:00", "2027-01-11T00:00"),
            (Lines{"2027-01-04T12:00/2027-01-06T00:00", "2027-01-07T00:00/2027-01-07T12:00"}));
}

TEST(WindowBlackout, cuts_a_window_off_at_midnight) {
  EXPECT_EQ(TestWindow("start = '23:00'\nlength = '2h'\nblackout = ['2027-01-05']").stretches("2027-01-04T12:00", "2027-01-06T12:00"),
            (Lines{"2027-01-04T23:00/2027-01-05T00:00", "2027-01-06T00:00/2027-01-06T01:00"}))
      << "the evening of the 5th is cut out, its window's rest after midnight is not";
}

TEST(WindowBlackout, ranges_that_touch_overlap_or_repeat_are_as_one) {
  EXPECT_EQ(TestWindow("start = '12:00'\nlength = '1h'\n"
                       "blackout = ['2027-01-08/2027-01-10', '2027-01-05', '2027-01-06/2027-01-07', '2027-01-09', '2027-01-05']")
                .stretches("2027-01-04T00:00", "2027-01-12T00:00"),
            (Lines{"2027-01-04T12:00/2027-01-04T13:00", "2027-01-11T12:00/2027-01-11T13:00"}));
}

TEST(WindowBlackout, on_the_day_of_a_clock_change_has_that_days_length) {
  // 2027-03-28 in Berlin has 23 hours.
  EXPECT_EQ(
      TestWindow("always = true\ntime_zone = 'Europe/Berlin'\nblackout = ['2027-03-28']").stretches("2027-03-27T00:00", "2027-04-01T00:00"),
      (Lines{"2027-03-27T00:00/2027-03-27T23:00", "2027-03-28T22:00/?"}));
}

TEST(WindowBlackout, is_named_when_it_is_what_closes_the_schedule) {
  const TestWindow window(
      "days = ['Mon', 'Fri']\nstart = '02:00'\nlength = '1h'\nblackout = ['2027-12-20/2028-01-02']\ntime_zone = 'Europe/Berlin'");
  EXPECT_EQ(window.at("2027-12-13T01:30").reason, "window Mon,Fri 02:00-03:00 Europe/Berlin") << "open";
  EXPECT_EQ(window.at("2027-12-16T12:00").reason, "window Mon,Fri 02:00-03:00 Europe/Berlin") << "closed, but not by the blackout";
  EXPECT_EQ(window.at("2027-12-24T01:30").reason, "window Mon,Fri 02:00-03:00 Europe/Berlin, blackout 2027-12-20/2028-01-02");
  EXPECT_EQ(window.at("2027-12-18T12:00").reason, "window Mon,Fri 02:00-03:00 Europe/Berlin, blackout 2027-12-20/2028-01-02")
      << "the window that would be next is cut out";
  EXPECT_EQ(window.at("2027-12-18T12:00").changes_at, utc("2028-01-03T01:00"));
}

TEST(WindowReason, says_what_was_configured) {
  const auto reason = [](const std::string& text) { return TestWindow(text).at("2027-01-04T12:00").reason; };
  EXPECT_EQ(reason("days = ['monday', 'Tue#2']\nstart = '02:00'\nend = '05:00'\n"), "window Mon,Tue#2 02:00-05:00 UTC");
  EXPECT_EQ(reason("start = '22:00'\nlength = '36h'\n"), "window daily 22:00 for 1d12h UTC");
  EXPECT_EQ(reason("start = '22:00'\nlength = '90s'\n"), "window daily 22:00 for 1m30s UTC");
  EXPECT_EQ(reason("start = '22:00'\nlength = '4h'\n"), "window daily 22:00-02:00 UTC");
  EXPECT_EQ(reason("dates = ['2027-01-05', '2027-01-06', '2027-01-07', '2027-01-08']\nstart = '22:00'\nlength = '4h'\n"),
            "window 2027-01-05,2027-01-06,2027-01-07 and 1 more 22:00-02:00 UTC");
  EXPECT_EQ(reason("always = true\n"), "always UTC");
  EXPECT_EQ(
      reason("[[windows]]\ndays = ['Mon']\nstart = '02:00'\nlength = '1h'\n[[windows]]\ndays = ['Tue']\nstart = '03:00'\nlength = '1h'\n"),
      "windows Mon 02:00-03:00; Tue 03:00-04:00 UTC");
}

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// What is wrong with a window's configuration is said with line and path, all of it at once.

#include <gtest/gtest.h>

#include "support/window.h"

namespace upkeep::test {
namespace {

Lines wrong(const std::string& text) { return problems(plugins::window::kDescriptor, text); }

TEST(WindowConfig, the_documented_example_is_right) {
  EXPECT_EQ(wrong("days = ['Mon', 'Wed', 'Fri']\nstart = '02:00'\nlength = '1h'\ntime_zone = 'UTC'\n"), Lines{});
  EXPECT_EQ(wrong("always = true"), Lines{});
  EXPECT_EQ(wrong("always = true\nblackout = ['2027-12-24', '2027-12-20/2028-01-02']\ntime_zone = 'America/Argentina/Buenos_Aires'"),
            Lines{});
  EXPECT_EQ(wrong("time_zone = 'Etc/GMT-14'\n[[windows]]\nstart = '02:00'\nend = '01:00'\n[[windows]]\ndates = ['2028-02-29']\nstart = "
                  "'00:00'\nlength = '7d'"),
            Lines{});
}

TEST(WindowConfig, an_empty_schedule_names_the_remedy) {
  EXPECT_EQ(wrong("time_zone = 'UTC'"), (Lines{"1 start: is missing; for a schedule that is open at any time write always = true",
                                               "1 length: is missing; give length or end"}));
}

TEST(WindowConfig, days_that_are_none) {
  for (const char* day :
       {"Mo", "Mondays", "Mon-Fri", "", "Mon#0", "Mon#6", "Mon#-6", "Mon#", "Mon#+1", "Mon#1.5", "#1", "Mon #1", "M\\u00f6n", "*"}) {
    const auto issues = wrong("start = '02:00'\nlength = '1h'\ndays = [\n  'Tue',\n  \"" + std::string(day) + "\"]");
    ASSERT_EQ(issues.size(), 1U) << day;
    EXPECT_EQ(issues[0].rfind("5 days[1]: \"", 0), 0U) << issues[0];
    EXPECT_NE(issues[0].find("is no day; write Mon, Tuesday, Tue#2"), std::string::npos) << issues[0];
  }
  EXPECT_EQ(wrong("start = '02:00'\nlength = '1h'\ndays = []"), (Lines{"3 days: is empty; leave it out"}));
}

TEST(WindowConfig, dates_that_are_none) {
  for (const char* date : {"2027-02-29", "2027-13-01", "2027-1-5", "05.01.2027", "2027-01-05T00:00", "", "1969-12-31", "2201-01-01",
                           "2027/01/05", "2027-+1-05"}) {
    EXPECT_EQ(wrong("start = '02:00'\nlength = '1h'\ndates = ['" + std::string(date) + "']"),
              (Lines{"3 dates[0]: \"" + std::string(date) + "\" is no date; write 2027-01-05"}));
  }
}

TEST(WindowConfig, times_that_are_none) {
  for (const char* time : {"2:00", "02:60", "24:00", "25:00", "02:00:00", "0200", "", "ab:cd", "-1:00", "+2:00"}) {
    EXPECT_EQ(wrong("length = '1h'\nstart = '" + std::string(time) + "'"),
              (Lines{"2 start: \"" + std::string(time) + "\" is no time of day; write 02:00"}));
  }
  EXPECT_EQ(wrong("start = '02:00'\nend = '24:01'"), (Lines{"2 end: \"24:01\" is no time of day; write 03:00"}));
}

TEST(WindowConfig, length_has_bounds_and_excludes_end) {
  EXPECT_EQ(wrong("start = '02:00'\nlength = '59s'"), (Lines{"2 length: must be from 1m to 7d"}));
  EXPECT_EQ(wrong("start = '02:00'\nlength = '7d1s'"), (Lines{"2 length: must be from 1m to 7d"}));
  EXPECT_EQ(wrong("start = '02:00'\nlength = '0'"), (Lines{"2 length: must be from 1m to 7d"}));
  EXPECT_EQ(wrong("start = '02:00'\nlength = '1h'\nend = '03:00'"), (Lines{"3 end: stands beside length; give one of them"}));
  EXPECT_EQ(wrong("start = '02:00'"), (Lines{"1 length: is missing; give length or end"}));
}

TEST(WindowConfig, blackouts_that_are_none) {
  EXPECT_EQ(
      wrong("always = true\nblackout = ['2027-12-24', 'Christmas', '2028-01-02/2027-12-20', '2027-12-24/', "
            "'2027-12-24/2027-12-25/2027-12-26']"),
      (Lines{"2 blackout[1]: \"Christmas\" is no date and no range; write 2027-12-24 or 2027-12-20/2028-01-02",
             "2 blackout[2]: \"2028-01-02/2027-12-20\" ends before it begins",
             "2 blackout[3]: \"2027-12-24/\" is no date and no range; write 2027-12-24 or 2027-12-20/2028-01-02",
             "2 blackout[4]: \"2027-12-24/2027-12-25/2027-12-26\" is no date and no range; write 2027-12-24 or 2027-12-20/2028-01-02"}));
}

TEST(WindowConfig, combinations_that_contradict_each_other) {
  EXPECT_EQ(wrong("always = true\nnever = true"), (Lines{"2 never: contradicts always"}));
  EXPECT_EQ(wrong("always = true\nstart = '02:00'"), (Lines{"2 start: has no meaning beside always = true"}));
  EXPECT_EQ(wrong("never = true\n[[windows]]\nstart = '02:00'\nlength = '1h'"), (Lines{"2 windows: has no meaning beside never = true"}));
  EXPECT_EQ(wrong("days = ['Mon']\n[[windows]]\nstart = '02:00'\nlength = '1h'"),
            (Lines{"1 days: stands beside [[schedule.windows]]; put it into one of those windows"}));
  EXPECT_EQ(wrong("windows = []"), (Lines{"1 windows: is empty; for a schedule that never opens write never = true"}));
}

TEST(WindowConfig, issues_in_one_of_several_windows_name_it) {
  EXPECT_EQ(wrong("[[windows]]\nstart = '02:00'\nlength = '1h'\n[[windows]]\ndays = ['Mon', 'Xyz']\nstart = '2'\nlength = '8d'"),
            (Lines{"5 windows[1].days[1]: \"Xyz\" is no day; write Mon, Tuesday, Tue#2 (the second of the month) or Tue#-1 (the last)",
                   "6 windows[1].start: \"2\" is no time of day; write 02:00", "7 windows[1].length: must be from 1m to 7d"}));
}

TEST(WindowConfig, an_unknown_zone_names_the_nearest) {
  const auto zone = [](const std::string& name) { return wrong("always = true\ntime_zone = \"" + name + "\""); };
  EXPECT_EQ(zone("Europe/Berln"), (Lines{"2 time_zone: unknown time zone \"Europe/Berln\"; did you mean Europe/Berlin?"}));
  EXPECT_EQ(zone("europe/berlin"), (Lines{"2 time_zone: unknown time zone \"europe/berlin\"; did you mean Europe/Berlin?"}));
  EXPECT_EQ(zone("Berlin"), (Lines{"2 time_zone: unknown time zone \"Berlin\"; did you mean Europe/Berlin?"}));
  EXPECT_EQ(zone("utc"), (Lines{"2 time_zone: unknown time zone \"utc\"; did you mean UTC?"}));
  EXPECT_EQ(zone("Middle-earth/Bree"), (Lines{"2 time_zone: unknown time zone \"Middle-earth/Bree\"; write a name such as Europe/Berlin"}));
}

TEST(WindowConfig, a_zone_that_is_another_file_is_unknown) {
  for (const char* name : {"", "../../../etc/passwd", "/etc/localtime", "Europe", "Europe/", "tzdata.zi", "zone.tab", "posix/Europe/Berlin",
                           "localtime", "Europe/../Europe/Berlin", "Europe//Berlin", "Europe/Berlin\\u0000"}) {
    const auto issues = wrong("always = true\ntime_zone = \"" + std::string(name) + "\"");
    ASSERT_EQ(issues.size(), 1U) << name;
    EXPECT_EQ(issues[0].rfind("2 time_zone: unknown time zone ", 0), 0U) << issues[0];
  }
}

TEST(WindowConfig, is_bounded) {
  std::string many;
  for (int i = 0; i < 65; ++i) many += "[[windows]]\nstart = '02:00'\nlength = '1h'\n";
  EXPECT_EQ(wrong(many), (Lines{"1 windows: has more than 64 windows"}));
  std::string dates;
  for (int i = 0; i < 1001; ++i) dates += "'2027-01-01', ";
  EXPECT_EQ(wrong("always = true\nblackout = [" + dates + "]"), (Lines{"2 blackout: has more than 1000 entries"}));
}

TEST(WindowConfig, unknown_keys_and_wrong_types_are_found_by_the_key_table) {
  EXPECT_EQ(wrong("strat = '02:00'\nlength = 1\ndays = 'Mon'").size(), 3U);
}

}  // namespace
}  // namespace upkeep::test

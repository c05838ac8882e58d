// SPDX-License-Identifier: Apache-2.0
// Times and durations as text: what is written, what is read back, and what is refused.

#include "sdk/time.h"

#include <gtest/gtest.h>

#include <random>

namespace upkeep::sdk {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TimePoint at(int year, unsigned month, unsigned day, Millis time = Millis(0)) {
  return std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(day)) + time;
}

TEST(Rfc3339, IsWrittenInUtcWithoutZeroMilliseconds) {
  EXPECT_EQ(rfc3339(at(2027, 1, 5, hours(2))), "2027-01-05T02:00:00Z");
  EXPECT_EQ(rfc3339(at(2027, 1, 5, hours(2) + Millis(7))), "2027-01-05T02:00:00.007Z");
  EXPECT_EQ(rfc3339(at(1970, 1, 1)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(rfc3339(at(1969, 12, 31, hours(23) + Millis(999))), "1969-12-31T23:00:00.999Z");
}

TEST(Rfc3339, ReadsEveryOffset) {
  const TimePoint two = at(2027, 1, 5, hours(2));
  for (const char* text : {"2027-01-05T02:00:00Z", "2027-01-05t02:00:00z", "2027-01-05 02:00:00Z", "2027-01-05T03:00:00+01:00",
                           "2027-01-04T20:30:00-05:30", "2027-01-05T02:00:00-00:00", "2027-01-05T02:00:00.000Z"}) {
    auto time = parse_rfc3339(text);
    ASSERT_TRUE(time) << text << ": " << time.error().message;
    EXPECT_EQ(*time, two) << text;
  }
}

TEST(Rfc3339, CutsFractionsToMilliseconds) {
  EXPECT_EQ(parse_rfc3339("2027-01-05T02:00:00.1Z"), at(2027, 1, 5, hours(2) + Millis(100)));
  EXPECT_EQ(parse_rfc3339("2027-01-05T02:00:00.0239999999999999999Z"), at(2027, 1, 5, hours(2) + Millis(23)));
}

TEST(Rfc3339, ALeapSecondIsTheFirstSecondOfTheNextDay) {
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), at(2017, 1, 1));
  EXPECT_EQ(parse_rfc3339("2017-01-01T00:59:60+01:00"), at(2017, 1, 1));
  EXPECT_FALSE(parse_rfc3339("2016-12-31T22:59:60Z"));
}

TEST(Rfc3339, KnowsTheCalendar) {
  EXPECT_EQ(parse_rfc3339("2028-02-29T00:00:00Z"), at(2028, 2, 29));
  EXPECT_FALSE(parse_rfc3339("2027-02-29T00:00:00Z"));
  EXPECT_FALSE(parse_rfc3339("2027-04-31T00:00:00Z"));
  EXPECT_FALSE(parse_rfc3339("2027-00-01T00:00:00Z"));
  EXPECT_FALSE(parse_rfc3339("2027-13-01T00:00:00Z"));
}

TEST(Rfc3339, ReadsTheYears1970To9999InUtc) {
  EXPECT_TRUE(parse_rfc3339("1970-01-01T00:00:00Z"));
  EXPECT_FALSE(parse_rfc3339("1969-12-31T23:59:59Z"));
  EXPECT_FALSE(parse_rfc3339("1970-01-01T00:00:00+00:01"));
  EXPECT_TRUE(parse_rfc3339("9999-12-31T23:59:59.999Z"));
  EXPECT_FALSE(parse_rfc3339("9999-12-31T23:59:59-00:01"));
}

TEST(Rfc3339, RefusesEverythingElseAndQuotesIt) {
  for (const char* text : {"",
                           "2027",
                           "2027-01-05",
                           "2027-01-05T02:00:00",
                           "2027-01-05T02:00Z",
                           "2027-01-05T24:00:00Z",
                           "2027-01-05T02:60:00Z",
                           "2027-01-05T02:00:61Z",
                           "2027-01-05T02:00:00+0100",
                           "2027-01-05T02:00:00+24:00",
                           "2027-01-05T02:00:00+01:60",
                           "2027-1-5T2:0:0Z",
                           "2027-01-05T02:00:00.Z",
                           "2027-01-05T02:00:00,5Z",
                           "2027-01-05T02:00:00Z ",
                           " 2027-01-05T02:00:00Z",
                           "2027-01-05T02:00:00ZZ",
                           "+027-01-05T02:00:00Z",
                           "2027-01--5T02:00:00Z",
                           "now"}) {
    auto time = parse_rfc3339(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().code, Errc::invalid);
    EXPECT_NE(time.error().message.find("\"" + std::string(text) + "\""), std::string::npos) << time.error().message;
  }
}

TEST(Rfc3339, WhatIsWrittenIsReadBack) {
  std::mt19937_64 random(20270105);
  std::uniform_int_distribution<std::int64_t> any(0, 253'402'300'799'999);
  for (int i = 0; i < 20'000; ++i) {
    TimePoint time{Millis(any(random))};
    EXPECT_EQ(parse_rfc3339(rfc3339(time)), time) << rfc3339(time);
  }
}

TEST(Duration, IsWholeNumbersWithUnits) {
  EXPECT_EQ(parse_duration("0"), Millis(0));
  EXPECT_EQ(parse_duration("0s"), Millis(0));
  EXPECT_EQ(parse_duration("90s"), seconds(90));
  EXPECT_EQ(parse_duration("2m"), minutes(2));
  EXPECT_EQ(parse_duration("1h30m"), minutes(90));
  EXPECT_EQ(parse_duration("7d"), hours(7 * 24));
  EXPECT_EQ(parse_duration("500ms"), Millis(500));
  EXPECT_EQ(parse_duration("1d2h3m4s5ms"), hours(26) + minutes(3) + seconds(4) + Millis(5));
  EXPECT_EQ(parse_duration("3m5ms"), minutes(3) + Millis(5));
  EXPECT_EQ(parse_duration("3650d"), hours(3650 * 24));
}

TEST(Duration, SaysWhatIsWrong) {
  struct Case {
    const char* text;
    const char* why;
  };
  for (const Case& one : {Case{"", "empty"},
                          Case{"5", "unit"},
                          Case{"00", "unit"},
                          Case{"s", "whole numbers"},
                          Case{"-5s", "whole numbers"},
                          Case{"+5s", "whole numbers"},
                          Case{"1.5h", "whole numbers"},
                          Case{"1h 30m", "whole numbers"},
                          Case{" 1h", "whole numbers"},
                          Case{"1h5", "whole numbers"},
                          Case{"5x", "units are"},
                          Case{"5H", "units are"},
                          Case{"5min", "units are"},
                          Case{"30m1h", "larger first"},
                          Case{"1m1m", "at most once"},
                          Case{"5ms1s", "larger first"},
                          Case{"3651d", "3650d"},
                          Case{"3650d1ms", "3650d"},
                          Case{"99999999999999999999999d", "3650d"},
                          Case{"9223372036854775807s", "3650d"}}) {
    auto duration = parse_duration(one.text);
    ASSERT_FALSE(duration) << one.text;
    EXPECT_EQ(duration.error().code, Errc::invalid);
    EXPECT_NE(duration.error().message.find(one.why), std::string::npos) << one.text << " → " << duration.error().message;
  }
}

TEST(Duration, IsWrittenInTheLargestUnits) {
  EXPECT_EQ(format_duration(Millis(0)), "0s");
  EXPECT_EQ(format_duration(seconds(45)), "45s");
  EXPECT_EQ(format_duration(minutes(90)), "1h30m");
  EXPECT_EQ(format_duration(hours(48) + Millis(1)), "2d1ms");
  EXPECT_EQ(format_duration(seconds(-90)), "-1m30s");
  EXPECT_EQ(format_duration(Millis::min()).front(), '-');
}

TEST(Duration, WhatIsWrittenIsReadBack) {
  std::mt19937_64 random(3);
  std::uniform_int_distribution<std::int64_t> any(0, 3650LL * 86'400'000);
  for (int i = 0; i < 20'000; ++i) {
    Millis duration(any(random));
    EXPECT_EQ(parse_duration(format_duration(duration)), duration) << format_duration(duration);
  }
}

}  // namespace
}  // namespace upkeep::sdk

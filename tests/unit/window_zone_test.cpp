// SPDX-License-Identifier: Apache-2.0
// Zone files: read right for every zone of this system, slim or fat, and refused when they are damaged.

#include <date/tz.h>
#include <gtest/gtest.h>

#include "sdk/time.h"
#include "shared/window/zone.h"
#include "shared/window/zone_names.h"
#include "support/window.h"

namespace upkeep::shared::window {
namespace {

using namespace std::chrono;

sys_seconds instant(std::string_view text) { return floor<seconds>(test::utc(text)); }
local_seconds local(std::string_view text) { return local_seconds(instant(text).time_since_epoch()); }
std::string shown(sys_seconds time) { return sdk::rfc3339(time); }

Zone zone(const std::string& name) {
  auto parsed = Zone::parse(test::zone_file(name));
  if (!parsed) throw std::runtime_error(name + ": " + parsed.error().message);
  return *parsed;
}

std::string four_bytes(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8), static_cast<char>(value)};
}

// A file as `zic -b slim` writes it: no change of the past at all, the rule alone.
std::string slim_file(std::int32_t offset, const std::string& rule) {
  const auto header = [](std::uint32_t types) {
    std::string counts;
    for (const std::uint32_t count : {0U, 0U, 0U, 0U, types, 4U * types}) counts += four_bytes(count);
    return "TZif2" + std::string(15, '\0') + counts;
  };
  const std::string type = four_bytes(static_cast<std::uint32_t>(offset)) + std::string(2, '\0') + std::string("STD\0", 4);
  return header(1) + type + header(1) + type + "\n" + rule + "\n";
}

TEST(WindowZone, agrees_with_the_date_library_on_every_zone_of_this_system_until_its_data_ends) {
  int zones = 0;
  for (const date::time_zone& theirs : date::get_tzdb().zones) {
    if (!zone_problem(theirs.name()).empty()) continue;  // tables that lie in the folder
    ++zones;
    const Zone ours = zone(theirs.name());
    auto info = theirs.get_info(date::sys_seconds(sys_days(1990y / 1 / 1)));
    while (info.begin < date::sys_days(date::year(2037) / 1 / 1)) {
      for (const auto time : {info.begin, info.end - seconds(1)}) {
        if (time > date::sys_days(date::year(2037) / 1 / 1) || time < date::sys_days(date::year(1990) / 1 / 1)) continue;
        const auto offset = ours.to_local(time).time_since_epoch() - time.time_since_epoch();
        ASSERT_EQ(offset, info.offset) << theirs.name() << " " << shown(time);
        // Back again: to the first instant with that local time.
        const date::local_seconds wall(ours.to_local(time).time_since_epoch());
        ASSERT_EQ(ours.resolve(local_seconds(wall.time_since_epoch())), theirs.to_sys(wall, date::choose::earliest))
            << theirs.name() << " " << shown(time);
      }
      if (info.end > date::sys_days(date::year(2038) / 1 / 1)) break;
      info = theirs.get_info(info.end);
    }
  }
  EXPECT_GT(zones, 400);
}

TEST(WindowZone, goes_on_by_the_rule_after_the_last_change_that_the_file_lists) {
  // The lists of this system's files end in 2037.
  EXPECT_EQ(shown(zone("Europe/Berlin").resolve(local("2050-07-01T12:00"))), "2050-07-01T10:00:00Z");
  EXPECT_EQ(shown(zone("Europe/Berlin").resolve(local("2050-12-01T12:00"))), "2050-12-01T11:00:00Z");
  EXPECT_EQ(shown(zone("Australia/Lord_Howe").resolve(local("2050-01-01T12:00"))), "2050-01-01T01:00:00Z");
  EXPECT_EQ(shown(zone("Europe/Dublin").resolve(local("2050-07-01T12:00"))), "2050-07-01T11:00:00Z");
  EXPECT_EQ(shown(zone("Asia/Tokyo").resolve(local("2150-07-01T12:00"))), "2150-07-01T03:00:00Z");
}

TEST(WindowZone, a_slim_file_says_the_same_as_a_fat_one) {
  const struct {
    std::string zone, rule;
    int offset;
  } cases[] = {
      {"Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3", 3600},
      {"America/New_York", "EST5EDT,M3.2.0,M11.1.0", -18000},
      {"Australia/Lord_Howe", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 37800},
      {"Asia/Jerusalem", "IST-2IDT,M3.4.4/26,M10.5.0", 7200},
      {"America/Nuuk", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200},
      {"Europe/Dublin", "IST-1GMT0,M10.5.0,M3.5.0/1", 3600},
  };
  for (const auto& c : cases) {
    const auto slim = Zone::parse(slim_file(c.offset, c.rule));
    ASSERT_TRUE(slim) << c.zone << ": " << slim.error().message;
    const Zone fat = zone(c.zone);
    for (sys_seconds time = instant("2026-01-01T00:00"); time < instant("2030-01-01T00:00"); time += minutes(30)) {
      ASSERT_EQ(slim->to_local(time), fat.to_local(time)) << c.zone << " " << shown(time);
    }
  }
}

TEST(WindowZone, reads_days_of_the_year_in_a_rule) {
  // 60 days after New Year's day: March 1, in a leap year February 29 + 1 for J60 (which never counts that day).
  const auto julian = Zone::parse(slim_file(0, "AAA0BBB,J60/0,J300/0"));
  EXPECT_EQ(shown(julian->resolve(local("2027-03-01T01:00"))), "2027-03-01T00:00:00Z");
  EXPECT_EQ(shown(julian->resolve(local("2028-02-29T12:00"))), "2028-02-29T12:00:00Z");
  EXPECT_EQ(shown(julian->resolve(local("2028-03-01T01:00"))), "2028-03-01T00:00:00Z");
  const auto plain = Zone::parse(slim_file(0, "AAA0BBB,59/0,300/0"));
  EXPECT_EQ(shown(plain->resolve(local("2027-03-01T01:00"))), "2027-03-01T00:00:00Z");
  EXPECT_EQ(shown(plain->resolve(local("2028-02-29T12:00"))), "2028-02-29T11:00:00Z");
}

TEST(WindowZone, summer_time_may_last_all_year) {
  const auto always = Zone::parse(slim_file(0, "XXX3EDT4,0/0,J365/23"));
  ASSERT_TRUE(always);
  for (const char* time : {"2027-01-01T12:00", "2027-12-31T23:59", "2028-12-31T20:00", "2029-01-01T00:30"}) {
    EXPECT_EQ(always->to_local(instant(time)).time_since_epoch() - instant(time).time_since_epoch(), -hours(4)) << time;
  }
}

TEST(WindowZone, refuses_a_file_that_is_cut_off_anywhere) {
  const std::string whole = test::zone_file("Europe/Berlin");
  ASSERT_TRUE(Zone::parse(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ASSERT_FALSE(Zone::parse(std::string_view(whole).substr(0, size))) << size;
  }
}

TEST(WindowZone, refuses_bytes_that_are_no_zone_file) {
  EXPECT_FALSE(Zone::parse(""));
  EXPECT_FALSE(Zone::parse("# tzdata in text form\n"));
  EXPECT_FALSE(Zone::parse(std::string(1000, '\xff')));
  std::string old = slim_file(0, "");
  ASSERT_TRUE(Zone::parse(old));
  old[4] = '\0';
  EXPECT_FALSE(Zone::parse(old)) << "version 1";
  for (const char* rule : {"CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,M10.6.0", "CET-1CEST,M13.5.0,M10.5.0", "C-1", "<CET-1",
                           "CET-1CEST,M3.5.0,M10.5.0/3x", "CET-99", "CET-1CEST,M3.5.0,M10.5.0/168", "CET-1CEST,,"}) {
    EXPECT_FALSE(Zone::parse(slim_file(3600, rule))) << rule;
  }
}

TEST(WindowZone, any_damaged_byte_is_refused_or_harmless) {
  const std::string whole = test::zone_file("America/New_York");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const char byte : {'\0', '\xff'}) {
      std::string damaged = whole;
      damaged[i] = byte;
      if (const auto parsed = Zone::parse(damaged)) (void)parsed->resolve(local("2027-03-14T02:30"));
    }
  }
}

}  // namespace
}  // namespace upkeep::shared::window

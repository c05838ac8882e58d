// SPDX-License-Identifier: Apache-2.0
// The schedule as the engine holds it: zone data is the system's of now, not of the start.

#include <gtest/gtest.h>

#include "support/window.h"

namespace upkeep::test {
namespace {

const std::string kBerlin = "/usr/share/zoneinfo/Europe/Berlin";
const std::string kMonday = "days = ['Mon']\nstart = '02:00'\nlength = '1h'\ntime_zone = 'Europe/Berlin'";

TEST(WindowSchedule, uses_new_zone_data_as_soon_as_it_is_there) {
  TestWindow window(kMonday);
  EXPECT_EQ(window.at("2027-01-03T12:00").changes_at, utc("2027-01-04T01:00"));
  window.host.contents.at(kBerlin) = zone_file("Asia/Tokyo");  // as if Berlin's rules had been changed
  EXPECT_EQ(window.at("2027-01-03T12:00").changes_at, utc("2027-01-04T01:00")) << "a verdict reads nothing";
  EXPECT_TRUE(run_task(window.schedule->refresh(nullptr)));
  EXPECT_EQ(window.at("2027-01-03T12:00").changes_at, utc("2027-01-03T17:00"));
  EXPECT_TRUE(window.host.logged.empty());
}

TEST(WindowSchedule, keeps_its_zone_while_the_systems_file_is_gone_or_damaged_and_says_so_once) {
  TestWindow window(kMonday);
  window.host.contents.erase(kBerlin);
  EXPECT_TRUE(run_task(window.schedule->refresh(nullptr)));
  EXPECT_TRUE(run_task(window.schedule->refresh(nullptr)));
  EXPECT_EQ(window.at("2027-01-03T12:00").changes_at, utc("2027-01-04T01:00"));
  ASSERT_EQ(window.host.logged.size(), 1U);
  EXPECT_EQ(window.host.logged[0], "time zone Europe/Berlin: " + kBerlin + " does not exist; the zone data read before stays in use");
  window.host.contents.emplace(kBerlin, zone_file("Europe/Berlin").substr(0, 500));
  EXPECT_TRUE(run_task(window.schedule->refresh(nullptr)));
  EXPECT_EQ(window.at("2027-01-03T12:00").changes_at, utc("2027-01-04T01:00"));
  EXPECT_EQ(window.host.logged.size(), 2U);
  window.host.contents.at(kBerlin) = zone_file("Asia/Tokyo");
  EXPECT_TRUE(run_task(window.schedule->refresh(nullptr)));
  EXPECT_EQ(window.at("2027-01-03T12:00").changes_at, utc("2027-01-03T17:00"));
}

TEST(WindowSchedule, cannot_be_made_without_its_zone) {
  PluginHost host;
  const auto make = std::get<sdk::Factory<sdk::Schedule>>(plugins::window::kDescriptor.make);
  const auto missing = make(host, toml(kMonday));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "time zone Europe/Berlin: " + kBerlin + " does not exist");
  host.contents.emplace(kBerlin, "garbage");
  const auto damaged = make(host, toml(kMonday));
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().message, "time zone Europe/Berlin: " + kBerlin + ": not a time zone file");
}

TEST(WindowSchedule, utc_needs_no_zone_data) {
  PluginHost host;
  EXPECT_TRUE(std::get<sdk::Factory<sdk::Schedule>>(plugins::window::kDescriptor.make)(host, toml("always = true")));
}

TEST(WindowSchedule, refuses_what_its_check_refuses) {
  PluginHost host;
  const auto refused = std::get<sdk::Factory<sdk::Schedule>>(plugins::window::kDescriptor.make)(host, toml("start = '02:00'"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "length: is missing; give length or end");
}

}  // namespace
}  // namespace upkeep::test

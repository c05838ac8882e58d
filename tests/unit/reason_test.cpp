// SPDX-License-Identifier: Apache-2.0
// The closed list of reasons and the other names that scripts see.

#include "sdk/reason.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "sdk/installer.h"
#include "sdk/plugin.h"

namespace upkeep::sdk {
namespace {

bool lower_snake(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

TEST(Reason, EachHasItsOwnLowerSnakeNameAndIsFoundByIt) {
  std::set<std::string_view> names;
  for (int i = 0; i < kReasonCount; ++i) {
    auto reason = static_cast<Reason>(i);
    EXPECT_TRUE(lower_snake(name(reason))) << i;
    EXPECT_TRUE(names.insert(name(reason)).second) << name(reason);
    EXPECT_EQ(reason_from(name(reason)), reason);
  }
}

// Spot checks: the table of names is one slip away from being shifted.
TEST(Reason, IsSpelledAsDocumented) {
  EXPECT_EQ(name(Reason::config_error), "config_error");
  EXPECT_EQ(name(Reason::orphaned), "orphaned");
  EXPECT_EQ(name(Reason::suspended), "suspended");
  EXPECT_EQ(name(Reason::up_to_date), "up_to_date");
  EXPECT_EQ(name(Reason::minimum_from), "minimum_from");
  EXPECT_EQ(name(Reason::no_way_back), "no_way_back");
  EXPECT_EQ(name(Reason::forced), "forced");
  EXPECT_EQ(name(Reason::window_open), "window_open");
  EXPECT_EQ(name(Reason::outside_window), "outside_window");
  EXPECT_EQ(name(Reason::busy), "busy");
  EXPECT_EQ(name(Reason::retry_later), "retry_later");
  EXPECT_EQ(name(Reason::too_late), "too_late");
}

TEST(Reason, AnUnknownNameIsNone) {
  for (const char* text : {"", "Suspended", "suspended ", "window"}) EXPECT_EQ(reason_from(text), std::nullopt) << text;
}

TEST(Names, OfTheOtherEnumsAreAllDifferent) {
  auto count = [](auto... values) { return std::set<std::string_view>{name(values)...}.size(); };
  EXPECT_EQ(count(Action::none, Action::wait, Action::upgrade), 3U);
  EXPECT_EQ(
      count(Errc::transient, Errc::busy, Errc::denied, Errc::invalid, Errc::unsupported, Errc::timeout, Errc::cancelled, Errc::internal),
      8U);
  EXPECT_EQ(count(Health::unknown, Health::healthy, Health::unhealthy), 3U);
  EXPECT_EQ(count(WayBackHow::none, WayBackHow::store, WayBackHow::repository, WayBackHow::image), 4U);
  EXPECT_EQ(count(Standing::target, Standing::baseline, Standing::elsewhere, Standing::broken), 4U);
  EXPECT_EQ(count(PluginKind::source, PluginKind::schedule, PluginKind::installer, PluginKind::state), 4U);
  EXPECT_EQ(count(KeyType::text, KeyType::integer, KeyType::number, KeyType::flag, KeyType::duration, KeyType::text_list, KeyType::table,
                  KeyType::table_list),
            8U);
}

}  // namespace
}  // namespace upkeep::sdk

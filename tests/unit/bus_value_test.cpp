// SPDX-License-Identifier: Apache-2.0
// Reading the values of a D-Bus message: what is absent or of another type is the fallback.

#include <gtest/gtest.h>

#include "sdk/bus.h"

namespace upkeep::sdk {
namespace {

TEST(BusValue, ReadsTextNumbersAndFlags) {
  EXPECT_EQ(BusValue("x").text(), "x");
  EXPECT_EQ(BusValue(7).text("none"), "none");
  EXPECT_EQ(BusValue(7).number(), 7U);
  EXPECT_EQ(BusValue(std::uint32_t{7}).number(), 7U);
  EXPECT_EQ(BusValue(true).number(), 1U);
  EXPECT_EQ(BusValue(-7).number(3), 3U);
  EXPECT_EQ(BusValue("7").number(3), 3U);
  EXPECT_EQ(BusValue(1.5).number(3), 3U);
  EXPECT_TRUE(BusValue(true).flag());
  EXPECT_TRUE(BusValue(0).flag(true));
}

TEST(BusValue, ReadsArraysAndDictionaries) {
  BusValue list(BusArray{"a", 1});
  EXPECT_EQ(list.items().size(), 2U);
  EXPECT_TRUE(BusValue("a").items().empty());
  BusValue dict(BusDict{{1, "one"}, {"two", 2}, {"two", 3}});
  ASSERT_NE(dict.find("two"), nullptr);
  EXPECT_EQ(dict.find("two")->number(), 2U);
  EXPECT_EQ(dict.find("one"), nullptr);
  EXPECT_EQ(list.find("a"), nullptr);
}

TEST(BusMessage, HasAnEmptyValueWhereAnArgumentIsMissing) {
  BusMessage message;
  message.arguments = BusArray{"x"};
  EXPECT_EQ(message.at(0).text(), "x");
  EXPECT_EQ(message.at(1).text(), "");
  EXPECT_FALSE(message.at(1000).flag());
}

}  // namespace
}  // namespace upkeep::sdk

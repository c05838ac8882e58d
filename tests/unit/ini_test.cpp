// SPDX-License-Identifier: Apache-2.0
#include "sdk/ini.h"

#include <gtest/gtest.h>

namespace upkeep::sdk {
namespace {

TEST(Ini, HasSectionsKeysAndValuesThatGoOn) {
  const auto sections =
      parse_ini("before = 1\n[main]\n# note\n; note\nGPGcheck = yes\nbaseurl: https://a/=b\n  https://c\n\n[ demo ]\nx=1\nx=2\n");
  ASSERT_EQ(sections.size(), 3U);
  EXPECT_EQ(sections[0].name, "");
  EXPECT_EQ(sections[1].name, "main");
  EXPECT_TRUE(sections[1].flag("gpgcheck", false));
  EXPECT_EQ(sections[1].text("baseurl"), "https://a/=b\nhttps://c");
  EXPECT_EQ(sections[2].text("x"), "2");
  EXPECT_EQ(sections[2].text("y", "none"), "none");
}

TEST(Ini, FlagsAreWordsAndAnythingElseIsTheFallback) {
  for (const char* yes : {"1", "Yes", "TRUE", "on"}) EXPECT_TRUE(parse_ini(std::string("k=") + yes)[0].flag("k", false)) << yes;
  for (const char* no : {"0", "no", "False", "OFF"}) EXPECT_FALSE(parse_ini(std::string("k=") + no)[0].flag("k", true)) << no;
  EXPECT_TRUE(parse_ini("k=maybe")[0].flag("k", true));
  EXPECT_FALSE(parse_ini("k=")[0].flag("k", false));
}

TEST(Ini, GarbageIsPassedOver) {
  for (const char* garbage : {"", "\n", "[", "[main", "garbage", " continued\n", "[]\n", "\t=\n"})
    EXPECT_LE(parse_ini(garbage).size(), 1U) << garbage;
  EXPECT_EQ(parse_ini("[a]\ngarbage\n more\nk=v")[0].values.size(), 1U) << "what goes on with garbage is garbage";
}

TEST(Ini, AListIsApartByBlanksAndCommas) {
  EXPECT_EQ(ini_list("a, b\nc\t d,,"), (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_TRUE(ini_list(" ,\n").empty());
}

}  // namespace
}  // namespace upkeep::sdk

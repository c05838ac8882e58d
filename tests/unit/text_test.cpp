// SPDX-License-Identifier: Apache-2.0
// Text from outside, made fit for a message.

#include "sdk/text.h"

#include <gtest/gtest.h>

namespace upkeep::sdk {
namespace {

TEST(Quoted, ShowsPrintableAsciiOnly) {
  EXPECT_EQ(quoted("1.2.3"), "\"1.2.3\"");
  EXPECT_EQ(quoted(""), "\"\"");
  EXPECT_EQ(quoted(std::string_view("a\0\n\x1b\x7f\xc3\xa4z", 8)), "\"a??????z\"");
}

TEST(Quoted, CutsWhatIsLongAndSaysSo) {
  EXPECT_EQ(quoted("abcd", 4), "\"abcd\"");
  EXPECT_EQ(quoted("abcde", 4), "\"abcd\"…");
}

TEST(Trimmed, DropsWhiteSpaceAtBothEnds) {
  EXPECT_EQ(trimmed(" \t\r\n\v\fa b\n"), "a b");
  EXPECT_EQ(trimmed(" \n"), "");
  EXPECT_EQ(trimmed(""), "");
}

TEST(ParseNumber, TakesDigitsOnly) {
  EXPECT_EQ(parse_number("18446744073709551615"), 18446744073709551615U);
  EXPECT_EQ(parse_number("007"), 7U);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "0x1", "1e3", "18446744073709551616"})
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
}

TEST(Lower, ChangesAsciiLettersOnly) { EXPECT_EQ(lower("AbZ-\xc3\x84"), "abz-\xc3\x84"); }

}  // namespace
}  // namespace upkeep::sdk

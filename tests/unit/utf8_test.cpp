// SPDX-License-Identifier: Apache-2.0
// What is not UTF-8 is marked, and cutting never leaves half a character.

#include <gtest/gtest.h>

#include "sdk/utf8.h"

namespace upkeep::sdk {
namespace {

TEST(IoUtf8, WholeCharactersPassAndOtherBytesAreMarked) {
  for (const char* good : {"", "plain", "\u00fc", "\u20ac", "\U0001F600", "\x7f", "\ud7ff\ue000", "\U0010FFFF"})
    EXPECT_EQ(valid_utf8(good, 100), good);
  EXPECT_EQ(valid_utf8(std::string("a\0b", 3), 100), std::string("a\0b", 3));
  EXPECT_EQ(valid_utf8("\xff|\x80|\xc3|\xc1\x81|\xe0\x80\x80|\xed\xa0\x80|\xf4\x90\x80\x80|\xf0\x8f\xbf\xbf|\xf8\x88\x80\x80\x80", 100),
            "?|?|?|??|???|???|????|????|?????");
  EXPECT_EQ(valid_utf8("cut off \xf0\x9f\x98", 100), "cut off ???");
}

TEST(IoUtf8, ACutFallsBetweenCharacters) {
  const std::string text = "a\u20acb";
  EXPECT_EQ(valid_utf8(text, 0), "");
  EXPECT_EQ(valid_utf8(text, 1), "a");
  EXPECT_EQ(valid_utf8(text, 3), "a");
  EXPECT_EQ(valid_utf8(text, 4), "a\u20ac");
  EXPECT_EQ(valid_utf8(text, 5), text);
}

}  // namespace
}  // namespace upkeep::sdk

// SPDX-License-Identifier: Apache-2.0
// Patterns for lines of a log: what they match, and that none costs much.
#include "core/log_pattern.h"

#include <gtest/gtest.h>

#include <chrono>

namespace upkeep::core {
namespace {

TEST(LogPattern, MatchesAnywhereInALine) {
  const auto pattern = LogPattern::parse("panic|fatal( error)?:");
  ASSERT_TRUE(pattern);
  EXPECT_TRUE(pattern->matches("a panic!"));
  EXPECT_TRUE(pattern->matches("fatal error: disk"));
  EXPECT_FALSE(pattern->matches("Panic, fatal"));
  EXPECT_TRUE(LogPattern::parse(".")->matches("x"));
  EXPECT_FALSE(LogPattern::parse("^x$")->matches("xy"));
}

TEST(LogPattern, WhatCannotBeUsedSaysWhy) {
  EXPECT_EQ(LogPattern::parse("(a").error().message, "\"(a\" is no POSIX extended regular expression that can be used: Unmatched ( or \\(");
  for (const char* bad : {"", "(a)\\1", "a{1001}", "(a{40}){40}", "((a{1,20}){5,20}){20}"}) EXPECT_FALSE(LogPattern::parse(bad)) << bad;
  for (const char* good : {"a\\\\1", "a{10,20}", "(a{10}){10}", "{", "a{2"}) (void)LogPattern::parse(good);
  EXPECT_TRUE(LogPattern::parse("a\\\\1"));
  EXPECT_TRUE(LogPattern::parse("(a{10}){10}"));
  EXPECT_FALSE(LogPattern::parse(std::string(257, 'a')));
  EXPECT_FALSE(LogPattern::parse(std::string("a\0b", 3)));
}

TEST(LogPattern, NoneTakesLongForALineThatHasBeenCut) {
  const std::string line(1024, 'a');
  for (const char* costly : {"(a*)*b", "(a|aa)+$b", "(a{1,30}){1,30}b", ".*.*.*.*=.*"}) {
    const auto pattern = LogPattern::parse(costly);
    ASSERT_TRUE(pattern) << costly;
    const auto before = std::chrono::steady_clock::now();
    EXPECT_FALSE(pattern->matches(line)) << costly;
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(1)) << costly;
  }
}

}  // namespace
}  // namespace upkeep::core

// SPDX-License-Identifier: Apache-2.0
// Release versions: semver.org 2.0.0, strictly three numbers, with the leading v that some servers send.

#include "sdk/version.h"

#include <gtest/gtest.h>

namespace upkeep::sdk {
namespace {

Version version(std::string_view text) {
  auto parsed = Version::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(Version());
}

TEST(Version, HasThreeNumbersAPreReleaseAndBuildMetadata) {
  Version parsed = version("14.3.33-rc.1+build.007");
  EXPECT_EQ(parsed.major(), 14U);
  EXPECT_EQ(parsed.minor(), 3U);
  EXPECT_EQ(parsed.patch(), 33U);
  EXPECT_EQ(parsed.prerelease(), "rc.1");
  EXPECT_EQ(parsed.str(), "14.3.33-rc.1+build.007");
}

TEST(Version, IsWrittenWithoutTheLeadingV) { EXPECT_EQ(version("v14.3.33").str(), "14.3.33"); }

TEST(Version, ReadsWhatSemverAllows) {
  for (const char* text : {"0.0.0", "1.2.3", "10.20.30", "1.1.2-prerelease+meta", "1.0.0-alpha.beta.1", "1.0.0-0A.is.legal", "1.0.0--",
                           "1.0.0-x-y-z.-", "1.2.3----RC-SNAPSHOT.12.9.1--.12", "1.0.0+0.build.1-rc.10000aaa-kk-0.1", "1.0.0-0",
                           "1.0.0+001", "2.0.0+-", "18446744073709551615.0.0", "1.0.0-99999999999999999999999"}) {
    EXPECT_EQ(version(text).str(), text);
  }
}

TEST(Version, RefusesEverythingElse) {
  for (std::string_view text : {"",          "v",        "1",           "1.2",        "v1.2",       "1.2.3.4",
                                "1.2.",      ".1.2",     "1..3",        "01.2.3",     "1.02.3",     "1.2.03",
                                "-1.2.3",    "+1.2.3",   "1.2.3-",      "1.2.3+",     "1.2.3-a..b", "1.2.3-.a",
                                "1.2.3-a.",  "1.2.3-01", "1.2.3-rc.01", "1.2.3+a..b", "1.2.3+a+b",  "1.2.3-a_b",
                                "1.2.3~rc1", "V1.2.3",   "vv1.2.3",     " 1.2.3",     "1.2.3 ",     "1.2.3\n",
                                "1.2.x",     "0x1.2.3",  "1.2.3-ä",     "none",       "latest",     "18446744073709551616.0.0",
                                "1e3.0.0",   "1,2,3"}) {
    auto parsed = Version::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Errc::invalid);
  }
  EXPECT_FALSE(Version::parse(std::string_view("1.2.3\0", 6)));
  EXPECT_FALSE(Version::parse(std::string_view("1.2.3-a\0b", 9)));
}

TEST(Version, IsAtMost128CharactersLong) {
  EXPECT_TRUE(Version::parse("1.2.3-" + std::string(122, 'a')));
  EXPECT_FALSE(Version::parse("1.2.3-" + std::string(123, 'a')));
}

TEST(Version, ARefusalQuotesOnlyPrintableCharactersAndNotAll) {
  std::string message = Version::parse("\x1b[31m<html>\n" + std::string(5000, 'x')).error().message;
  EXPECT_NE(message.find("\"?[31m<html>?xxx"), std::string::npos) << message;
  EXPECT_LT(message.size(), 200U);
}

TEST(Version, IsOrderedAsSemverSays) {
  const char* rising[] = {"0.9.9",           "1.0.0-0",
                          "1.0.0-1",         "1.0.0-2",
                          "1.0.0-10",        "1.0.0-99999999999999999999",
                          "1.0.0--",         "1.0.0-A",
                          "1.0.0-alpha",     "1.0.0-alpha.1",
                          "1.0.0-alpha.1.0", "1.0.0-alpha.beta",
                          "1.0.0-beta",      "1.0.0-beta.2",
                          "1.0.0-beta.11",   "1.0.0-rc.1",
                          "1.0.0",           "1.0.1",
                          "1.9.0",           "1.10.0",
                          "2.0.0",           "18446744073709551615.0.0"};
  for (std::size_t i = 0; i < std::size(rising); ++i) {
    for (std::size_t j = 0; j < std::size(rising); ++j) {
      EXPECT_EQ(version(rising[i]) <=> version(rising[j]), i <=> j) << rising[i] << " and " << rising[j];
    }
  }
}

TEST(Version, BuildMetadataDoesNotCount) {
  EXPECT_EQ(version("7.0.9+dfsg"), version("7.0.9"));
  EXPECT_EQ(version("7.0.9-rc.1+a"), version("v7.0.9-rc.1+b"));
  EXPECT_NE(version("7.0.9-rc.1"), version("7.0.9"));
}

}  // namespace
}  // namespace upkeep::sdk

// SPDX-License-Identifier: Apache-2.0
// Release versions and package versions, in the spellings of apt, dnf and zypper.

#include <gtest/gtest.h>

#include "sdk/version.h"

namespace upkeep::sdk {
namespace {

std::string release(std::string_view package_version) {
  auto version = release_of(package_version);
  return version ? version->str() : "unknown";
}
Version target(std::string_view text) { return Version::parse(text).value(); }

TEST(PackageVersion, EpochAndRevisionAreStripped) {
  EXPECT_EQ(release("14.3.33"), "14.3.33");
  EXPECT_EQ(release("14.3.33-1"), "14.3.33");
  EXPECT_EQ(release("1:14.3.33-1+b2"), "14.3.33");
  EXPECT_EQ(release("0:14.3.33"), "14.3.33");
  EXPECT_EQ(release("14.3.33-1.el9"), "14.3.33");
  EXPECT_EQ(release("2:14.3.33-1.el9"), "14.3.33");
  EXPECT_EQ(release("14.3.33-0ubuntu1.22.04.3"), "14.3.33");
  EXPECT_EQ(release("14.3.33-150400.3.1"), "14.3.33");
  EXPECT_EQ(release("14.3.33-1~bpo12+1"), "14.3.33");
  EXPECT_EQ(release("14.3.33-1~exp1"), "14.3.33");
}

TEST(PackageVersion, ARevisionThatBeginsWithALetterIsAPreRelease) {
  EXPECT_EQ(release("2.0.0-rc.1"), "2.0.0-rc.1");
  EXPECT_EQ(release("2.0.0-dev.2"), "2.0.0-dev.2");
  EXPECT_EQ(release("1:2.0.0-rc.1-1"), "2.0.0-rc.1");
  EXPECT_EQ(release("2.0.0-rc.1-1.el9"), "2.0.0-rc.1");
}

TEST(PackageVersion, ATildeIsThePackagesSpellingOfAPreRelease) {
  EXPECT_EQ(release("2.0.0~rc.1"), "2.0.0-rc.1");
  EXPECT_EQ(release("2.0.0~rc.1-1"), "2.0.0-rc.1");
  EXPECT_EQ(release("1:2.0.0~beta2-3+deb12u1"), "2.0.0-beta2");
  EXPECT_EQ(release("2.0.0~rc.1-1.fc40"), "2.0.0-rc.1");
}

TEST(PackageVersion, BuildMetadataDoesNotCount) {
  EXPECT_EQ(release("7.0.9+dfsg"), "7.0.9");
  EXPECT_EQ(release("7.0.9+dfsg-1"), "7.0.9");
  EXPECT_EQ(release("7.0.9+dfsg1~20240101-2+b1"), "7.0.9");
  EXPECT_EQ(release("7.0.9+git_1a2b-1"), "7.0.9");
  EXPECT_EQ(release("2.0.0~rc.1+dfsg-1"), "2.0.0-rc.1");
}

TEST(PackageVersion, AnUpstreamPartThatIsNoSemanticVersionIsUnknown) {
  for (const char* text : {"14.3", "14.3-1", "1:14", "2024a-1", "14.3.33.1-1", "014.3.33-1", "2.0.0~rc1~2", "2.0.0-rc~1", "2.0.0-~rc1",
                           "2.0.0^git1-1.fc40", "2.0.0_1", "2.0.0-", "a:2.0.0", ":2.0.0", "", "1:", "-1", "latest"}) {
    EXPECT_EQ(release(text), "unknown") << text;
  }
}

TEST(PackageVersion, TheTemplateComesFirstAndIsTheOnlyOneThen) {
  EXPECT_EQ(choose_package_version("{version}-1", target("2.3.4"), {"2.3.4", "2.3.4-2"}), "2.3.4-1");
  EXPECT_EQ(choose_package_version("1:{version}-1.el9", target("2.3.4"), {}), "1:2.3.4-1.el9");
  EXPECT_EQ(choose_package_version("{version}-{version}", target("2.3.4"), {}), "2.3.4-2.3.4");
  EXPECT_EQ(choose_package_version("{version}; reboot", target("2.3.4"), {}), std::nullopt);
  EXPECT_TRUE(accepts("{version}-1", target("2.3.4"), "2.3.4-1"));
  EXPECT_FALSE(accepts("{version}-1", target("2.3.4"), "2.3.4"));
  EXPECT_FALSE(accepts("{version}-1", target("2.3.4"), "2.3.4-2"));
}

TEST(PackageVersion, ThenTheOneThatEqualsTheReleaseString) {
  EXPECT_EQ(choose_package_version("", target("v2.3.4"), {"2.3.4-9", "2.3.4", "2.3.4-1"}), "2.3.4");
  EXPECT_EQ(choose_package_version("", target("2.0.0-rc.1"), {"2.0.0~rc.1-1", "2.0.0-rc.1"}), "2.0.0-rc.1");
  EXPECT_EQ(choose_package_version("", target("7.0.9+b2"), {"7.0.9+b3", "7.0.9+b2"}), "7.0.9+b2");
}

TEST(PackageVersion, ThenTheNewestWhoseUpstreamPartIsTheTarget) {
  EXPECT_EQ(choose_package_version("", target("2.3.4"), {"2.3.5-1", "2.3.4-2+b1", "2.3.4-1", "2.3.3-1"}), "2.3.4-2+b1");
  EXPECT_EQ(choose_package_version("", target("2.3.4"), {"1:2.3.4-1.el9"}), "1:2.3.4-1.el9");
  EXPECT_EQ(choose_package_version("", target("2.0.0-rc.1"), {"2.0.0-1", "2.0.0~rc.1-1"}), "2.0.0~rc.1-1");
}

TEST(PackageVersion, APreReleaseIsNeverTakenForItsRelease) {
  EXPECT_EQ(choose_package_version("", target("2.0.0"), {"2.0.0-rc.1", "2.0.0~rc.1-1", "2.0.0-dev.2"}), std::nullopt);
  EXPECT_FALSE(accepts("", target("2.0.0"), "2.0.0~rc.1"));
  EXPECT_FALSE(accepts("", target("2.0.0-rc.1"), "2.0.0-1"));
}

TEST(PackageVersion, NoneFitsWhenTheTargetIsNotOffered) {
  EXPECT_EQ(choose_package_version("", target("2.3.4"), {}), std::nullopt);
  EXPECT_EQ(choose_package_version("", target("2.3.4"), {"2.3.40-1", "12.3.4-1", "2.3.4.1-1", "2.3-4"}), std::nullopt);
}

TEST(PackageVersion, TheInstalledVersionMatchesWhenTheRuleAcceptsIt) {
  for (const char* text : {"2.3.4", "2.3.4-1", "1:2.3.4-1+b2", "2.3.4-1.el9", "2.3.4+dfsg-1"})
    EXPECT_TRUE(accepts("", target("2.3.4"), text)) << text;
  for (const char* text : {"", "2.3.3-1", "2.3.5", "2.3.4-rc.1", "2.3", "2.3.4 ", "2.3.4;x", "garbage"}) {
    EXPECT_FALSE(accepts("", target("2.3.4"), text)) << text;
  }
}

TEST(PackageVersion, MayStandInACommandOnlyWithTheCharactersOfPackageVersions) {
  for (const char* text : {"1", "2.3.4", "1:2.3.4~rc.1-1+b2", "2.3.4^git1_2-1.el9", "v2.3.4"})
    EXPECT_TRUE(is_package_version(text)) << text;
  for (const char* text :
       {"", "-1", "--help", ".1", "+1", "~1", "1 2", "1;2", "1/2", "1=2", "1&2", "1$(x)", "1\n", "1\"", "1'", "1*", "1,2", "1\xc3\xa4"}) {
    EXPECT_FALSE(is_package_version(text)) << text;
  }
  EXPECT_FALSE(is_package_version(std::string_view("1\0", 2)));
  EXPECT_TRUE(is_package_version(std::string(128, '1')));
  EXPECT_FALSE(is_package_version(std::string(129, '1')));
}

}  // namespace
}  // namespace upkeep::sdk

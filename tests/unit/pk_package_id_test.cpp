// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "shared/packagekit/package_id.h"
#include "shared/packages/text.h"

namespace upkeep::shared::packagekit {
namespace {

using packages::one_line;

TEST(PkPackageId, ReadsTheIdsOfAllBackends) {
  for (const std::string text :
       {"tzdata;2026b-0+deb12u1;all;+manual:debian-stable-main", "libssl3;1:3.0.17~rc1-1;amd64;auto:local",
        "demo-agent;2.3.4-1;noarch;demo", "Foo_bar2;1.0^git1-2.el9;x86_64;installed:@System", "a;1;;", "libstdc++6;12.2;amd64;x"}) {
    const auto id = parse_package_id(text);
    ASSERT_TRUE(id) << text << ": " << id.error().message;
    EXPECT_EQ(id->str(), text);
  }
  const auto id = parse_package_id("demo-agent;1:2.3.4-1;amd64;demo");
  ASSERT_TRUE(id);
  EXPECT_EQ(*id, (PackageId{"demo-agent", "1:2.3.4-1", "amd64", "demo"}));
}

TEST(PkPackageId, RefusesWhatIsNoId) {
  const std::string long_name(129, 'a');
  const std::string hostile[] = {"",
                                 ";;;",
                                 "demo",
                                 "demo;1",
                                 "demo;1;all",
                                 "demo;1;all;x;y",
                                 ";1;all;x",
                                 "demo;;all;x",
                                 "-demo;1;all;x",
                                 "de mo;1;all;x",
                                 "demo;1 2;all;x",
                                 "demo;$(reboot);all;x",
                                 "demo;1;a/b;x",
                                 "demo;1;all;x\ny",
                                 "demo\n;1;all;x",
                                 std::string("demo\0;1;all;x", 13),
                                 long_name + ";1;all;x",
                                 "demo;1;all;" + std::string(2000, 'x'),
                                 "demo;" + std::string(200, '1') + ";all;x",
                                 "dem\xc3\xb6;1;all;x"};
  for (const auto& text : hostile) {
    const auto id = parse_package_id(text);
    ASSERT_FALSE(id) << text;
    EXPECT_EQ(id.error().code, sdk::Errc::internal);
    EXPECT_LT(id.error().message.size(), 200U);
  }
}

TEST(PkPackageId, OneLineMakesAnyBytesFitForAMessage) {
  EXPECT_EQ(one_line("  two\n\n\tlines \r\n"), "two lines");
  EXPECT_EQ(one_line(""), "");
  EXPECT_EQ(one_line("na\xc3\xafve"), "na\xc3\xafve");
  EXPECT_EQ(one_line("bad\xff\xc3"), "bad??");
  EXPECT_EQ(one_line("overlong \xe0\x80\x80"), "overlong ???");
  EXPECT_EQ(one_line("abcdef", 4), "abcd…");
  EXPECT_EQ(one_line("abc\xc3\xaf", 4), "abc…") << "never half a character";
  EXPECT_EQ(one_line(std::string("a\0b\x7f\x1b[31m", 9)), "a b [31m");
}

}  // namespace
}  // namespace upkeep::shared::packagekit

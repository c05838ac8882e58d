// SPDX-License-Identifier: Apache-2.0
// What rpm says, and the order of its versions: the expected answers are those of rpm itself (`rpm --eval '%{lua:print(rpm.vercmp(…))}'`).
#include "shared/rpm/query.h"

#include <gtest/gtest.h>

namespace upkeep::shared::rpm {
namespace {

using packages::PackageState;

PackageState only(const std::string& output) {
  auto states = parse_states(output);
  EXPECT_TRUE(states) << states.error().message;
  return states ? states->at("demo-agent") : PackageState{};
}

TEST(RpmQuery, ReadsWhatIsInstalled) {
  EXPECT_EQ(only("demo-agent\t1.2.3-1\tnoarch\t1700000000\tDemo\n"),
            (PackageState{"1.2.3-1", "noarch", "installed", false, {}, false, "Demo"}));
  EXPECT_EQ(only("demo-agent\t0:1.2.3-1.el9\tx86_64\t1\tDemo\n").version, "1.2.3-1.el9") << "no epoch is the epoch 0";
  EXPECT_EQ(only("demo-agent\t1:2.0.0~rc.1-1\tx86_64\t1\tDemo\n").version, "1:2.0.0~rc.1-1");
  const auto states = parse_states("package demo-libs is not installed\ndemo-agent\t1.2.3-1\tnoarch\t1\tDemo\n");
  ASSERT_TRUE(states);
  EXPECT_EQ(states->count("demo-libs"), 0U);
  EXPECT_TRUE(parse_states("")->empty());
}

TEST(RpmQuery, ThereTwiceIsBrokenAtTheVersionThatCameLast) {
  const std::string old = "demo-agent\t1.2.3-1\tnoarch\t1700000000\tDemo\n", young = "demo-agent\t2.3.4-1\tnoarch\t1700000009\tDemo\n";
  for (const auto& output : {old + young, young + old}) {
    const auto state = only(output);
    EXPECT_TRUE(state.broken);
    EXPECT_EQ(state.version, "2.3.4-1");
    EXPECT_EQ(state.status, "installed twice, as 1.2.3-1 and 2.3.4-1");
  }
  EXPECT_FALSE(only("demo-agent\t1.2.3-1\ti686\t1\tDemo\ndemo-agent\t1.2.3-1\tx86_64\t1\tDemo\n").broken) << "one for each architecture";
  EXPECT_FALSE(only("demo-agent\t1.2.3-1\ti686\t9\tDemo\ndemo-agent\t2.3.4-1\tx86_64\t1\tDemo\n").broken) << "likewise";
  EXPECT_TRUE(only("demo-agent\t1.2.3-1\tnoarch\t1\tDemo\ndemo-agent\t2.3.4-1\tx86_64\t9\tDemo\n").broken) << "one took the other's place";
}

TEST(RpmQuery, ALineThatCannotBeReadIsAnErrorThatShowsIt) {
  for (const std::string line :
       {"garbage", "demo-agent\t1.2.3-1\tnoarch\t1", "demo-agent\t1.2.3-1\tnoarch\t1\tDemo\tmore", "demo-agent\t1.2;3\tnoarch\t1\tDemo",
        "../x\t1\tnoarch\t1\tDemo", "demo-agent\t1.2.3-1\tno arch\t1\tDemo", "demo-agent\t1.2.3-1\t\t1\tDemo",
        "demo-agent\t1.2.3-1\tnoarch\t-1\tDemo", "package demo-agent", "error: db5"}) {
    const auto states = parse_states(line + "\n");
    ASSERT_FALSE(states) << line;
    EXPECT_EQ(states.error().code, sdk::Errc::internal);
    EXPECT_TRUE(states.error().message.starts_with("rpm answers a line that cannot be read: \"")) << states.error().message;
  }
}

TEST(RpmVersions, AreOrderedAsRpmOrdersThem) {
  const struct {
    const char *a, *b;
    int order;
  } rows[] = {
      {"1.0", "1.0", 0},
      {"1.0", "2.0", -1},
      {"2.0.1", "2.0", 1},
      {"2.0", "2.0.1", -1},
      {"2.0.1a", "2.0.1", 1},
      {"5.5p1", "5.5p2", -1},
      {"5.5p10", "5.5p1", 1},
      {"10xyz", "10.1xyz", -1},
      {"xyz10", "xyz10.1", -1},
      {"xyz.4", "8", -1},
      {"5.5p2", "5.6p1", -1},
      {"6.0.rc1", "6.0", 1},
      {"10b2", "10a1", 1},
      {"1.0aa", "1.0a", 1},
      {"10.0001", "10.1", 0},
      {"10.0001", "10.0039", -1},
      {"20101121", "20101122", -1},
      {"2_0", "2.0", 0},
      {"2_0", "2_0", 0},
      {"a", "a", 0},
      {"a+", "a_", 0},
      {"+", "_", 0},
      {"1.0~rc1", "1.0", -1},
      {"1.0~rc1", "1.0~rc2", -1},
      {"1.0~rc1~git123", "1.0~rc1", -1},
      {"1.0^", "1.0", 1},
      {"1.0^git1", "1.01", -1},
      {"1.0^git1", "1.0^git2", -1},
      {"1.0~rc1^git1", "1.0~rc1", 1},
      {"1.0^git1~pre", "1.0^git1", -1},
      {"", "", 0},
      {"1", "", 1},
      {"~", "", -1},
      {"^", "", 1},
      // epochs and releases
      {"1:1.0-1", "2.0-1", 1},
      {"0:1.0-1", "1.0-1", 0},
      {"1.0-2", "1.0-10", -1},
      {"1.0-1.el9", "1.0-1.el10", -1},
      {"2.0.0~rc.1-1", "2.0.0-1", -1},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(compare_versions(row.a, row.b), row.order) << row.a << " " << row.b;
    EXPECT_EQ(compare_versions(row.b, row.a), -row.order) << row.b << " " << row.a;
  }
}

}  // namespace
}  // namespace upkeep::shared::rpm

// SPDX-License-Identifier: Apache-2.0
// What is half installed, and stays so after the installer's one repair: forwards it is installed once more, within bounds,
// unless the package itself failed; on the way back it is tried until it holds.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;

World unrepairable(const std::string& version) {
  World world;
  world.version = version;
  world.bad = {"3.0.0-1"};
  world.repairable = false;
  return world;
}

std::ptrdiff_t count(const World& world, const std::string& verb) { return std::count(world.verbs.begin(), world.verbs.end(), verb); }

// "once more" and why, of the newest operation.
std::vector<std::string> once_more(Rig& rig) {
  std::vector<std::string> out;
  const auto newest = rig.history()[0];
  for (const auto& phase : newest["phases"])
    if (phase["detail"].get<std::string>().starts_with("once more"))
      out.push_back(phase["phase"].get<std::string>() + ": " + phase["detail"].get<std::string>());
  return out;
}

TEST(Torn, WhatIsHalfInstalledIsInstalledOnceMoreInTheSameOperation) {
  auto world = unrepairable("2.3.4");
  world.tears["apply"] = 1;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.settled() && rig.last_result() == "committed"; }, 1h)) << rig.status();
  EXPECT_EQ(rig.history().size(), 1U);
  EXPECT_EQ(count(world, "apply 2.3.4-1"), 2);
  EXPECT_EQ(once_more(rig), (std::vector<std::string>{"applying: once more: half installed (demo is half-installed)"}));
  EXPECT_FALSE(world.half_installed);
  EXPECT_EQ(world.running, "2.3.4-1");
}

TEST(Torn, OnlyAnErrorThatSaysNothingOfTheVersionLetsItBeInstalledOnceMore) {
  for (const auto code : {sdk::Errc::transient, sdk::Errc::busy, sdk::Errc::cancelled}) {
    auto world = unrepairable("2.3.4");
    world.tears["apply"] = 1;
    world.tear_answers = sdk::Error(code, "packagekitd went away");
    Rig rig(world);
    ASSERT_TRUE(rig.until([&] { return rig.settled() && rig.last_result() == "committed"; }, 1h)) << rig.status();
    EXPECT_EQ(once_more(rig), (std::vector<std::string>{"applying: once more: packagekitd went away (demo is half-installed)"}));
  }
  auto world = unrepairable("2.3.4");
  world.tears["apply"] = 1;
  world.tear_answers = sdk::Error(sdk::Errc::internal, "its postinst failed");
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.settled() && rig.last_result() == "rolled_back"; }, 1h)) << rig.status();
  EXPECT_EQ(count(world, "apply 2.3.4-1"), 1);
  EXPECT_EQ(world.running, "1.2.3-1");
  EXPECT_EQ(rig.status()["quarantined"].dump(), "[\"2.3.4\"]");
  EXPECT_EQ(rig.history()[0]["detail"], "its postinst failed (demo is half-installed)");
}

TEST(Torn, AVersionThatIsHalfInstalledEachTimeIsTakenBackAfterABoundedNumber) {
  auto world = unrepairable("2.3.4");
  world.tears["apply"] = 1000;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.settled() && rig.last_result() == "rolled_back"; }, 1h)) << rig.status();
  EXPECT_EQ(count(world, "apply 2.3.4-1"), core::kMaxResumes + 1);
  EXPECT_EQ(rig.history().size(), 1U);
  EXPECT_EQ(world.running, "1.2.3-1");
  EXPECT_FALSE(world.half_installed);
  EXPECT_EQ(rig.status()["quarantined"].dump(), "[\"2.3.4\"]");
}

TEST(Torn, WhatADeathTearsIsInstalledOnceMoreByTheNextLife) {
  auto world = unrepairable("2.3.4");
  world.die_in = "apply:middle";
  EXPECT_THROW(
      {
        Rig rig(world);
        rig.until([] { return false; }, 1h);
      },
      Death);
  ASSERT_TRUE(world.half_installed);
  world.reboot();
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.settled() && rig.last_result() == "committed"; }, 1h)) << rig.status();
  EXPECT_EQ(rig.history().size(), 1U);
  EXPECT_EQ(count(world, "apply 2.3.4-1"), 2);
  EXPECT_EQ(count(world, "prepare 2.3.4"), 1);
  EXPECT_EQ(world.running, "2.3.4-1");
}

TEST(Torn, AWayBackThatLeavesItHalfInstalledIsTriedAgainUntilItHolds) {
  auto world = unrepairable("3.0.0");
  world.tears["revert"] = 3;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.settled() && rig.last_result() == "rolled_back"; }, 1h)) << rig.status();
  EXPECT_EQ(count(world, "revert 1.2.3-1"), 4);
  EXPECT_EQ(world.running, "1.2.3-1");
  EXPECT_FALSE(world.half_installed);
}

TEST(Torn, AWayBackThatNeverHoldsIsStuckAndSaysWhatItLooksLike) {
  auto world = unrepairable("3.0.0");
  world.tears["revert"] = 1000;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "reverting"; }, 1h));
  const auto began = world.boot;
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "stuck"; }, 3h)) << rig.status();
  EXPECT_GE(world.boot - began, demo_settings().revert_deadline);
  EXPECT_LE(world.boot - began, demo_settings().revert_deadline + 5min);
  EXPECT_TRUE(world.half_installed);
  const auto tried = rig.status()["stuck"]["tried"].dump();
  EXPECT_NE(tried.find("after going back 3.0.0-1 is installed (demo is half-installed)"), std::string::npos) << tried;
  // Nothing more is done by itself.
  const auto verbs = world.verbs.size();
  rig.pass(6h);
  EXPECT_EQ(world.verbs.size(), verbs);
}

}  // namespace
}  // namespace upkeep::test

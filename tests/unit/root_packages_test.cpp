// SPDX-License-Identifier: Apache-2.0
// Agents that are one of several packages, and bring others along: what `upkeep enable` allows, records and holds for them.
#include "unit/root_verbs.h"

#include "sdk/root_helper.h"

namespace upkeep::root {
namespace {

class RootPackages : public RootVerbs {
 protected:
  RootPackages() {
    configure("use = \"apt\"\npackages = [\"demo-fips\", \"demo\"]\nwith = [\"demo-libs\", \"demo-tools\"]\n");
    gone_ = {"demo-fips", "demo-tools"};
  }
  const std::string file_ = "/etc/upkeep/agents.d/demo.toml";
};

TEST_F(RootPackages, TheRuleAndTheRecordNameAllOfThem) {
  ASSERT_EQ(do_enable(), "");
  EXPECT_NE(read(kRule).find("var names = [\"demo-fips\", \"demo\", \"demo-libs\", \"demo-tools\"]"), std::string::npos) << read(kRule);
  EXPECT_NE(read(kEnabled).find("\"packages\":[\"demo-fips\",\"demo\",\"demo-libs\",\"demo-tools\"],\"installer\":\"apt\""),
            std::string::npos)
      << read(kEnabled);
  for (const std::string name : {"demo-fips", "demo", "demo-libs", "demo-tools"}) EXPECT_TRUE(sdk::is_enabled_for(read(kEnabled), name));
  for (const std::string name : {"", "dem", "demo-", "demo-lib", "packages", "apt"})
    EXPECT_FALSE(sdk::is_enabled_for(read(kEnabled), name));
}

TEST_F(RootPackages, WhatIsInstalledIsHeldAndNothingElse) {
  ASSERT_EQ(do_enable(), "");
  EXPECT_EQ(held_, (std::set<std::string>{"demo", "demo-libs"}));
  EXPECT_EQ(read(kHold), "demo\ndemo-libs\n");
  held_.clear();
  EXPECT_EQ(do_hold(), "");
  EXPECT_EQ(held_, (std::set<std::string>{"demo", "demo-libs"}));
  held_.clear();
  gone_.insert("demo-libs");
  EXPECT_EQ(do_hold(), "");
  EXPECT_EQ(held_, std::set<std::string>{"demo"}) << "a package that is gone stays away";
  gone_.erase("demo-libs");
  EXPECT_EQ(do_disable(), "");
  EXPECT_TRUE(held_.empty());
}

TEST_F(RootPackages, AnotherAlternativeMovesTheHold) {
  ASSERT_EQ(do_enable(), "");
  gone_ = {"demo", "demo-libs"};
  ASSERT_EQ(do_enable(), "");
  EXPECT_EQ(read(kHold), "demo-fips\ndemo-tools\n");
  EXPECT_EQ(held_, (std::set<std::string>{"demo-fips", "demo-tools"}));
}

TEST_F(RootPackages, OfACompanionToTheHoldOfSomebodyElseStays) {
  held_ = {"demo-libs"};
  EXPECT_NE(do_enable().find("demo-libs is held already, by somebody else"), std::string::npos);
  EXPECT_EQ(held_, std::set<std::string>{"demo-libs"});
  EXPECT_FALSE(exists(kHold) || exists(kRule));
}

TEST_F(RootPackages, NamesAreJudgedOneByOne) {
  const auto refused = [&](const std::string& installer, const std::string& why) {
    configure("use = \"apt\"\n" + installer);
    EXPECT_EQ(do_enable(), file_ + ":" + why) << installer;
    EXPECT_FALSE(exists("/etc/polkit-1"));
  };
  refused("packages = [\"demo\", \"a;b\"]\n", "3: installer.packages: is no name of a package");
  refused("packages = [\"demo\", 7]\n", "3: installer.packages: is no list of names");
  refused("packages = []\n", "3: installer.packages: names no package");
  refused("packages = [\"demo\", \"demo\"]\n", "3: installer.packages: demo stands there twice");
  refused("package = \"demo\"\nwith = [\"demo\"]\n", "4: installer.with: demo stands there twice");
  refused("package = \"demo\"\nwith = [\"upkeep\"]\n", "4: installer.with: Upkeep does not upgrade itself");
  refused("package = \"demo\"\npackages = [\"demo\"]\n", "3: installer.package: and packages: one of them");
  refused("restart = \"demo.service\"\n", "1: installer.package: is no name of a package");
  std::string many;
  for (int i = 0; i < 17; ++i) many += "\"demo" + std::to_string(i) + "\",";
  refused("packages = [" + many + "]\n", "3: installer.packages: more than 16 packages");
}

TEST_F(RootPackages, AutoIsWhatPackageKitOrTheSystemSays) {
  configure("use = \"auto\"\npackage = \"demo\"\n");
  backend_ = "apt";
  ASSERT_EQ(do_enable(), "");
  EXPECT_NE(read(kEnabled).find("\"installer\":\"apt\""), std::string::npos);
  backend_ = "";
  EXPECT_NE(do_enable().find("demo.toml:2: installer.use: cannot tell whether packages are apt's"), std::string::npos);
  write("/usr/lib/os-release", "ID=debian\n");
  EXPECT_EQ(do_enable(), "");
  write("/etc/os-release", "ID=arch\n");
  EXPECT_NE(do_enable().find("os-release says ID=\"arch\""), std::string::npos) << "/etc comes first";
  std::filesystem::remove(base_ + "/etc/os-release");
  std::filesystem::create_symlink("../usr/lib/os-release", base_ + "/etc/os-release");
  EXPECT_EQ(do_enable(), "");
  // What it was found to be stays until it is enabled again.
  write("/usr/lib/os-release", "ID=fedora\n");
  EXPECT_EQ(outcome([](Outside& outside) {
              return enabled_grant(outside, "demo").map([](const Grant& grant) { EXPECT_EQ(grant.manager->installer, "apt"); });
            }),
            "");
}

TEST_F(RootPackages, ARepairIsToldTheNamesThatWereEnabled) {
  ASSERT_EQ(do_enable(), "");
  const auto names = [&] {
    std::string out;
    const auto error = outcome([&](Outside& outside) {
      return enabled(outside.files, "demo").map([&](const Enabled& now) {
        for (const auto& name : now.packages) out += name + " ";
      });
    });
    return out + error;
  };
  EXPECT_EQ(names(), "demo-fips demo demo-libs demo-tools ");
  write(kEnabled, "{\"packages\":[\"demo\",\"--root=/x\"],\"installer\":\"apt\"}\n");
  EXPECT_EQ(names(), kEnabled + ": \"--root=/x\" is no name of a package");
}

}  // namespace
}  // namespace upkeep::root

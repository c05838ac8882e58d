// SPDX-License-Identifier: Apache-2.0
// What apt-get 2.6 of Debian 12 prints, taken from real runs, and what it could be made to print.

#include "sdk/kept.h"
#include "support/native_tool.h"

namespace upkeep::shared::native {
namespace {

using test::failure_text;
using test::joined;
using test::order_of;
using test::plan_text;

constexpr const char* kAptReading = "Reading package lists...\nBuilding dependency tree...\nReading state information...\n";

std::string apt_plan_of(const std::string& out, int status = 0, const std::string& err = "") {
  return plan_text(apt_get(), order_of("demo-agent", "2.3.4-1"), {status, kAptReading + out, err});
}

TEST(NativeAptGet, AnUpgradeOfAPackageThatWeHold) {
  EXPECT_EQ(
      apt_plan_of("The following held packages will be changed:\n  demo-agent\nThe following packages will be upgraded:\n  demo-agent\n"
                  "1 upgraded, 0 newly installed, 0 to remove and 6 not upgraded.\n"
                  "Inst demo-agent [1.2.3-1] (2.3.4-1 localhost [all])\nConf demo-agent (2.3.4-1 localhost [all])\n"),
      "install demo-agent 2.3.4-1");
}

TEST(NativeAptGet, WhatANewPackageNeedsComesAlong) {
  EXPECT_EQ(apt_plan_of("The following additional packages will be installed:\n  libdemo\nThe following NEW packages will be installed:\n"
                        "  libdemo new-dep\n0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.\n"
                        "Inst libdemo (1.1-1 localhost [all])\nInst new-dep (1:2.0-1 Debian:12.5/stable, Debian-Security:12 [amd64]) []\n"
                        "Conf libdemo (1.1-1 localhost [all])\nConf new-dep (1:2.0-1 localhost [all])\n"),
            "install libdemo 1.1-1, install new-dep 1:2.0-1");
}

TEST(NativeAptGet, ADowngradeSaysSo) {
  EXPECT_EQ(apt_plan_of("The following packages will be DOWNGRADED:\n  demo-agent\n"
                        "0 upgraded, 0 newly installed, 1 downgraded, 0 to remove and 6 not upgraded.\n"
                        "Inst demo-agent [2.3.4-1] (1.2.3-1 localhost [all])\nConf demo-agent (1.2.3-1 localhost [all])\n"),
            "downgrade demo-agent 1.2.3-1");
}

TEST(NativeAptGet, ARemovalIsInThePlan) {
  EXPECT_EQ(apt_plan_of("The following packages will be REMOVED:\n  libdemo\nThe following packages will be upgraded:\n  conflicts\n"
                        "1 upgraded, 0 newly installed, 1 to remove and 5 not upgraded.\n"
                        "Remv libdemo [1.0-1]\nInst conflicts [1.0] (2.0 localhost [all])\nConf conflicts (2.0 localhost [all])\n"),
            "remove libdemo 1.0-1, install conflicts 2.0");
  EXPECT_EQ(apt_plan_of("Purg libdemo:i386 [1.0-1] [demo-agent ]\n"), "remove libdemo 1.0-1");
}

TEST(NativeAptGet, NothingToDoIsAnEmptyPlan) {
  EXPECT_EQ(
      apt_plan_of("demo-agent is already the newest version (1.2.3-1).\n0 upgraded, 0 newly installed, 0 to remove and 6 not upgraded.\n"),
      "");
}

TEST(NativeAptGet, AnothersHoldOnSomethingElseIsInTheWay) {
  const auto said =
      apt_plan_of("The following held packages will be changed:\n  heldlib:amd64\n  demo-agent\nInst heldlib [1.0] (2.0 x [all])\n");
  EXPECT_EQ(said, "invalid: apt-get: it would change heldlib, which is held (`apt-mark unhold` lifts it) (exit status 0)");
}

TEST(NativeAptGet, ALineThatCannotBeReadIsAnError) {
  for (const char* line : {"Inst", "Inst ", "Inst demo-agent", "Inst demo-agent 2.3.4-1", "Inst demo-agent [1.2.3-1]", "Inst demo-agent (",
                           "Inst demo-agent (2.3.4-1", "Inst demo-agent [1.2.3-1 (2.3.4-1 x [all])", "Inst demo;agent (2.3.4-1 x [all])",
                           "Inst demo-agent (2.3.4$1 x [all])", "Inst demo-agent ( [all])", "Remv libdemo", "Remv libdemo (1.0-1)",
                           "Inst \xff\xfe (1 x)", "Inst -rf (1 x)"})
    EXPECT_TRUE(apt_plan_of(std::string(line) + "\n").starts_with("error: ") || std::string(line) == "Inst")
        << line << ": " << apt_plan_of(line);
}

TEST(NativeAptGet, TooManyPackagesAreNotJudged) {
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "Inst p" + std::to_string(i) + " (1 x [all])\n";
  EXPECT_TRUE(apt_plan_of(many).starts_with("incomplete"));
}

TEST(NativeAptGet, AFailureIsWhatItsWordsMean) {
  const auto failed = [](const std::string& err, const std::string& out = "") { return failure_text(apt_get(), {100, out, err}); };
  EXPECT_EQ(failed("E: Version '9.9' for 'demo-agent' was not found\n"), "stale");
  EXPECT_EQ(failed("E: Unable to locate package nosuch\n"), "stale");
  EXPECT_EQ(failed("E: Unable to correct problems, you have held broken packages.\n"), "invalid");
  EXPECT_EQ(failed("E: Packages need to be removed but remove is disabled.\n"), "invalid");
  EXPECT_EQ(failed("E: Packages were downgraded and -y was used without --allow-downgrades.\n"), "invalid");
  EXPECT_EQ(failed("E: Held packages were changed and -y was used without --allow-change-held-packages.\n"), "denied");
  EXPECT_EQ(failed("E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?\n",
                   "Waiting for cache lock: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 6202 (perl)...\n"),
            "busy");
  EXPECT_EQ(failed("E: Could not get lock /var/lib/apt/lists/lock. It is held by process 12 (apt-get)\n"), "busy");
  EXPECT_EQ(failed("E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem. \n"), "interrupted");
  EXPECT_EQ(
      failed(
          "E: Failed to fetch http://h/x/./InRelease  Could not connect to 127.0.0.1:1 (127.0.0.1). - connect (111: Connection refused)\n"
          "E: Some index files failed to download. They have been ignored, or old ones used instead.\n"),
      "transient");
  EXPECT_EQ(failed("E: Failed to fetch http://h/p.deb  Hash Sum mismatch\n"), "forged");
  EXPECT_EQ(failed("W: GPG error: http://h x InRelease: The following signatures were invalid: BADSIG 1\nE: The repository 'http://h x "
                   "InRelease' is not signed.\n"),
            "forged");
  EXPECT_EQ(failed("E: There were unauthenticated packages and -y was used without --allow-unauthenticated\n"), "forged");
  EXPECT_EQ(failed("E: You don't have enough free space in /var/cache/apt/archives/.\n"), "transient");
  EXPECT_EQ(failed("E: Sub-process /usr/bin/dpkg returned an error code (1)\n"), "failed");
  EXPECT_EQ(failed("E: Failed to fetch https://signature.example/x  403  Forbidden\n"), "transient");  // an address is no sign
  EXPECT_EQ(failed("something that nobody knows\n"), "failed");
  EXPECT_EQ(failed(""), "failed");
  EXPECT_EQ(failure_text(apt_get(), {0, "E: Unable to locate package", ""}), "none");
}

TEST(NativeAptGet, AMessageSaysWhatStandsInTheWay) {
  EXPECT_EQ(
      apt_plan_of("The following packages have unmet dependencies:\n needs-nothing : Depends: no-such-thing but it is not installable\n",
                  100, "E: Unable to correct problems, you have held broken packages.\n"),
      "invalid: apt-get: Unable to correct problems, you have held broken packages.; The following packages have unmet dependencies: "
      "needs-nothing : Depends: no-such-thing but it is not installable (exit status 100)");
}

TEST(NativeAptGet, IsToldExactVersionsAndNeverMoreThanItNeeds) {
  Order order = order_of("demo-agent", "2.3.4-1");
  order.packages.push_back({"demo-libs", "1:2.0", "", ""});
  const auto simulate = joined(apt_get().simulate(order, {}));
  EXPECT_TRUE(simulate.starts_with("/usr/bin/apt-get -q -y ")) << simulate;
  EXPECT_TRUE(simulate.ends_with(" --simulate --allow-change-held-packages install demo-agent=2.3.4-1 demo-libs=1:2.0")) << simulate;
  EXPECT_NE(simulate.find("-o Dpkg::Options::=--force-confold"), std::string::npos);
  EXPECT_NE(simulate.find("-o APT::Get::AllowUnauthenticated=false"), std::string::npos);
  EXPECT_TRUE(joined(apt_get().download(order))
                  .ends_with(" --download-only --allow-change-held-packages install demo-agent=2.3.4-1 demo-libs=1:2.0"));
  EXPECT_TRUE(joined(apt_get().install(order, {}))
                  .ends_with(" --no-remove --allow-change-held-packages install demo-agent=2.3.4-1 demo-libs=1:2.0"));
  order.downgrade = true;
  EXPECT_TRUE(joined(apt_get().install(order, {})).ends_with(" --allow-downgrades install demo-agent=2.3.4-1 demo-libs=1:2.0"));
  EXPECT_TRUE(joined(apt_get().refresh(true)).ends_with(" -o APT::Update::Error-Mode=any update"));
  EXPECT_TRUE(joined(apt_get().repair()).ends_with(" --no-remove --fix-broken install"));
}

TEST(NativeAptGet, OffersAreThoseOfTheOrigin) {
  const std::string store = "file:" + std::string(sdk::kStoreFolder) + "demo/1 stable/main all Packages\n";
  const auto offers = apt_get().read_offers({0,
                                             "demo-agent |    3.0.0-1 | https://packages.example.com stable/main amd64 Packages\n"
                                             "demo-agent |    2.3.4-1 | " +
                                                 store +
                                                 "demo-agent |    1.2.3-1 | https://packages.example.com stable/main Sources\n"
                                                 "demo-agent:i386 | 4.0.0-1 | https://packages.example.com stable/main i386 Packages\n",
                                             ""},
                                            "demo-agent");
  ASSERT_TRUE(offers) << offers.error().message;
  EXPECT_EQ(*offers, (std::vector<Offered>{{"3.0.0-1", "https://packages.example.com stable/main amd64 Packages"}}));
  EXPECT_FALSE(apt_get().read_offers({0, "demo-agent | 1.2.3-1\n", ""}, "demo-agent"));
  EXPECT_FALSE(apt_get().read_offers({0, "demo-agent | 1 2 | x Packages\n", ""}, "demo-agent"));
  EXPECT_TRUE(apt_get().read_offers({0, "", ""}, "demo-agent")->empty());
}

}  // namespace
}  // namespace upkeep::shared::native

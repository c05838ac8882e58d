// SPDX-License-Identifier: Apache-2.0
// What dnf 4.23 prints, taken from real runs, and what it could be made to print.

#include "support/native_tool.h"

namespace upkeep::shared::native {
namespace {

using test::failure_text;
using test::joined;
using test::order_of;
using test::plan_text;

constexpr const char* kDnfRule = "================================================================================\n";
constexpr const char* kDnfHead = " Package              Architecture     Version             Repository      Size\n";

// A table as dnf prints it, with what comes before and behind.
std::string dnf_table(const std::string& lines, const std::string& counts) {
  return std::string("Last metadata expiration check: 0:00:04 ago on Sun Nov 29 19:50:44 2026.\nDependencies resolved.\n") + kDnfRule +
         kDnfHead + kDnfRule + lines + "\nTransaction Summary\n" + kDnfRule + counts + "\nTotal size: 5.4 k\n";
}
std::string dnf_plan_of(const std::string& lines, const std::string& counts) {
  return plan_text(dnf(), order_of("demo-agent", "2.3.4-1"), {1, dnf_table(lines, counts), "Operation aborted.\n"});
}

constexpr const char* kDnfUpgrade = " demo-agent           noarch           2.3.4-1             demo           5.4 k\n";

TEST(NativeDnf, AnUpgrade) {
  EXPECT_EQ(dnf_plan_of(std::string("Upgrading:\n") + kDnfUpgrade, "Upgrade  1 Package\n"), "install demo-agent 2.3.4-1");
}

TEST(NativeDnf, AnInstallationWithAnEpochAndWhatItNeeds) {
  EXPECT_EQ(dnf_plan_of("Installing:\n epoch-agent           noarch     1:2.0-3            demo           5.4 k\n"
                        "Installing dependencies:\n libdemo               x86_64     1.1-1              demo           123 M\n"
                        "Installing weak dependencies:\n libmore               x86_64     1.1-1              demo            0  \n",
                        "Install  3 Packages\n"),
            "install epoch-agent 1:2.0-3, install libdemo 1.1-1, install libmore 1.1-1");
}

TEST(NativeDnf, ADowngradeSaysSo) {
  EXPECT_EQ(dnf_plan_of("Downgrading:\n demo-agent           noarch     1.2.3-1             upkeep-store-demo-1       5.4 k\n",
                        "Downgrade  1 Package\n"),
            "downgrade demo-agent 1.2.3-1");
}

TEST(NativeDnf, WhatIsRemovedOrReplacedIsInThePlan) {
  EXPECT_EQ(dnf_plan_of("Upgrading:\n conflicts            noarch     2.0-1            demo             5.5 k\n"
                        "Removing dependent packages:\n libdemo              noarch     1.0-1            @demo              0  \n",
                        "Upgrade  1 Package\nRemove   1 Package\n"),
            "install conflicts 2.0-1, remove libdemo 1.0-1");
  EXPECT_EQ(
      dnf_plan_of(
          "Upgrading:\n newname            noarch      2.0-1               demo            5.5 k\n     replacing  oldname.noarch 1.0-1\n",
          "Upgrade  1 Package\n"),
      "install newname 2.0-1, replace oldname 1.0-1");
}

TEST(NativeDnf, ALongNameMakesTheTableWider) {
  const std::string rule(137, '=');
  const std::string name = "a-very-long-package-name-for-an-agent-that-wraps-the-lines-of-a-table";
  const std::string out =
      "Dependencies resolved.\n" + rule + "\n Package     Arch    Version     Repo   Size\n" + rule + "\nInstalling:\n " + name +
      "     noarch  2.3.4-1.el9_3.with_a_long_release.20240101 demo  5.7 k\n demo-agent      noarch  1.2.3-1     demo  5.4 k\n"
      "\nTransaction Summary\n" +
      rule + "\nInstall  2 Packages\n\nTotal size: 11 k\nInstalled size: 0  \n";
  EXPECT_EQ(plan_text(dnf(), order_of("demo-agent", "1.2.3-1"), {1, out, "Operation aborted.\n"}),
            "install " + name + " 2.3.4-1.el9_3.with_a_long_release.20240101, install demo-agent 1.2.3-1");
}

TEST(NativeDnf, ALineThatWasWrappedIsReadAsOne) {
  EXPECT_EQ(dnf_plan_of("Upgrading:\n demo-agent-with-a-long-name\n                      noarch     2.3.4-1   demo     5.4 k\n" +
                            std::string(kDnfUpgrade),
                        "Upgrade  2 Packages\n"),
            "install demo-agent-with-a-long-name 2.3.4-1, install demo-agent 2.3.4-1");
}

TEST(NativeDnf, WhatItWouldSkipIsUnavailable) {
  EXPECT_EQ(dnf_plan_of("Skipping packages with conflicts:\n(add '--best --allowerasing' to command line to force their upgrade):\n" +
                            std::string(kDnfUpgrade),
                        "Skip  1 Package\n"),
            "unavailable demo-agent 2.3.4-1");
}

TEST(NativeDnf, ATableThatCannotBeReadIsAnError) {
  const std::string upgrade = std::string("Upgrading:\n") + kDnfUpgrade;
  const std::vector<std::pair<std::string, std::string>> bad = {
      {upgrade, "Upgrade  2 Packages\n"},                                    // it counts another
      {upgrade, "Upgrade  1 Package\nRemove  1 Package\n"},                  // one is missing
      {upgrade, ""},                                                         // one is not counted
      {upgrade, "Upgrade  many Packages\n"},                                 // no number
      {kDnfUpgrade, "Upgrade  1 Package\n"},                                 // below no heading
      {"Enabling module streams:\n nodejs    18\n", ""},                     // nobody can say what that does
      {"Upgrading:\n demo-agent noarch 2.3.4-1\n", "Upgrade  1 Package\n"},  // too few columns
      {"Upgrading:\n demo-agent noarch 2.3.4-1 demo 5.4 k x\n", "Upgrade  1 Package\n"},
      {"Upgrading:\n demo;agent noarch 2.3.4-1 demo 5.4 k\n", "Upgrade  1 Package\n"},
      {"Upgrading:\n demo-agent noarch 2.3.4$1 demo 5.4 k\n", "Upgrade  1 Package\n"},
      {"Upgrading:\n newname noarch 2.0-1 demo 5.5 k\n     replacing  oldname 1.0-1\n", "Upgrade  1 Package\n"},
      {"", ""},
  };
  for (const auto& [lines, counts] : bad)
    EXPECT_TRUE(dnf_plan_of(lines, counts).starts_with("error: ")) << lines << counts << dnf_plan_of(lines, counts);
  const auto whole = dnf_table(upgrade, "Upgrade  1 Package\n");
  for (std::size_t cut = 0; cut < whole.find("\nTotal size"); ++cut)
    EXPECT_TRUE(
        plan_text(dnf(), order_of("demo-agent", "2.3.4-1"), {1, whole.substr(0, cut), "Operation aborted.\n"}).starts_with("error: "))
        << cut;
}

TEST(NativeDnf, NothingToDoIsAnEmptyPlan) {
  EXPECT_EQ(
      plan_text(dnf(), order_of("demo-agent", "1.2.3-1"),
                {0, "Package demo-agent-1.2.3-1.noarch is already installed.\nDependencies resolved.\nNothing to do.\nComplete!\n", ""}),
      "");
}

TEST(NativeDnf, AFailureIsWhatItsWordsMean) {
  const auto failed = [](const std::string& err, int status = 1) { return failure_text(dnf(), {status, "", err}); };
  EXPECT_EQ(failed("Error: Unable to find a match: demo-agent-9.9-1\n"), "stale");
  EXPECT_EQ(
      failed(
          "Error: \n Problem: conflicting requests\n  - nothing provides no-such-thing needed by needs-nothing-2.0-1.noarch from demo\n"),
      "invalid");
  EXPECT_EQ(failed("Error: \n Problem: package x from demo is filtered out by exclude filtering\n"), "stale");
  EXPECT_EQ(
      failed(
          "Errors during downloading metadata for repository 'demo':\n  - Curl error (7): Could not connect to server for "
          "http://127.0.0.1:1/repo/repodata/repomd.xml []\nError: Failed to download metadata for repo 'demo': Cannot download repomd.xml: "
          "Cannot download repodata/repomd.xml: All mirrors were tried\n"),
      "transient");
  EXPECT_EQ(failed("Error: Error downloading packages:\n  demo-agent-2.3.4-1.noarch: Cannot download, all mirrors were already tried "
                   "without success\n"),
            "transient");
  EXPECT_EQ(failed("[MIRROR] x: Downloading successful, but checksum doesn't match.\nError: Error downloading packages:\n  checksum "
                   "doesn't match\n"),
            "forged");
  EXPECT_EQ(failed("Package demo-agent-2.3.4-1.noarch.rpm is not signed\nError: GPG check FAILED\n"), "forged");
  EXPECT_EQ(failed("You have enabled checking of packages via GPG keys. This is a good thing.\nHowever, you do not have any GPG public "
                   "keys installed.\n"),
            "denied");
  EXPECT_EQ(failed("Error: Transaction test error:\n  file /etc/x from install of a-1 conflicts with file from package b-1\n"), "invalid");
  EXPECT_EQ(failed("Error: Transaction test error:\n  installing package x needs 12MB more space on the / filesystem\n"), "transient");
  EXPECT_EQ(failed("Error: Error in PREIN scriptlet in rpm package demo-agent\n"), "failed");
  EXPECT_EQ(failed("Waiting for process with pid 77 to finish.\n", 200), "busy");
  EXPECT_EQ(failed("RPM: error: can't create transaction lock on /var/lib/rpm/.rpm.lock (Resource temporarily unavailable)\n"), "busy");
  EXPECT_EQ(failed("", 1), "failed");
  EXPECT_EQ(failed("whatever", 0), "none");
}

TEST(NativeDnf, AMessageBeginsWhereItSpeaksOfAnError) {
  EXPECT_EQ(plan_text(dnf(), order_of("demo-agent", "9.9-1"),
                      {1, "Last metadata expiration check\n",
                       "Failed loading plugin \"x\": no\nError: Unable to find a match: demo-agent-9.9-1\n"}),
            "stale: dnf: Error: Unable to find a match: demo-agent-9.9-1 (exit status 1)");
}

TEST(NativeDnf, IsToldExactVersionsAndWhichRepositories) {
  Order order = order_of("demo-agent", "2.3.4-1");
  order.packages[0].arch = "x86_64";
  order.packages.push_back({"demo-libs", "1:2.0-3", "", ""});
  const auto simulate = joined(dnf().simulate(order, {}));
  EXPECT_EQ(simulate,
            "/usr/bin/dnf -y --color=never --setopt=exit_on_lock=1 --setopt=gpgcheck=1 --setopt=*.gpgcheck=1 --assumeno "
            "--disableplugin=versionlock install demo-agent-2.3.4-1 demo-libs-1:2.0-3");
  EXPECT_TRUE(joined(dnf().download(order)).find(" --downloadonly ") != std::string::npos);
  EXPECT_EQ(joined(dnf().install(order, {})).find("--assumeno"), std::string::npos);
  order.downgrade = true;
  EXPECT_TRUE(joined(dnf().install(order, {"upkeep-store-demo-2"}))
                  .ends_with(" --setopt=*.skip_if_unavailable=1 --repo=upkeep-store-demo-2 --refresh install demo-agent-2.3.4-1 "
                             "demo-libs-1:2.0-3"));
  EXPECT_TRUE(joined(dnf().refresh(true)).ends_with(" --refresh makecache"));
  EXPECT_TRUE(joined(dnf().refresh(false)).ends_with("=1 makecache"));
}

TEST(NativeDnf, OffersAreThoseOfTheOrigin) {
  const auto offers = dnf().read_offers(
      {0, "demo-agent;0;1.2.3-1;demo\nepoch-agent;1;2.0-3;demo\ndemo-agent;1;2.3.4-1;demo\n\ndemo-agent;0;1.0-1;upkeep-store-demo-1\n", ""},
      "demo-agent");
  ASSERT_TRUE(offers) << offers.error().message;
  EXPECT_EQ(*offers, (std::vector<Offered>{{"1.2.3-1", "the repository demo"}, {"1:2.3.4-1", "the repository demo"}}));
  for (const char* line : {"demo-agent;0;1.2.3-1", "demo-agent;x;1.2.3-1;demo", "demo-agent;0;1.2 3-1;demo", "a line"})
    EXPECT_FALSE(dnf().read_offers({0, line, ""}, "demo-agent")) << line;
  EXPECT_FALSE(dnf().read_offers({1, "", "Error: x"}, "demo-agent"));
}

}  // namespace
}  // namespace upkeep::shared::native

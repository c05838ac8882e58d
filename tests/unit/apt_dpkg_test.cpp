// SPDX-License-Identifier: Apache-2.0
// What dpkg-query and apt-cache print, read strictly.
#include <gtest/gtest.h>

#include "installer/apt/dpkg.h"
#include "shared/packagekit/locks.h"
#include "support/fake_packagekit.h"

namespace upkeep::plugins::apt {
namespace {

using sdk::Errc;

PackageState only(const std::string& line) {
  auto states = parse_states(line);
  EXPECT_TRUE(states) << states.error().message;
  return states ? states->at("demo-agent") : PackageState{};
}

TEST(AptDpkg, ReadsTheStatesOfDpkg) {
  EXPECT_EQ(only("demo-agent\tinstall\tok\tinstalled\tall\t1.2.3-1\n"), (PackageState{"1.2.3-1", "all", "installed", false, {}}));
  EXPECT_EQ(only("demo-agent\thold\tok\tinstalled\tamd64\t1:1.2.3-1\n"),
            (PackageState{
                "1:1.2.3-1", "amd64", "installed", false, {{"dpkg\'s hold on demo-agent (`apt-mark unhold demo-agent` lifts it)", true}}}));
  EXPECT_EQ(only("demo-agent\tinstall\tok\ttriggers-awaited\tall\t1.2.3-1\n").broken, false);
  for (const std::string status : {"half-installed", "unpacked", "half-configured"}) {
    EXPECT_TRUE(only("demo-agent\tinstall\tok\t" + status + "\tall\t1.2.3-1\n").broken) << status;
  }
  EXPECT_TRUE(only("demo-agent\tinstall\treinstreq\tinstalled\tall\t1.2.3-1\n").broken);
  EXPECT_TRUE(only("demo-agent\tinstall\tok\thalf-installed\tall\t1.2.3-1\n").half_installed);
  EXPECT_FALSE(only("demo-agent\tinstall\tok\thalf-configured\tall\t1.2.3-1\n").half_installed);
}

TEST(AptDpkg, APackageThatIsGoneHasNoVersion) {
  EXPECT_EQ(only("demo-agent\tunknown\tok\tnot-installed\t\t\n").version, "");
  EXPECT_EQ(only("demo-agent\tdeinstall\tok\tconfig-files\tall\t1.2.3-1\n").version, "") << "only its configuration is left";
  EXPECT_TRUE(parse_states("")->empty());
}

TEST(AptDpkg, TheFirstUnpackingMayHaveBeenInterruptedBeforeThereWasAVersion) {
  const auto state = only("demo-agent\tinstall\treinstreq\thalf-installed\tall\t\n");
  EXPECT_EQ(state.version, "");
  EXPECT_TRUE(state.broken);
}

TEST(AptDpkg, OfSeveralArchitecturesTheInstalledOneCounts) {
  const std::string gone = "demo-agent\tdeinstall\tok\tconfig-files\tamd64\t1.0-1\n",
                    there = "demo-agent\tinstall\tok\tinstalled\ti386\t1.2.3-1\n";
  EXPECT_EQ(only(gone + there).arch, "i386");
  EXPECT_EQ(only(there + gone).arch, "i386");
}

TEST(AptDpkg, ALineThatCannotBeReadIsAnErrorThatShowsIt) {
  for (const std::string line : {"garbage", "demo-agent\tinstall\tok\tinstalled\tall", "demo-agent\tinstall\tok\tinstalled\tall\t1\tmore",
                                 "demo-agent\tinstall\tok\tfrobnicated\tall\t1.2.3-1", "demo-agent\tinstall\tok\tinstalled\tall\t1.2;3",
                                 "demo-agent\tinstall\tok\tinstalled\tall\t", "../etc\tinstall\tok\tinstalled\tall\t1"}) {
    const auto states = parse_states(line + "\n");
    ASSERT_FALSE(states) << line;
    EXPECT_EQ(states.error().code, Errc::internal);
    EXPECT_TRUE(states.error().message.starts_with("dpkg-query answers a line that cannot be read: \"")) << states.error().message;
  }
}

TEST(AptDpkg, ReadsMadisonsLinesNewestFirst) {
  const auto offers = parse_offers(
      " demo-agent |    2.3.4-1 | https://packages.example.com stable/main amd64 Packages\n"
      "demo-agent | 1:1.2.3-1 | file:/srv/mirror ./ Packages\n"
      "demo-agent:i386 | 9.9.9-1 | https://packages.example.com stable/main i386 Packages\n"
      "demo-agent | 9.9.9-1 | https://packages.example.com stable/main Sources\n"
      "demo-agent | 1.0.0-1 | file:/var/lib/upkeep-store/demo stable/main amd64 Packages\n",
      "demo-agent");
  ASSERT_TRUE(offers) << offers.error().message;
  EXPECT_EQ(*offers, (std::vector<Offered>{{"2.3.4-1", "https://packages.example.com stable/main amd64 Packages"},
                                           {"1:1.2.3-1", "file:/srv/mirror ./ Packages"}}))
      << "no sources, no foreign architecture, nothing from Upkeep's own store";
  EXPECT_TRUE(parse_offers("", "demo-agent")->empty()) << "no repository has it";
}

TEST(AptDpkg, GarbageFromMadisonIsAnError) {
  for (const std::string line : {"N: something", "demo-agent | 1.2.3-1", "demo-agent | 1 | 2 | x Packages",
                                 "demo-agent | $(id) | x Packages", "demo-agent |  | x Packages"}) {
    const auto offers = parse_offers(line + "\n", "demo-agent");
    ASSERT_FALSE(offers) << line;
    EXPECT_EQ(offers.error().code, Errc::internal);
  }
}

TEST(AptDpkg, ATooLongAnswerAFailureAndAHangAreErrorsThatNameTheTool) {
  test::FakePackageKit host;
  const std::pair<sdk::Result<sdk::ProcessResult>, std::string> expected[] = {
      {sdk::ProcessResult{.exit_code = 0, .out = "demo", .truncated = true}, "/usr/bin/dpkg-query -W answers more than 1024 KiB"},
      {sdk::ProcessResult{.exit_code = 2, .err = "dpkg-query: error:\n parsing status"},
       "/usr/bin/dpkg-query -W: exit status 2, dpkg-query: error: parsing status"},
      {sdk::ProcessResult{.exit_code = -1, .signal = 9}, "/usr/bin/dpkg-query -W: was ended by signal 9, and no message"},
      {sdk::fail(Errc::timeout, "did not end in 60s"), "/usr/bin/dpkg-query -W: did not end in 60s"},
  };
  for (const auto& [answer, message] : expected) {
    host.dpkg_says = answer;
    const auto states = host.run(query_states(host, {"demo-agent"}));
    ASSERT_FALSE(states);
    EXPECT_EQ(states.error().message, message);
  }
  host.apt_says = sdk::ProcessResult{.exit_code = 100, .err = "E: Malformed entry 1 in list file"};
  EXPECT_EQ(host.run(query_offers(host, "demo-agent")).error().message,
            "/usr/bin/apt-cache madison: exit status 100, E: Malformed entry 1 in list file");
}

TEST(AptDpkg, APackageThatDpkgHasNeverHeardOfIsNotInstalled) {
  test::FakePackageKit host;
  host.packages.clear();
  EXPECT_TRUE(host.run(query_states(host, {"demo-agent"}))->empty());
}

TEST(AptDpkg, OnlyNumberedEntriesOfDpkgsJournalCount) {
  test::FakePackageKit host;
  EXPECT_FALSE(*journal_pending(host));
  host.dpkg_updates = {"tmp.i", "tmp.1"};
  EXPECT_FALSE(*journal_pending(host));
  host.dpkg_updates = {"0001", "tmp.i"};
  EXPECT_TRUE(*journal_pending(host));
}

TEST(AptDpkg, DpkgsLockIsFoundAmongTheKernelsByItsInode) {
  const std::string locks =
      "1: POSIX  ADVISORY  WRITE 3008 00:27:10038649 0 EOF\n"
      "1: -> POSIX  ADVISORY  WRITE 3010 00:27:555 0 EOF\n"
      "3: OFDLCK ADVISORY  WRITE -1 fe:00:778540 0 EOF\n";
  EXPECT_TRUE(shared::packagekit::is_locked(locks, "10038649\n10038648\n"));
  EXPECT_TRUE(shared::packagekit::is_locked(locks, "10038648\n10038649\n"));
  EXPECT_FALSE(shared::packagekit::is_locked(locks, "10038648\n")) << "another inode";
  EXPECT_FALSE(shared::packagekit::is_locked(locks, "555\n")) << "that one only waits";
  EXPECT_FALSE(shared::packagekit::is_locked(locks, "3008\n00\n")) << "neither process ids nor devices are inodes";
  for (const char* nothing : {"", "\n", ":\n", "::\n", "garbage"})
    EXPECT_FALSE(shared::packagekit::is_locked(nothing, "10038649\n")) << nothing;
  EXPECT_FALSE(shared::packagekit::is_locked("x::\n", "\n")) << "no inode is no inode";
  EXPECT_FALSE(shared::packagekit::is_locked(locks, "10038649\n", "3008")) << "that process does not count";
  EXPECT_TRUE(shared::packagekit::is_locked(locks, "10038649\n", "300")) << "another process";
}

}  // namespace
}  // namespace upkeep::plugins::apt

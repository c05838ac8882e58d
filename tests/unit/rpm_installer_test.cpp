// SPDX-License-Identifier: Apache-2.0
// The installers for dnf and zypper on a host in memory: what they ask PackageKit for, and what rpm then has.
#include <gtest/gtest.h>

#include "sdk/kept.h"
#include "support/package_host.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;
using sdk::Errc;
using sdk::Standing;

class RpmInstaller : public testing::TestWithParam<Family> {
 protected:
  RpmInstaller() {
    become(host, GetParam());
    settings.others = {{"other-agent", "other"}};
  }
  // A new one each time, as after a restart of the daemon.
  template <typename Verb>
  auto with_installer(Verb verb) {
    const auto installer = make_installer(host, GetParam(), settings);
    return host.run(verb(*installer));
  }
  sdk::Result<sdk::Plan> prepare() {
    return with_installer([&](auto& installer) { return installer.prepare(change); });
  }
  sdk::Result<void> apply(const std::string& last_note = "") {
    return with_installer([&](auto& installer) { return installer.apply(change, note, last_note); });
  }
  sdk::Result<void> revert(const std::string& last_note = "") {
    return with_installer([&](auto& installer) { return installer.revert(change, note, last_note); });
  }
  sdk::Result<sdk::Verified> verify(const std::string& last_note = "") {
    return with_installer([&](auto& installer) { return installer.verify(change, last_note); });
  }
  sdk::Result<sdk::Installed> inspect() {
    return with_installer([&](auto& installer) { return installer.inspect(&*change.target); });
  }
  [[nodiscard]] std::string installed(const std::string& name = "demo-agent") const { return host.packages.at(name).version; }
  void has(const std::string& name, const std::string& version) {
    host.packages[name] = FakePackage{};
    host.packages[name].version = version;
    host.packages[name].arch = "noarch";
  }
  void offer(const std::string& name, const std::string& version, const std::string& repository = "demo") {
    host.ids.push_back(name + ";" + version + ";noarch;" + repository);
  }
  [[nodiscard]] std::string repair_unit() const { return "upkeep-repair@demo.service"; }

  FakePackageKit host;
  RecordedNote note;
  shared::packages::Settings settings = package_settings();
  sdk::Change change = package_change();
};

TEST_P(RpmInstaller, IdsCarryTheRepositoryThatResolveNamed) {
  change.to.clear();
  const auto plan = prepare();
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->to, "2.3.4-1");
  EXPECT_EQ(host.called("InstallPackages 6 demo-agent;2.3.4-1;noarch;demo"), 1) << "only_trusted and simulate";
  change.to = "2.3.4-1";
  ASSERT_TRUE(apply());
  EXPECT_EQ(host.called("InstallPackages 2 demo-agent;2.3.4-1;noarch;demo"), 1);
  EXPECT_EQ(installed(), "2.3.4-1");
  EXPECT_EQ(verify()->standing, Standing::target);
  ASSERT_TRUE(revert(note.written.back())) << "and back, which Resolve lists as well";
  EXPECT_EQ(host.called("InstallPackages 66 demo-agent;1.2.3-1;noarch;demo"), 1) << "with allow_downgrade";
  EXPECT_EQ(verify()->standing, Standing::baseline);
}

TEST_P(RpmInstaller, NoTransactionWaitsForAnotherOne) {
  change.to = "2.3.4-1";
  ASSERT_TRUE(apply());
  for (std::size_t i = 0; i + 1 < host.calls.size(); ++i)
    EXPECT_FALSE(host.calls[i] == "CreateTransaction" && host.calls[i + 1] == "CreateTransaction") << i;
}

TEST_P(RpmInstaller, TheOriginComesBeforeTheStoreAndTheSameArchitectureBeforeAnyOther) {
  host.ids = {"demo-agent;2.3.4-1;noarch;upkeep-store-demo-N3", "demo-agent;2.3.4-1;i686;demo", "demo-agent;2.3.4-1;noarch;second"};
  ASSERT_TRUE(apply());
  EXPECT_EQ(host.called("InstallPackages 2 demo-agent;2.3.4-1;noarch;second"), 1);
}

TEST_P(RpmInstaller, WhatOnlyTheStoreHasIsNamedByHandAndIsNoOffer) {
  change.from = "1.2.3-1";
  has("demo-agent", "2.3.4-1");
  host.ids = {"demo-agent;2.3.4-1;noarch;demo"};
  host.unlisted = {"demo-agent;1.2.3-1;noarch;upkeep-store-demo-N3"};
  const std::string folder = "/var/lib/upkeep-store/demo/", file = "demo-agent-1.2.3-1.noarch.rpm";
  host.contents[folder + (GetParam() == Family::yum ? "yum.repo" : "zypper.repo")] = "";
  host.contents[folder + "3/" + file] = "rpm";
  host.contents[folder + "kept"] = "version 1.2.3-1\nfolder 3\norigin demo\nsince 2026-01-01T00:00:00Z\npackage demo-agent\nfile " +
                                   std::string(64, 'a') + " 1 " + file + "\n";
  const auto seen = inspect();
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->former, std::vector<std::string>{"1.2.3"});
  ASSERT_TRUE(revert()) << "which needs no network";
  EXPECT_EQ(host.called("InstallPackages 66 demo-agent;1.2.3-1;noarch;upkeep-store-demo-N3"), 1);
  EXPECT_EQ(installed(), "1.2.3-1");
}

TEST_P(RpmInstaller, TheInstalledVersionIsFoundByTheSimulationOfItsReinstallation) {
  const auto seen = inspect();
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->way_back.how, sdk::WayBackHow::repository) << seen->way_back.text;
  EXPECT_EQ(seen->way_back.text, "demo-agent 1.2.3-1 is offered by the repository demo");
  EXPECT_EQ(host.called("InstallPackages 22 demo-agent;1.2.3-1;noarch;demo"), 1) << "only_trusted, simulate and allow_reinstall";
  std::erase(host.ids, "demo-agent;1.2.3-1;noarch;demo");
  const auto gone = inspect();
  ASSERT_TRUE(gone) << gone.error().message;
  EXPECT_EQ(gone->way_back.how, sdk::WayBackHow::none) << gone->way_back.text;
}

TEST_P(RpmInstaller, AnotherRepositoryThatHasTheInstalledVersionIsAskedToo) {
  host.ids = {"demo-agent;2.3.4-1;noarch;mirror", "demo-agent;1.2.3-1;noarch;mirror"};
  const auto seen = inspect();
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->way_back.text, "demo-agent 1.2.3-1 is offered by the repository mirror");
}

TEST_P(RpmInstaller, WhatAnAdministratorExcludesOrLocksIsHeld) {
  if (GetParam() == Family::yum) {
    host.contents["/etc/dnf/dnf.conf"] = "[main]\nexcludepkgs=demo-*\n";
    host.contents["/etc/yum.repos.d/demo.repo"] = "[demo]\nexclude=demo-agent\n";
    host.contents["/etc/dnf/plugins/versionlock.list"] = "demo-agent-0:1.2.3-1.*\n";
  } else {
    host.contents["/etc/zypp/locks"] = "type: package\nsolvable_name: demo-agent\n";
  }
  const auto seen = inspect();
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->held_by.size(), GetParam() == Family::yum ? 3U : 1U);
  EXPECT_EQ(installed(), "1.2.3-1");
}

TEST_P(RpmInstaller, AFileOfHoldsThatCannotBeReadIsAHold) {
  const std::string path = GetParam() == Family::yum ? "/etc/dnf/plugins/versionlock.list" : "/etc/zypp/locks";
  host.contents[path] = std::string(std::size_t{300} * 1024, '\n');
  const auto seen = inspect();
  ASSERT_TRUE(seen) << seen.error().message;
  ASSERT_EQ(seen->held_by.size(), 1U);
  EXPECT_EQ(seen->held_by[0], "whether " + path + " holds anything cannot be told: " + path + " is too long");
}

TEST_P(RpmInstaller, ThousandsOfHoldsAreNotAllTold) {
  std::string many = GetParam() == Family::yum ? "[main]\nexcludepkgs=" : "";
  for (int i = 0; i < 5000; ++i) many += GetParam() == Family::yum ? "demo-* " : "solvable_name: demo-*\n\n";
  host.contents[GetParam() == Family::yum ? "/etc/dnf/dnf.conf" : "/etc/zypp/locks"] = many;
  const auto seen = inspect();
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_FALSE(seen->held_by.empty());
  EXPECT_LE(seen->held_by.size(), 20U);
}

TEST_P(RpmInstaller, InstalledTwiceIsRepairedByRootsUnitAndThenVerified) {
  has("demo-agent", "2.3.4-1");
  host.packages["demo-agent"].left_behind = "1.2.3-1";
  const auto warned = inspect();
  ASSERT_TRUE(warned) << warned.error().message;
  EXPECT_FALSE(warned->matches_target);
  ASSERT_FALSE(warned->warnings.empty());
  EXPECT_EQ(warned->warnings[0],
            "rpm says that demo-agent is installed twice, as 1.2.3-1 and 2.3.4-1: an installation runs or was interrupted");
  host.unit_effects[repair_unit()] = [this] { host.packages["demo-agent"].left_behind.clear(); };
  const auto seen = verify();
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->standing, Standing::target);
  EXPECT_EQ(host.called("StartUnit " + repair_unit()), 1);
  EXPECT_EQ(host.called("InstallPackages 2 "), 0);
}

TEST_P(RpmInstaller, WhatNoRepairMendsIsBrokenAndSaysWhatToDo) {
  has("demo-agent", "2.3.4-1");
  host.packages["demo-agent"].left_behind = "1.2.3-1";
  host.unit_results[repair_unit()] = "failed";
  const auto seen = verify();
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->standing, Standing::broken);
  EXPECT_EQ(seen->detail.find("demo-agent is installed twice, as 1.2.3-1 and 2.3.4-1 after one repair: `sudo systemctl start " +
                              repair_unit() + "` tells why"),
            0U)
      << seen->detail;
}

TEST_P(RpmInstaller, WhileSomebodysTransactionRunsTwiceIsNoDamage) {
  has("demo-agent", "2.3.4-1");
  host.packages["demo-agent"].left_behind = "1.2.3-1";
  host.dpkg_works(true);  // a lock, whatever it locks
  host.on_sleep = [this] {
    host.packages["demo-agent"].left_behind.clear();
    host.dpkg_works(false);
  };
  EXPECT_EQ(verify()->standing, Standing::target);
  EXPECT_EQ(host.called("StartUnit"), 0);
}

TEST_P(RpmInstaller, CompanionsMoveInOneCallAndBack) {
  settings.with = {"demo-libs", "demo-extras"};
  has("demo-libs", "1.2.3-4");
  for (const char* version : {"1.2.3-4", "2.3.4-2"}) offer("demo-libs", version, "libs");
  const auto plan = prepare();
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->items.size(), 2U);
  ASSERT_TRUE(apply());
  EXPECT_EQ(host.called("InstallPackages 2 demo-agent;2.3.4-1;noarch;demo demo-libs;2.3.4-2;noarch;libs"), 1);
  EXPECT_EQ(installed("demo-libs"), "2.3.4-2");
  EXPECT_EQ(verify(note.written.back())->standing, Standing::target);
  ASSERT_TRUE(revert(note.written.back()));
  EXPECT_EQ(host.called("InstallPackages 66 demo-agent;1.2.3-1;noarch;demo demo-libs;1.2.3-4;noarch;libs"), 1);
  EXPECT_EQ(verify(note.written.back())->standing, Standing::baseline);
}

// 2.0.0 was soaking when 2.3.4 superseded it: the way back leads to 1.2.3, and the note is of 2.0.0.
TEST_P(RpmInstaller, BehindASupersededReleaseTheCompanionsGoBackAsFarAsTheAgent) {
  settings.with = {"demo-libs"};
  has("demo-agent", "2.3.4-1");
  has("demo-libs", "2.3.4-2");
  for (const char* version : {"1.2.3-4", "2.0.0-1", "2.3.4-2"}) offer("demo-libs", version, "libs");
  ASSERT_TRUE(revert("/1_abcd\nwas demo-agent 2.0.0-1\nwas demo-libs 2.0.0-1"));
  EXPECT_EQ(host.called("InstallPackages 66 demo-agent;1.2.3-1;noarch;demo demo-libs;1.2.3-4;noarch;libs"), 1);
  EXPECT_EQ(verify("/1_abcd\nwas demo-agent 2.0.0-1\nwas demo-libs 2.0.0-1")->standing, Standing::baseline);
  has("demo-libs", "2.0.0-1");
  EXPECT_EQ(verify("/1_abcd\nwas demo-agent 2.0.0-1\nwas demo-libs 2.0.0-1")->standing, Standing::broken);
}

TEST_P(RpmInstaller, ACompanionThatIsLeftBehindIsNoPlaceToStand) {
  settings.with = {"demo-libs"};
  has("demo-agent", "2.3.4-1");
  has("demo-libs", "1.2.3-4");
  const auto seen = verify("/1_abcd\nwas demo-libs 1.2.3-4");
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->standing, Standing::broken);
  EXPECT_EQ(seen->detail, "demo-agent is at 2.3.4-1, but demo-libs at 1.2.3-4");
}

TEST_P(RpmInstaller, TheVariantThatIsInstalledIsTheAgent) {
  settings.packages = {"demo-agent-fips", "demo-agent"};
  ASSERT_TRUE(apply());
  EXPECT_EQ(installed(), "2.3.4-1");
  EXPECT_EQ(host.packages.count("demo-agent-fips"), 0U);
  has("demo-agent-fips", "1.2.3-1");
  const auto both = inspect();
  ASSERT_TRUE(both) << both.error().message;
  EXPECT_EQ(both->version, "1.2.3-1") << "the preferred one";
  EXPECT_EQ(both->warnings.at(0), "demo-agent is installed beside demo-agent-fips, and only the latter is kept at the channel's version");
}

TEST_P(RpmInstaller, OfNoneThatIsInstalledTheFirstVariantIsTaken) {
  settings.packages = {"demo-agent-fips", "demo-agent"};
  host.packages.clear();
  change.from.clear();
  offer("demo-agent-fips", "2.3.4-1");
  ASSERT_TRUE(apply());
  EXPECT_EQ(installed("demo-agent-fips"), "2.3.4-1");
  EXPECT_EQ(host.packages.count("demo-agent"), 0U);
}

TEST_P(RpmInstaller, WhatWasDownloadedAheadIsLookedForWhereThisManagerHasIt) {
  if (GetParam() == Family::yum) host.contents["/var/cache/PackageKit/9/metadata/demo-9-x86_64/repodata/repomd.xml"] = "<repomd/>";
  const auto fetched = with_installer([&](auto& installer) { return installer.fetch(change); });
  EXPECT_TRUE(fetched) << fetched.error().message;
  host.misplay = [](const sdk::BusCall& call, std::vector<PkStep>& steps) {
    if (call.member == "InstallPackages") steps = {pk_finished(1)};
  };
  change.to = "3.0.0-1";
  const auto lied = with_installer([&](auto& installer) { return installer.fetch(change); });
  ASSERT_FALSE(lied);
  EXPECT_EQ(lied.error().message.find("PackageKit says that it downloaded demo-agent 3.0.0-1, but /var/cache/"), 0U)
      << lied.error().message;
}

TEST_P(RpmInstaller, AnotherVendorsPackageIsDownloadedAndNotInstalled) {
  if (GetParam() == Family::yum) host.contents["/var/cache/PackageKit/9/metadata/demo-9-x86_64/repodata/repomd.xml"] = "<repomd/>";
  host.offered_vendor = "Somebody";
  const auto done = apply();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::denied) << "which condemns nothing";
  EXPECT_EQ(
      done.error().message,
      "demo-agent 2.3.4-1 is of the vendor \"Somebody\", and what is installed of \"Demo\": Upkeep does not change a vendor; install it "
      "by hand once if that is meant");
  EXPECT_EQ(host.called("InstallPackages 2 "), 0);
  EXPECT_EQ(installed(), "1.2.3-1");
  host.offered_vendor = "Demo";
  EXPECT_TRUE(apply());
  EXPECT_TRUE(revert(note.written.back())) << "on a way back nobody asks";
}

TEST_P(RpmInstaller, ARepositoryThatWasNotHeardHasNotSaidThatItOffersNothing) {
  host.misplay = [](const sdk::BusCall& call, std::vector<PkStep>& steps) {
    if (call.member == "InstallPackages") steps = {pk_error(17, "told to quit"), pk_finished(3)};
  };
  EXPECT_NE(inspect()->way_back.text.find("it cannot be told whether demo-agent 1.2.3-1 could be had again: asking for demo-agent"),
            std::string::npos)
      << inspect()->way_back.text;
}

TEST_P(RpmInstaller, WithoutOffersTheStoreIsAWayBackAndThereIsNoneElse) {
  host.contents["/var/cache/zypp/raw/demo/repodata/repomd.xml"] = "<repomd/>";
  host.contents["/var/cache/PackageKit/9/metadata/demo-9-x86_64/repodata/repomd.xml"] = "<repomd/>";
  const auto forged = [](const sdk::BusCall& call, std::vector<PkStep>& steps) {
    if (call.member == "Resolve") steps = {pk_error(64, "GPG signature verification error: Bad GPG signature"), pk_finished(2)};
  };
  host.misplay = forged;
  EXPECT_NE(inspect()->way_back.text.find("it cannot be told whether demo-agent 1.2.3-1 could be had again: asking what is offered"),
            std::string::npos);
  // To ask again is to ask the network: not for a while, in one life of the installer.
  const auto installer = make_installer(host, GetParam(), settings);
  host.calls.clear();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(host.run(installer->inspect(&*change.target)));
  EXPECT_EQ(host.called("Resolve"), 1);

  const std::string folder = "/var/lib/upkeep-store/demo/";
  host.contents[folder + (GetParam() == Family::yum ? "yum.repo" : "zypper.repo")] = "";
  host.contents[folder + "3/demo-agent-1.2.3-1.noarch.rpm"] = "rpm";
  host.contents[folder + "kept"] = sdk::kept_text({{.version = "1.2.3-1",
                                                    .folder = "3",
                                                    .origin = "demo",
                                                    .since = {},
                                                    .files = {{"demo-agent-1.2.3-1.noarch.rpm", 3, std::string(64, '0')}},
                                                    .package = "demo-agent",
                                                    .with = {}}});
  const auto now = inspect();
  EXPECT_EQ(now->way_back.how, sdk::WayBackHow::store) << now->way_back.text;
}

TEST_P(RpmInstaller, ListsThatPassForFreshAreReadOnceMoreAndNeverOnAWayBack) {
  change.to.clear();
  change.target = *sdk::Version::parse("9.9.9");
  EXPECT_EQ(prepare().error().code, Errc::invalid);
  EXPECT_EQ(host.called("RefreshCache 1"), 1);
  EXPECT_EQ(host.called("RefreshCache 0"), 0);
  host.calls.clear();
  host.refreshed_ago = 24h;
  EXPECT_EQ(prepare().error().code, Errc::invalid);
  EXPECT_EQ(host.called("RefreshCache 0"), 1) << "the expired ones";
  EXPECT_EQ(host.called("RefreshCache 1"), 1) << "then all, because nothing may have been read";
  host.calls.clear();
  change.downgrade = true;
  EXPECT_EQ(prepare().error().code, Errc::invalid);
  EXPECT_EQ(host.called("RefreshCache 1"), 0);
}

INSTANTIATE_TEST_SUITE_P(Both, RpmInstaller, testing::Values(Family::yum, Family::zypper),
                         [](const testing::TestParamInfo<Family>& one) { return name_of(one.param); });

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// Where the agent stands, and the way back.
#include "support/apt_host.h"

namespace upkeep::test {
namespace {

using sdk::Errc;
using sdk::Standing;
using namespace std::chrono_literals;

class AptVerify : public AptHost {
 protected:
  void interrupted() {
    becomes("2.3.4-1", "half-configured");
    host.dpkg_updates = {"0001"};
  }
  void repaired(const std::string& version) {
    becomes(version);
    host.dpkg_updates.clear();
  }
};

TEST_F(AptVerify, SaysWhetherItIsAtTheTargetTheBaselineOrElsewhere) {
  const std::pair<std::string, Standing> expected[] = {
      {"2.3.4-1", Standing::target}, {"1.2.3-1", Standing::baseline}, {"2.0.0-1", Standing::elsewhere}};
  for (const auto& [version, standing] : expected) {
    becomes(version);
    const auto verified = verify();
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->standing, standing) << version;
    EXPECT_EQ(verified->version, version);
  }
  host.packages.clear();
  EXPECT_EQ(verify()->standing, Standing::elsewhere) << "somebody removed it";
  change.from.clear();
  EXPECT_EQ(verify()->standing, Standing::baseline) << "it was not there before either";
}

TEST_F(AptVerify, AskingChangesNothing) {
  ASSERT_TRUE(verify("/2_abcd"));
  EXPECT_EQ(host.called("StartUnit") + host.called("RepairSystem") + host.called("CreateTransaction"), 0);
}

TEST_F(AptVerify, WaitsForTheTransactionThatStillRuns) {
  host.running["/2_abcd"] = {pk_progress(9, 90), pk_effect([this] { becomes("2.3.4-1"); }), pk_finished(1), pk_destroy()};
  EXPECT_EQ(verify("/2_abcd")->standing, Standing::target);
}

TEST_F(AptVerify, OneThatStillRunsAtTheDeadlineIsATimeoutAndNoVerdict) {
  host.running["/2_abcd"] = {pk_progress(9, 90)};
  EXPECT_EQ(verify("/2_abcd").error().code, Errc::timeout);
}

TEST_F(AptVerify, APackagekitdThatDiedHasNoTransactionAndIsNotStarted) {
  host.packagekitd_runs = false;
  EXPECT_EQ(verify("/2_abcd")->standing, Standing::baseline);
  EXPECT_EQ(host.calls, (std::vector<std::string>{"NameHasOwner"}));
}

TEST_F(AptVerify, OneThatEndsWithPackagekitdIsFollowedByALookAtDpkg) {
  host.running["/2_abcd"] = {pk_progress(9, 90), pk_effect([this] { becomes("2.3.4-1"); }), pk_dies()};
  EXPECT_EQ(verify("/2_abcd")->standing, Standing::target);
}

TEST_F(AptVerify, AnInterruptedDpkgIsRepairedOnceByTheRootHelper) {
  interrupted();
  host.unit_effects["upkeep-repair@demo.service"] = [this] { repaired("2.3.4-1"); };
  EXPECT_EQ(verify()->standing, Standing::target);
  EXPECT_EQ(host.called("StartUnit upkeep-repair@demo.service"), 1);
  EXPECT_EQ(host.called("RepairSystem"), 0);
}

TEST_F(AptVerify, DpkgsJournalAloneMeansInterrupted) {
  host.dpkg_updates = {"0003"};
  host.unit_effects["upkeep-repair@demo.service"] = [this] { repaired("1.2.3-1"); };
  EXPECT_EQ(verify()->standing, Standing::baseline);
  EXPECT_EQ(host.called("StartUnit upkeep-repair@demo.service"), 1);
}

TEST_F(AptVerify, IfTheHelperCannotPackageKitIsAskedOnce) {
  interrupted();
  host.unit_results["upkeep-repair@demo.service"] = "failed";
  next("RepairSystem", {pk_effect([this] { repaired("2.3.4-1"); }), pk_finished(1), pk_destroy()});
  EXPECT_EQ(verify()->standing, Standing::target);
  EXPECT_EQ(host.called("RepairSystem 2"), 1);
}

TEST_F(AptVerify, WhatIsStillBrokenThenIsBrokenAndSaysWhatWasTried) {
  interrupted();
  host.refusals.emplace("StartUnit", sdk::Error(Errc::denied, "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired: no"));
  const auto verified = verify();
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->standing, Standing::broken);
  EXPECT_EQ(verified->version, "2.3.4-1");
  EXPECT_TRUE(contains(verified->detail, "demo-agent is half-configured after one repair: `sudo dpkg --configure -a` tells why"))
      << verified->detail;
  EXPECT_TRUE(contains(verified->detail, "`sudo upkeep enable demo` allows it"));
  EXPECT_EQ(host.called("StartUnit"), 1);
  EXPECT_EQ(host.called("RepairSystem"), 1);
}

TEST_F(AptVerify, AJournalOfDpkgThatNobodyCanFinishIsBrokenToo) {
  host.dpkg_updates = {"0003"};
  EXPECT_EQ(verify()->standing, Standing::broken);
}

TEST_F(AptVerify, ADpkgThatIsStillAtWorkIsWaitedForAndNotRepaired) {
  interrupted();
  host.dpkg_works(true);
  host.on_sleep = [this] {  // somebody else's dpkg ends while we look
    repaired("2.3.4-1");
    host.dpkg_works(false);
  };
  EXPECT_EQ(verify()->standing, Standing::target);
  EXPECT_EQ(host.called("StartUnit"), 0);
}

TEST_F(AptVerify, ADpkgThatGoesOnAndOnIsBusyAndNotBroken) {
  interrupted();
  host.dpkg_works(true);
  const auto before = host.boot_now();
  const auto verified = verify();
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, Errc::busy);
  EXPECT_EQ(verified.error().message, "another package manager is at work, and demo-agent is half-configured");
  EXPECT_EQ(host.boot_now() - before, 1min);
  EXPECT_EQ(host.called("StartUnit"), 0);
}

TEST_F(AptVerify, OthersAtWorkBesideAWholePackageAreNoReasonNotToSayWhereItStands) {
  host.dpkg_updates = {"0001"};
  host.dpkg_works(true);
  const auto applied = apply();
  EXPECT_EQ(applied.error().code, Errc::busy);
  EXPECT_EQ(applied.error().message, "another package manager is at work");
  EXPECT_EQ(verify()->standing, Standing::baseline);
  EXPECT_EQ(host.called("StartUnit upkeep-repair@demo.service") + host.called("RepairSystem") + host.called("CreateTransaction"), 0);
}

TEST_F(AptVerify, ALockThatPackagekitdKeptWithNothingToDoIsNobodyAtWork) {
  interrupted();
  host.packagekitd_has_the_lock();
  host.unit_effects["upkeep-repair@demo.service"] = [this] { repaired("2.3.4-1"); };
  const auto before = host.boot_now();
  EXPECT_EQ(verify()->standing, Standing::target);
  EXPECT_EQ(host.boot_now(), before) << "and is not waited for";
}

TEST_F(AptVerify, APackagekitdThatWorksForSomebodyElseIsWaitedFor) {
  interrupted();
  host.packagekitd_has_the_lock();
  host.running["/9_aaaa"] = {};
  EXPECT_EQ(verify().error().code, Errc::busy);
  EXPECT_EQ(host.called("StartUnit"), 0);
}

TEST_F(AptVerify, OneAtWorkOnOtherPackagesDoesNotMatter) {
  host.dpkg_works(true);
  const auto before = host.boot_now();
  const auto verified = verify();
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->standing, Standing::baseline);
  EXPECT_EQ(host.boot_now(), before) << "and is not waited for";
}

TEST_F(AptVerify, WhenWhoWorksCannotBeToldItIsRepaired) {
  interrupted();
  host.contents.erase("/proc/locks");
  host.unit_effects["upkeep-repair@demo.service"] = [this] { repaired("2.3.4-1"); };
  EXPECT_EQ(verify()->standing, Standing::target);
}

TEST_F(AptVerify, ALockThatTheRepairMetIsBusyAndNotBroken) {
  interrupted();
  host.unit_results["upkeep-repair@demo.service"] = "failed";
  next("RepairSystem", {pk_error(26, "Could not get lock /var/lib/dpkg/lock-frontend"), pk_finished(2), pk_destroy()});
  const auto verified = verify();
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, Errc::busy);
}

TEST_F(AptVerify, GarbageFromDpkgIsNoVerdict) {
  host.dpkg_says = sdk::ProcessResult{.exit_code = 0, .out = "what?\n"};
  EXPECT_EQ(verify().error().code, Errc::internal);
}

class AptRevert : public AptVerify {
 protected:
  AptRevert() { becomes("2.3.4-1"); }
};

TEST_F(AptRevert, PutsTheFormerVersionBackAndRestartsWithoutTheNetworkOfARefresh) {
  std::string compared;
  host.unit_effects["upkeep-conffiles@demo.service"] = [&] { compared += there() + "; "; };
  const auto done = revert();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(there(), "1.2.3-1 installed");
  EXPECT_EQ(host.called("InstallPackages 66 demo-agent;1.2.3-1;all;"), 1) << "only_trusted and allow_downgrade";
  EXPECT_EQ(host.called("RefreshCache"), 0);
  EXPECT_EQ(host.calls.back(), "RestartUnit demo-agent.service replace");
  EXPECT_EQ(note.written.size(), 1U);
  EXPECT_EQ(compared, "1.2.3-1 installed; ") << "what was kept before the upgrade would be lost by keeping the new version's files";
}

TEST_F(AptRevert, StartsAUnitThatTheBadVersionMadeFail) {
  host.active_state = "failed";
  ASSERT_TRUE(revert());
  EXPECT_EQ(host.calls.back(), "RestartUnit demo-agent.service replace");
}

TEST_F(AptRevert, LeavesAUnitAloneThatSomebodyStopped) {
  host.active_state = "inactive";
  ASSERT_TRUE(revert());
  EXPECT_EQ(host.calls.back(), "TryRestartUnit demo-agent.service replace");
}

TEST_F(AptRevert, IsDoneAgainAfterACrashWithItsRestart) {
  becomes("1.2.3-1");
  ASSERT_TRUE(revert("/2_abcd"));
  EXPECT_EQ(host.called("InstallPackages"), 0);
  EXPECT_EQ(host.calls.back(), "RestartUnit demo-agent.service replace");
}

TEST_F(AptRevert, AHalfInstalledFormerVersionIsMendedByWayOfTheOther) {
  becomes("1.2.3-1", "half-installed");
  const auto done = revert();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(there(), "1.2.3-1 installed");
  EXPECT_EQ(host.called("InstallPackages 66 demo-agent;2.3.4-1;all;"), 1);
  EXPECT_EQ(host.called("InstallPackages 66 demo-agent;1.2.3-1;all;"), 1);
  EXPECT_EQ(note.written.size(), 2U) << "each transaction can be found again";
}

TEST_F(AptRevert, AnInstallationFromNothingCannotBeReverted) {
  change.from.clear();
  const auto done = revert();
  EXPECT_EQ(done.error().code, Errc::unsupported);
  EXPECT_TRUE(contains(done.error().message, "Upkeep does not remove packages")) << done.error().message;
  EXPECT_TRUE(host.calls.empty());
}

TEST_F(AptRevert, AVersionThatTheRepositoryDroppedIsNotReplacedByAnother) {
  next("InstallPackages", {pk_finished(1), pk_destroy()});
  const auto done = revert();
  EXPECT_EQ(done.error().code, Errc::invalid);
  EXPECT_TRUE(contains(done.error().message, "going back to 1.2.3-1: PackageKit plans nothing")) << done.error().message;
  EXPECT_EQ(there(), "2.3.4-1 installed");
}

TEST_F(AptRevert, NothingIsRemovedOnTheWayBackEither) {
  next("InstallPackages",
       {pk_package(20, "demo-agent;1.2.3-1;all;demo"), pk_package(13, "demo-addon;2-1;all;demo"), pk_finished(1), pk_destroy()});
  EXPECT_TRUE(contains(revert().error().message, "would remove demo-addon"));
}

TEST_F(AptRevert, WhenPackagekitdDiedDuringItItIsRepairedAndGoesOn) {
  becomes("1.2.3-1", "half-configured");
  host.dpkg_updates = {"0001"};
  host.packagekitd_runs = false;
  host.unit_effects["upkeep-repair@demo.service"] = [this] { repaired("1.2.3-1"); };
  ASSERT_TRUE(revert("/2_abcd"));
  EXPECT_EQ(host.called("StartUnit upkeep-repair@demo.service"), 1) << "else PackageKit refuses everything";
  EXPECT_EQ(host.called("InstallPackages"), 0) << "the repair was all that was missing";
}

TEST_F(AptRevert, AVersionThatARepairCannotMendIsReplaced) {
  becomes("2.3.4-1", "half-configured");
  ASSERT_TRUE(revert());
  EXPECT_EQ(there(), "1.2.3-1 installed");
  ASSERT_FALSE(host.logged.empty());
  EXPECT_TRUE(contains(host.logged.back(), "demo-agent is half-configured after one repair")) << host.logged.back();
}

TEST_F(AptRevert, WhatHasJustBeenRepairedInVainIsNotRepairedAgain) {
  becomes("2.3.4-1", "half-configured");
  auto apt = installer();
  EXPECT_EQ(host.run(apt.verify(change, ""))->standing, Standing::broken);
  ASSERT_TRUE(host.run(apt.revert(change, note, "")));
  EXPECT_EQ(there(), "1.2.3-1 installed");
  EXPECT_EQ(host.called("StartUnit upkeep-repair@demo.service"), 1);
  EXPECT_EQ(host.called("RepairSystem"), 0) << "the helper did not fail, so it had its reasons";
  becomes("2.3.4-1", "half-configured");
  EXPECT_EQ(host.run(apt.verify(change, ""))->standing, Standing::broken);
  EXPECT_EQ(host.called("StartUnit upkeep-repair@demo.service"), 2) << "but what an installation has left is";
}

TEST_F(AptRevert, WhatOnlyHasToBeConfiguredIsRepairedAgainWhenTheFirstRepairRefrained) {
  becomes("1.2.3-1", "half-configured");
  host.unit_effects["upkeep-repair@demo.service"] = [this] {
    if (host.called("StartUnit upkeep-repair@demo.service") == 2) becomes("1.2.3-1");
  };
  ASSERT_TRUE(revert());
  EXPECT_EQ(host.called("InstallPackages"), 0);
}

TEST_F(AptRevert, TheRightVersionButBrokenIsNotDone) {
  becomes("1.2.3-1", "half-configured");
  ASSERT_TRUE(revert());
  EXPECT_EQ(host.called("InstallPackages 66 "), 1);
}

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
#include "support/apt_host.h"

namespace upkeep::test {
namespace {

using sdk::Errc;
using namespace std::chrono_literals;

class AptApply : public AptHost {
 protected:
  // The judged dry run that precedes each real installation.
  void dry_run_is_fine() { next("InstallPackages", {pk_package(11, "demo-agent;2.3.4-1;all;demo"), pk_finished(1), pk_destroy()}); }
  void installation(std::vector<PkStep> steps) {
    dry_run_is_fine();
    next("InstallPackages", std::move(steps));
  }
  [[nodiscard]] int installations() const { return host.called("InstallPackages 2 ") + host.called("InstallPackages 66 "); }
};

TEST_F(AptApply, InstallsExactlyTheVersionWithProgress) {
  const auto done = apply();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(there(), "2.3.4-1 installed");
  EXPECT_EQ(host.called("InstallPackages 2 demo-agent;2.3.4-1;all;"), 1) << "only_trusted, not simulated";
  EXPECT_TRUE(std::find(host.progressed.begin(), host.progressed.end(), "60 installing") != host.progressed.end());
}

TEST_F(AptApply, TheTransactionIsNotedBeforeAnythingIsDone) {
  ASSERT_TRUE(apply());
  EXPECT_EQ(note.written, (std::vector<std::string>{"/2_abcd"})) << "the dry run needs no note";
}

TEST_F(AptApply, WithoutTheNoteNothingIsDone) {
  note.failure = sdk::Error(Errc::transient, "the disk is full");
  EXPECT_EQ(apply().error().message, "the disk is full");
  EXPECT_EQ(installations(), 0);
  EXPECT_EQ(there(), "1.2.3-1 installed");
}

TEST_F(AptApply, ASecondCallFindsItDone) {
  ASSERT_TRUE(apply());
  host.calls.clear();
  ASSERT_TRUE(apply("/2_abcd"));
  EXPECT_EQ(installations(), 0);
  EXPECT_EQ(host.called("StartUnit"), 0) << "the configuration files of what was left are kept already";
}

TEST_F(AptApply, ConfigurationFilesAreKeptBesideTheDryRunAndTheInstallationWaitsForIt) {
  host.unit_results["upkeep-conffiles@demo.service"] = "";  // systemd goes on with it
  std::string at_dry_run, at_installation;
  const auto where = [this] {
    return std::to_string(host.called("StartUnit upkeep-conffiles@demo.service")) + " begun" +
           (host.logged.empty() ? "" : ", " + host.logged.back());
  };
  next("InstallPackages",
       {pk_effect([&] { at_dry_run = where(); }), pk_package(11, "demo-agent;2.3.4-1;all;demo"), pk_finished(1), pk_destroy()});
  next("InstallPackages", {pk_effect([&] {
                             at_installation = where();
                             becomes("2.3.4-1");
                           }),
                           pk_finished(1), pk_destroy()});
  ASSERT_TRUE(apply());
  EXPECT_EQ(at_dry_run, "1 begun");
  EXPECT_EQ(at_installation,
            "1 begun, keeping the configuration files: starting upkeep-conffiles@demo.service: systemd is still at it after 1m");
}

TEST_F(AptApply, AfterARepairTheConfigurationFilesOfWhatIsThereAreKept) {
  host.packages["demo-agent"].status = "half-configured";
  host.unit_effects["upkeep-repair@demo.service"] = [this] { becomes("1.2.3-1"); };
  std::string kept;
  host.unit_effects["upkeep-conffiles@demo.service"] = [&] { kept += there() + "; "; };
  ASSERT_TRUE(apply());
  EXPECT_EQ(kept, "1.2.3-1 installed; ");
}

TEST_F(AptApply, AfterACrashItWaitsForTheTransactionThatStillRuns) {
  host.running["/2_abcd"] = {pk_progress(9, 90), pk_effect([this] { becomes("2.3.4-1"); }), pk_finished(1), pk_destroy()};
  ASSERT_TRUE(apply("/2_abcd"));
  EXPECT_EQ(installations(), 0) << "and does not install twice";
}

TEST_F(AptApply, AfterACrashInATransactionThatFailedItInstallsAgain) {
  host.running["/2_abcd"] = {pk_error(16, "failed"), pk_finished(2), pk_destroy()};
  ASSERT_TRUE(apply("/2_abcd"));
  EXPECT_EQ(installations(), 1);
  EXPECT_EQ(there(), "2.3.4-1 installed");
}

TEST_F(AptApply, ATransactionOfBeforeThatHangsPastTheDeadlineIsATimeout) {
  host.running["/2_abcd"] = {pk_progress(9, 90)};
  EXPECT_EQ(apply("/2_abcd").error().code, Errc::timeout);
  EXPECT_EQ(installations(), 0) << "never beside it";
}

TEST_F(AptApply, WhatChangedSinceTheDryRunIsNotInstalled) {
  next("InstallPackages",
       {pk_package(11, "demo-agent;2.3.4-1;all;demo"), pk_package(13, "demo-addon;1.0-1;all;demo"), pk_finished(1), pk_destroy()});
  EXPECT_EQ(apply().error().code, Errc::invalid);
  EXPECT_EQ(installations(), 0);
  EXPECT_TRUE(note.written.empty());
}

TEST_F(AptApply, ASuccessThatInstalledNothingIsNotBelieved) {
  installation({pk_finished(1), pk_destroy()});
  const auto done = apply();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::internal);
  EXPECT_EQ(done.error().message, "PackageKit says that it installed demo-agent 2.3.4-1, but dpkg has 1.2.3-1 (installed)");
}

TEST_F(AptApply, WhatElseThePlanChangedIsRecorded) {
  host.packages["libdemo"].version = "1.0-1";
  const auto plan = {"demo-agent;2.3.4-1;all;demo", "libdemo;1.1-1;amd64;demo", "libnew;3.0-1;amd64;demo"};
  std::vector<PkStep> steps;
  for (const char* id : plan) steps.push_back(pk_package(11, id));
  steps.push_back(pk_finished(1));
  next("InstallPackages", std::move(steps));
  ASSERT_TRUE(apply());
  const std::pair<sdk::Topic, std::vector<std::string>> also = {sdk::Topic::also_changed,
                                                                {"libdemo 1.0-1 -> 1.1-1", "libnew (new) -> 3.0-1"}};
  EXPECT_EQ(note.recorded.back(), also);
  const sdk::PlanItem gone{"libold", "1.0-1", ""};
  EXPECT_EQ(sdk::shown(gone), "libold 1.0-1 -> (removed)");
}

TEST_F(AptApply, NothingLeftToDoIsAQuestionToDpkgAndNoError) {
  installation({pk_effect([this] { becomes("2.3.4-1"); }), pk_error(9, "already installed"), pk_finished(2), pk_destroy()});
  EXPECT_TRUE(apply());
}

TEST_F(AptApply, ALockHeldByAnotherAptIsBusy) {
  installation({pk_progress(30, 101), pk_error(26, "Could not get lock /var/lib/dpkg/lock-frontend"), pk_finished(2), pk_destroy()});
  EXPECT_EQ(apply().error().code, Errc::busy);
}

TEST_F(AptApply, AnInterruptedDpkgIsTransientAndNamed) {
  installation(
      {pk_error(26, "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem."), pk_finished(2)});
  const auto done = apply();
  EXPECT_EQ(done.error().code, Errc::transient);
  EXPECT_TRUE(contains(done.error().message, "`sudo dpkg --configure -a`")) << done.error().message;
}

TEST_F(AptApply, AForgedPackageIsDeniedAndLogged) {
  installation({pk_error(50, "unsigned"), pk_finished(8), pk_destroy()});
  EXPECT_EQ(apply().error().code, Errc::denied);
  ASSERT_FALSE(host.logged.empty());
  EXPECT_TRUE(contains(host.logged.back(), "cannot_install_repo_unsigned (50)")) << host.logged.back();
}

TEST_F(AptApply, WithoutTheRuleItSaysWhatAllowsIt) {
  installation({pk_error(48, "Failed to obtain authentication."), pk_finished(2), pk_destroy()});
  const auto done = apply();
  EXPECT_EQ(done.error().code, Errc::denied);
  EXPECT_TRUE(contains(done.error().message, "`sudo upkeep enable demo`"));
}

TEST_F(AptApply, PackagekitdDyingInTheMiddleIsTransient) {
  installation({pk_progress(9, 40), pk_effect([this] { becomes("2.3.4-1", "unpacked"); }), pk_dies()});
  EXPECT_EQ(apply().error().code, Errc::transient);
}

TEST_F(AptApply, OurHoldIsPutBackBecausePackageKitClearsIt) {
  host.contents["/var/lib/upkeep-root/holds/demo"] = "demo-agent\n";
  host.packages["demo-agent"].want = "hold";
  host.unit_effects["upkeep-hold@demo.service"] = [this] { host.packages["demo-agent"].want = "hold"; };
  ASSERT_TRUE(apply());
  EXPECT_EQ(host.called("StartUnit upkeep-hold@demo.service"), 0) << "an upgrade's time is not paid twice";
  auto apt = installer();
  ASSERT_TRUE(host.run(apt.activate(change)));
  EXPECT_EQ(host.called("StartUnit upkeep-hold@demo.service"), 1);
  EXPECT_EQ(host.packages["demo-agent"].want, "hold");
}

TEST_F(AptApply, WithoutAHoldOfOursNoneIsMade) {
  ASSERT_TRUE(apply());
  auto apt = installer();
  ASSERT_TRUE(host.run(apt.activate(change)));
  EXPECT_EQ(host.called("StartUnit upkeep-hold"), 0);
}

TEST_F(AptApply, AHoldThatCannotBePutBackIsSaidAndDoesNotUndoTheInstallation) {
  host.contents["/var/lib/upkeep-root/holds/demo"] = "demo-agent\n";
  host.unit_results["upkeep-hold@demo.service"] = "failed";
  EXPECT_TRUE(apply());
  auto apt = installer();
  EXPECT_TRUE(host.run(apt.activate(change)));
  ASSERT_FALSE(host.logged.empty());
  EXPECT_TRUE(contains(host.logged.back(), "putting our hold back: starting upkeep-hold@demo.service ended as \"failed\""))
      << host.logged.back();
}

TEST_F(AptApply, KeepPutsOurHoldBackOnceAndOnlyOurs) {
  auto apt = installer();
  ASSERT_TRUE(host.run(apt.keep()));
  EXPECT_EQ(host.called("StartUnit"), 0) << "not ours";
  host.contents["/var/lib/upkeep-root/holds/demo"] = "demo-agent\n";
  ASSERT_TRUE(host.run(apt.keep()));
  EXPECT_EQ(host.called("StartUnit upkeep-hold@demo.service"), 1);
  host.packages["demo-agent"].want = "hold";
  ASSERT_TRUE(host.run(apt.keep()));
  EXPECT_EQ(host.called("StartUnit"), 1) << "it is in place already";
}

TEST_F(AptApply, ActivateRestartsTheConfiguredWay) {
  using sdk::UnitVerb;
  const std::pair<std::optional<UnitVerb>, std::string> expected[] = {
      {UnitVerb::try_restart, "TryRestartUnit demo-agent.service replace"},
      {UnitVerb::restart, "RestartUnit demo-agent.service replace"},
      {UnitVerb::reload, "ReloadUnit demo-agent.service replace"},
      {std::nullopt, ""},
  };
  for (const auto& [how, call] : expected) {
    host.calls.clear();
    settings.restart.how = how;
    auto apt = installer();
    ASSERT_TRUE(host.run(apt.activate(change)));
    EXPECT_EQ(host.calls, call.empty() ? std::vector<std::string>() : std::vector<std::string>{call});
  }
}

TEST_F(AptApply, AUnitThatDoesNotStartIsAnError) {
  host.unit_results["demo-agent.service"] = "failed";
  auto apt = installer();
  EXPECT_EQ(host.run(apt.activate(change)).error().code, Errc::internal);
}

TEST_F(AptApply, ThatTheMachineWantsToBeRestartedIsShownUntilItHasBeen) {
  const auto wishes = [this] {
    std::string out;
    const auto now = inspect();
    for (const auto& warning : now->warnings)
      if (contains(warning, "wants to be restarted")) out += warning;
    return out;
  };
  installation({pk_restart(2, "demo-libs;1;all;demo"), pk_effect([this] { becomes("2.3.4-1"); }), pk_finished(1), pk_destroy()});
  ASSERT_TRUE(apply());
  EXPECT_EQ(wishes(), "") << "an application's restart is none of the machine";
  becomes("1.2.3-1");
  installation({pk_restart(6, "linux-image;1;all;demo"), pk_effect([this] { becomes("2.3.4-1"); }), pk_finished(1), pk_destroy()});
  ASSERT_TRUE(apply());
  EXPECT_EQ(wishes(), "the machine wants to be restarted (linux-image;1;all;demo): Upkeep leaves that to you");
  EXPECT_EQ(host.called("Reboot"), 0);
  host.contents["reboot/demo"] = "an earlier boot\nlinux-image;1;all;demo\n";
  EXPECT_EQ(wishes(), "");
  host.contents["/run/reboot-required"] = "";
  host.contents["/run/reboot-required.pkgs"] = "linux-base\nlibc6\n";
  EXPECT_EQ(wishes(), "the machine wants to be restarted (/run/reboot-required is there, for linux-base libc6): Upkeep leaves that to you");
}

// The files that a signed release is made of: downloaded and compared before anything is installed.
class AptReleasedFiles : public AptApply {
 protected:
  AptReleasedFiles() {
    change.packages = {{"demo-agent_2.3.4-1_all.deb", std::string(64, 'a')}, {"demo-agent-2.3.4-1.x86_64.rpm", std::string(64, 'b')}};
  }
};

TEST_F(AptReleasedFiles, AreComparedBeforeTheInstallation) {
  ASSERT_TRUE(apply()) << "aa…, the first of the two";
  EXPECT_EQ(host.called("InstallPackages 10 demo-agent;2.3.4-1;all;"), 1) << "downloaded only, first";
  EXPECT_EQ(there(), "2.3.4-1 installed");
}

TEST_F(AptReleasedFiles, OtherBytesAreDeniedAndNothingIsInstalled) {
  host.sha256 = std::string(64, 'c');
  const auto done = apply();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::denied);
  EXPECT_EQ(done.error().message,
            "demo-agent 2.3.4-1 is not what was released: /var/cache/apt/archives/demo-agent_2.3.4-1_all.deb has the sha256 " +
                host.sha256 + ", which is none of those that the channel names; a file that only lies there is to be removed");
  EXPECT_EQ(installations(), 0);
  EXPECT_EQ(there(), "1.2.3-1 installed");
}

TEST_F(AptReleasedFiles, AFileThatIsNotFoundOrNotUnderstoodIsNotInstalled) {
  dry_run_is_fine();
  next("InstallPackages", {pk_finished(1), pk_destroy()});  // it says that it downloaded
  const auto missing = apply();
  EXPECT_EQ(missing.error().code, Errc::denied);
  EXPECT_TRUE(contains(missing.error().message, "is not found, so it cannot be compared")) << missing.error().message;
  host.sha256 = "not a digest";
  EXPECT_EQ(apply().error().code, Errc::internal);
  EXPECT_EQ(installations(), 0);
}

TEST_F(AptReleasedFiles, WhatComesAlongIsComparedToo) {
  next("InstallPackages",
       {pk_package(11, "demo-agent;2.3.4-1;all;demo"), pk_package(12, "stowaway;1.0-1;all;demo"), pk_finished(1), pk_destroy()});
  host.archives = {"demo-agent_2.3.4-1_all.deb"};
  next("InstallPackages", {pk_finished(1), pk_destroy()});
  const auto done = apply();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::denied);
  EXPECT_TRUE(contains(done.error().message, "that of stowaway 1.0-1 is not found")) << done.error().message;
  EXPECT_EQ(installations(), 0);
}

TEST_F(AptReleasedFiles, OfSeveralFilesThatCouldBeMeantEachIsCompared) {
  host.archives = {"demo-agent_2.3.4-1_all.deb", "demo-agent_2.3.4-1_amd64.deb"};
  host.digests["/var/cache/apt/archives/demo-agent_2.3.4-1_amd64.deb"] = std::string(64, 'c');
  const auto done = apply();
  ASSERT_FALSE(done);
  EXPECT_TRUE(contains(done.error().message, "_amd64.deb has the sha256 ccc")) << done.error().message;
  EXPECT_EQ(installations(), 0);
}

TEST_F(AptReleasedFiles, AWayBackAsksForNoneOfThem) {
  becomes("2.3.4-1");
  host.sha256 = std::string(64, 'c');
  EXPECT_TRUE(revert());
  EXPECT_EQ(there(), "1.2.3-1 installed");
}

}  // namespace
}  // namespace upkeep::test

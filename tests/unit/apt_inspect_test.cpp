// SPDX-License-Identifier: Apache-2.0
#include "support/apt_host.h"

namespace upkeep::test {
namespace {

using sdk::Errc;

class AptInspect : public AptHost {
 protected:
  void hold() { host.packages["demo-agent"].want = "hold"; }
};

TEST_F(AptInspect, AnAgentThatIsNotEnabledIsToldHowItWouldBe) {
  host.contents.clear();
  const auto now = inspect("1.2.3");
  ASSERT_TRUE(now) << now.error().message;
  ASSERT_EQ(now->warnings.size(), 1U);
  EXPECT_TRUE(contains(now->warnings[0], "`sudo upkeep enable " + host.agent() + "`")) << now->warnings[0];
}

TEST_F(AptInspect, TellsTheInstalledVersionAndWhetherItIsTheTarget) {
  const auto now = inspect("1.2.3");
  ASSERT_TRUE(now) << now.error().message;
  EXPECT_EQ(now->version, "1.2.3-1");
  EXPECT_EQ(now->release->str(), "1.2.3");
  EXPECT_TRUE(now->matches_target);
  EXPECT_TRUE(now->warnings.empty());
  EXPECT_FALSE(inspect("2.3.4")->matches_target);
  auto apt = installer();
  EXPECT_FALSE(host.run(apt.inspect(nullptr))->matches_target);
}

TEST_F(AptInspect, ChangesNothingAndDoesNotNeedPackagekitd) {
  host.refusals.emplace("Get", sdk::Error(sdk::Errc::transient, "org.freedesktop.DBus.Error.ServiceUnknown: nobody has that name"));
  ASSERT_TRUE(inspect());
  EXPECT_EQ(host.calls, std::vector<std::string>{"Get org.freedesktop.PackageKit BackendName"});
}

TEST_F(AptInspect, APackageKitThatWorksWithAnotherPackageManagerIsAnErrorNowAndNotAtTheTimeOfAnUpgrade) {
  host.backend = "dnf";
  const auto now = inspect();
  ASSERT_FALSE(now);
  EXPECT_EQ(now.error().code, sdk::Errc::unsupported);
  EXPECT_EQ(now.error().message,
            "this host's PackageKit works with dnf, not with apt: is `use` in [installer] the right one? (\"auto\" finds it)");
}

TEST_F(AptInspect, TheWayBackIsTheRepositoryThatStillOffersTheVersion) {
  const auto now = inspect();
  EXPECT_EQ(now->way_back.how, sdk::WayBackHow::repository);
  EXPECT_EQ(now->way_back.text, "demo-agent 1.2.3-1 is offered by https://packages.example.com stable/main amd64 Packages");
}

TEST_F(AptInspect, AVersionThatTheRepositoryDroppedHasNoWayBackAndSaysWhatToDo) {
  host.offers.pop_back();
  const auto now = inspect();
  EXPECT_FALSE(now->way_back.possible());
  EXPECT_TRUE(contains(now->way_back.text, "no repository of this host offers demo-agent 1.2.3-1 any more: publish it there again"))
      << now->way_back.text;
}

TEST_F(AptInspect, WhenTheListsCannotBeReadTheWayBackIsUnknownAndTheRestStillCounts) {
  host.apt_says = sdk::ProcessResult{.exit_code = 100, .err = "E: broken"};
  const auto now = inspect();
  ASSERT_TRUE(now);
  EXPECT_EQ(now->version, "1.2.3-1");
  EXPECT_FALSE(now->way_back.possible());
  EXPECT_TRUE(contains(now->way_back.text, "it cannot be told")) << now->way_back.text;
}

TEST_F(AptInspect, AHoldOfTheAdministratorIsReportedWithItsCure) {
  hold();
  EXPECT_EQ(inspect()->held_by, (std::vector<std::string>{"dpkg's hold on demo-agent (`apt-mark unhold demo-agent` lifts it)"}));
}

TEST_F(AptInspect, OurOwnHoldDoesNotCount) {
  hold();
  host.contents["/var/lib/upkeep-root/holds/demo"] = "demo-agent\n";
  EXPECT_TRUE(inspect()->held_by.empty());
  host.contents["/var/lib/upkeep-root/holds/demo"] = "demo-agent-extras\nother";
  EXPECT_EQ(inspect()->held_by.size(), 1U) << "the record names other packages";
}

TEST_F(AptInspect, ARecordOfHoldsThatCannotBeReadMeansThatTheHoldIsNotOurs) {
  hold();
  host.contents["/var/lib/upkeep-root/holds/demo"] = std::string(10000, 'x');
  const auto now = inspect();
  EXPECT_EQ(now->held_by.size(), 1U);
  ASSERT_EQ(now->warnings.size(), 1U);
  EXPECT_TRUE(contains(now->warnings[0], "reading which holds are Upkeep's own")) << now->warnings[0];
}

TEST_F(AptInspect, APackageThatIsNotInstalledHasNoVersion) {
  host.packages.clear();
  const auto now = inspect();
  ASSERT_TRUE(now);
  EXPECT_EQ(now->version, "");
  EXPECT_FALSE(now->release);
  EXPECT_FALSE(now->matches_target);
  EXPECT_EQ(now->way_back.text, "demo-agent is not installed");
  EXPECT_TRUE(now->warnings.empty());
}

TEST_F(AptInspect, AHalfInstalledTargetIsNotTheTarget) {
  becomes("2.3.4-1", "half-configured");
  const auto now = inspect("2.3.4");
  EXPECT_FALSE(now->matches_target);
  ASSERT_EQ(now->warnings.size(), 1U);
  EXPECT_TRUE(contains(now->warnings[0], "demo-agent is half-configured")) << now->warnings[0];
}

TEST_F(AptInspect, AVersionThatIsNoSemanticOneIsWarnedAbout) {
  becomes("2019c-3");
  const auto now = inspect();
  EXPECT_FALSE(now->release);
  ASSERT_EQ(now->warnings.size(), 1U);
  EXPECT_TRUE(contains(now->warnings[0], "no semantic version")) << now->warnings[0];
}

TEST_F(AptInspect, GarbageFromDpkgIsAnErrorAndNoGuess) {
  host.dpkg_says = sdk::ProcessResult{.exit_code = 0, .out = "demo-agent installed 1.2.3-1\n"};
  EXPECT_EQ(inspect().error().code, Errc::internal);
}

TEST_F(AptInspect, ATemplateDecidesWhichInstalledVersionMatches) {
  settings.version_template = "{version}-2";
  EXPECT_FALSE(inspect("1.2.3")->matches_target);
  settings.version_template = "{version}-1";
  EXPECT_TRUE(inspect("1.2.3")->matches_target);
}

class AptChanged : public AptHost {
 protected:
  Installer apt = installer();
  sdk::Result<void> changed() { return host.run(apt.changed()); }
};

TEST_F(AptChanged, SomebodyElsesInstallationIsNoticed) {
  const auto before = host.boot_now();
  host.on_sleep = [this] { host.dpkg_changes = 1; };
  ASSERT_TRUE(changed());
  EXPECT_GT(host.boot_now(), before) << "and not before it happens";
}

TEST_F(AptChanged, WhatHappensBetweenTwoLooksIsNotLost) {
  host.dpkg_changes = 1;
  ASSERT_TRUE(changed());
  host.dpkg_changes = 1;
  ASSERT_TRUE(changed());
  EXPECT_EQ(host.watches, 1) << "a new watch would have seen only what comes after it";
}

TEST_F(AptChanged, WithoutAWatchItIsLookedAtEachFiveMinutes) {
  host.no_watch = sdk::Error(Errc::transient, "no space left on device");
  const auto before = host.boot_now();
  ASSERT_TRUE(changed());
  EXPECT_EQ(host.boot_now() - before, std::chrono::minutes(5));
  ASSERT_TRUE(changed());
  EXPECT_EQ(host.logged, std::vector<std::string>{"looking for others' changes every five minutes only: no space left on device"})
      << "once";
}

TEST_F(AptChanged, AWatchThatBreaksIsReplaced) {
  host.dpkg_changes = 1;
  ASSERT_TRUE(changed());
  host.no_watch = sdk::Error(Errc::transient, "gone");
  ASSERT_TRUE(changed());
  host.no_watch.reset();
  host.dpkg_changes = 1;
  ASSERT_TRUE(changed());
  EXPECT_EQ(host.watches, 2);
}

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
#include "support/apt_host.h"

namespace upkeep::test {
namespace {

using sdk::Errc;
using namespace std::chrono_literals;

class AptPrepare : public AptHost {
 protected:
  AptPrepare() { change.to.clear(); }
};

TEST_F(AptPrepare, FindsTheExactVersionAndThePlanWithoutChangingAnything) {
  const auto plan = prepare();
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->to, "2.3.4-1");
  ASSERT_EQ(plan->items.size(), 1U);
  EXPECT_EQ(plan->items[0].from, "1.2.3-1");
  EXPECT_EQ(plan->items[0].to, "2.3.4-1");
  EXPECT_EQ(there(), "1.2.3-1 installed");
  EXPECT_EQ(host.called("InstallPackages 6 demo-agent;2.3.4-1;all;"), 1) << "only_trusted and simulate, the version by hand";
  EXPECT_EQ(host.called("RefreshCache"), 0) << "the lists are fresh and have the version";
}

TEST_F(AptPrepare, StaleListsAreReadAnewFirst) {
  host.refreshed_ago = 7h;
  ASSERT_TRUE(prepare());
  EXPECT_EQ(host.called("RefreshCache 0"), 1);
  EXPECT_EQ(host.called("RefreshCache"), 1);
}

TEST_F(AptPrepare, AVersionThatIsNotOfferedIsLookedForOnceMoreWithAForcedRefresh) {
  host.offers.erase(host.offers.begin(), host.offers.begin() + 2);
  next("RefreshCache", {pk_effect([this] {
                          host.offers.insert(host.offers.begin(), {"2.3.4-1", "https://packages.example.com stable/main amd64 Packages"});
                        }),
                        pk_finished(1)});
  const auto plan = prepare();
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->to, "2.3.4-1");
  EXPECT_EQ(host.called("RefreshCache 1"), 1);
}

TEST_F(AptPrepare, AVersionThatNobodyOffersIsRefusedWithWhatIsOffered) {
  change.target = *sdk::Version::parse("9.9.9");
  const auto plan = prepare();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, Errc::invalid);
  EXPECT_EQ(plan.error().message, "no repository of this host offers demo-agent for release 9.9.9; offered: 3.0.0-1, 2.3.4-1, 1.2.3-1");
  EXPECT_EQ(host.called("RefreshCache"), 1);
  EXPECT_EQ(host.called("InstallPackages"), 0);
}

TEST_F(AptPrepare, WithStaleListsAMissingVersionCostsOneRefreshAndNotTwo) {
  host.refreshed_ago = 7h;
  change.target = *sdk::Version::parse("9.9.9");
  EXPECT_EQ(prepare().error().code, Errc::invalid);
  EXPECT_EQ(host.called("RefreshCache"), 1);
}

TEST_F(AptPrepare, AMissingVersionAndARefreshThatFailsIsTheRefreshsError) {
  host.offers.clear();
  next("RefreshCache",
       {pk_error(64, "E: The repository 'https://packages.example.com stable InRelease' is not signed."), pk_finished(2), pk_destroy()});
  const auto forged = prepare();
  EXPECT_EQ(forged.error().code, Errc::denied);
  EXPECT_TRUE(
      contains(forged.error().message, "offered: no version at all: reading the package lists: PackageKit says cannot_fetch_sources (64)"))
      << forged.error().message;
  EXPECT_TRUE(contains(forged.error().message, "is not signed"));
  next("RefreshCache", {pk_error(64, "Could not connect to packages.example.com:443"), pk_finished(2), pk_destroy()});
  EXPECT_EQ(prepare().error().code, Errc::transient) << "unreachable is not forged";
}

TEST_F(AptPrepare, WhoeverElseReadsTheListsIsWaitedForAWhile) {
  host.refreshed_ago = 7h;
  const std::vector<PkStep> locked = {pk_error(64, "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)"),
                                      pk_finished(2), pk_destroy()};
  next("RefreshCache", locked);
  next("RefreshCache", locked);
  auto began = host.clock().boot_now();
  EXPECT_TRUE(prepare());
  EXPECT_EQ(host.called("RefreshCache"), 3);
  EXPECT_GE(host.clock().boot_now() - began, 4s);

  host.offers.clear();
  for (int i = 0; i < 100; ++i) next("RefreshCache", locked);
  began = host.clock().boot_now();
  EXPECT_EQ(prepare().error().code, Errc::busy);
  EXPECT_LE(host.clock().boot_now() - began, 3min) << "once for the age of the lists, once for the version";
}

TEST_F(AptPrepare, ARefreshThatFailsDoesNoHarmWhileTheVersionIsInTheListsOfBefore) {
  host.refreshed_ago = 7h;
  next("RefreshCache", {pk_error(64, "Could not connect to some-other-repository.example.com:443"), pk_finished(2), pk_destroy()});
  const auto plan = prepare();
  EXPECT_TRUE(plan) << plan.error().message;
  ASSERT_FALSE(host.logged.empty());
  EXPECT_TRUE(contains(host.logged[0], "some-other-repository")) << "but it is said";
}

TEST_F(AptPrepare, TheTemplateNamesTheVersion) {
  settings.version_template = "{version}-7";
  EXPECT_EQ(prepare().error().code, Errc::invalid) << "2.3.4-7 is not offered";
  host.offers.insert(host.offers.begin(), {"2.3.4-7", "https://packages.example.com stable/main amd64 Packages"});
  EXPECT_EQ(prepare()->to, "2.3.4-7");
}

TEST_F(AptPrepare, AnExactVersionOfTheChangeIsNotReplaced) {
  change.to = "1.2.3-1";
  change.target = *sdk::Version::parse("3.0.0");
  EXPECT_EQ(prepare()->to, "1.2.3-1");
  change.to = "1.0.0-1";
  EXPECT_TRUE(contains(prepare().error().message, "offers demo-agent for 1.0.0-1"));
}

TEST_F(AptPrepare, AVersionAboveAPinnedCandidateIsRefusedAndNeverTakenForDone) {
  next("InstallPackages", {pk_finished(1), pk_destroy()});  // what apt answers: success, and nothing planned
  const auto plan = prepare();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, Errc::invalid);
  EXPECT_TRUE(contains(plan.error().message, "`apt-cache policy demo-agent`")) << plan.error().message;
}

TEST_F(AptPrepare, AptsFallbackToAnotherVersionIsRefused) {
  next("InstallPackages", {pk_package(11, "demo-agent;3.0.0-1;all;demo"), pk_finished(1), pk_destroy()});
  EXPECT_TRUE(contains(prepare().error().message, "PackageKit would install 3.0.0-1"));
}

TEST_F(AptPrepare, ARemovalIsRefused) {
  next("InstallPackages",
       {pk_package(11, "demo-agent;2.3.4-1;all;demo"), pk_package(13, "demo-addon;1.0-1;all;demo"), pk_finished(1), pk_destroy()});
  const auto plan = prepare();
  EXPECT_EQ(plan.error().code, Errc::invalid);
  EXPECT_TRUE(contains(plan.error().message, "would remove demo-addon 1.0-1")) << plan.error().message;
}

TEST_F(AptPrepare, AnotherAgentsPackageThatStandsInTheWayIsNamedWithItsAgent) {
  const auto refused = [&](const std::string& by) {
    next("InstallPackages", {pk_error(13, "The following packages have unmet dependencies: demo-agent: Depends: " + by), pk_finished(2)});
    return prepare().error();
  };
  const auto error = refused("other-agent (>= 1.1.0) but 1.0.0-1 is to be installed");
  EXPECT_EQ(error.code, Errc::invalid);
  EXPECT_TRUE(contains(error.message, "; other-agent is the package of agent other: let that agent be upgraded first")) << error.message;
  EXPECT_FALSE(contains(refused("another-agent (>= 1.1.0)").message, "is the package of"));
  EXPECT_FALSE(contains(refused("other-agent-data (>= 1.1.0)").message, "is the package of"));
}

TEST_F(AptPrepare, AnotherAgentsPackageIsNotTouched) {
  next("InstallPackages",
       {pk_package(11, "demo-agent;2.3.4-1;all;demo"), pk_package(11, "other-agent;1.0-1;all;demo"), pk_finished(1), pk_destroy()});
  EXPECT_TRUE(contains(prepare().error().message, "is the package of agent other: let that agent be upgraded first"));
}

TEST_F(AptPrepare, DependenciesAreShownWithTheVersionsTheyHave) {
  host.packages["libdemo"].version = "1.0-1";
  next("InstallPackages", {pk_package(11, "libdemo;2.0-1;all;demo"), pk_package(12, "libnew;1-1;all;demo"),
                           pk_package(11, "demo-agent;2.3.4-1;all;demo"), pk_finished(1)});
  const auto plan = prepare();
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(plan->items.size(), 3U);
  EXPECT_EQ(plan->items[1].package + plan->items[1].from, "libdemo1.0-1");
  EXPECT_EQ(plan->items[2].package + plan->items[2].from, "libnew");
}

TEST_F(AptPrepare, ADowngradeIsAskedForOnlyWhenPolicyAllowsIt) {
  becomes("3.0.0-1");
  const auto down = std::vector<PkStep>{pk_package(20, "demo-agent;2.3.4-1;all;demo"), pk_finished(1), pk_destroy()};
  next("InstallPackages", down);
  EXPECT_TRUE(contains(prepare().error().message, "was not asked for")) << "apt plans downgrades without being asked";
  change.downgrade = true;
  next("InstallPackages", down);
  EXPECT_TRUE(prepare());
  EXPECT_EQ(host.called("InstallPackages 70 "), 1) << "allow_downgrade";
}

TEST_F(AptPrepare, AnUnknownPackageIsRefused) {
  next("InstallPackages", {pk_error(8, "Failed to find demo-agent"), pk_finished(2), pk_destroy()});
  const auto plan = prepare();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, Errc::invalid);
  EXPECT_EQ(plan.error().message, "dry run: PackageKit says package_not_found (8): Failed to find demo-agent");
}

TEST_F(AptPrepare, AHeldLockIsBusy) {
  next("InstallPackages",
       {pk_progress(30, 101), pk_error(26, "Could not get lock /var/lib/dpkg/lock-frontend"), pk_finished(2), pk_destroy()});
  EXPECT_EQ(prepare().error().code, Errc::busy);
}

TEST_F(AptPrepare, ADryRunIsDoneAlsoForWhatIsNotInstalledYet) {
  host.packages.clear();
  change.from.clear();
  const auto plan = prepare();
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->items[0].from, "");
  EXPECT_EQ(host.called("InstallPackages 6 demo-agent;2.3.4-1;all;"), 1);
}

TEST_F(AptPrepare, GarbageFromAptIsAnErrorAndNoGuess) {
  host.apt_says = sdk::ProcessResult{.exit_code = 0, .out = "demo-agent 2.3.4-1\n"};
  EXPECT_EQ(prepare().error().code, Errc::internal);
}

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// The dry runs that real backends answer with, and what may be done with them. Infos: 11 updating, 12 installing,
// 13 removing, 14 cleanup, 15 obsoleting, 19 reinstalling, 20 downgrading, 23 untrusted.
#include <gtest/gtest.h>

#include "shared/packagekit/driver.h"
#include "shared/packages/plan.h"

namespace upkeep::shared::packagekit {
namespace {

using packages::plan_touches;
using packages::Wish;

Wish upgrade() { return {{{"demo-agent", "1.2.3-1", "2.3.4-1"}}, false, {{"other-agent", "other"}}, "apt-cache policy"}; }
Wish downgrade() { return {{{"demo-agent", "2.3.4-1", "1.2.3-1"}}, true, {}, "apt-cache policy"}; }

sdk::Result<sdk::Plan> judge_plan(const Wish& wish, const Outcome& outcome, const std::map<std::string, std::string>& installed) {
  return planned(outcome, "demo").and_then([&](const auto& report) { return packages::judge_plan(wish, report, installed); });
}

Outcome says(std::vector<PackageLine> packages) {
  Outcome outcome;
  outcome.exit = Exit::success;
  outcome.packages = std::move(packages);
  return outcome;
}

std::string refusal(const Wish& wish, std::vector<PackageLine> packages) {
  const auto plan = judge_plan(wish, says(std::move(packages)), {});
  if (plan) return "accepted";
  EXPECT_EQ(plan.error().code, sdk::Errc::invalid) << plan.error().message;
  return plan.error().message;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(PkPlan, TheWishedVersionIsAcceptedWithItsDependenciesAndTheAgentsPackageStandsFirst) {
  const auto dry_run = says({{12, "libdemo2;2.0-1;amd64;demo"}, {11, "libc6;2.36-10;amd64;demo"}, {11, "demo-agent;2.3.4-1;all;demo"}});
  const auto plan = judge_plan(upgrade(), dry_run, {{"demo-agent", "1.2.3-1"}, {"libc6", "2.36-9"}});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->to, "2.3.4-1");
  ASSERT_EQ(plan->items.size(), 3U);
  EXPECT_EQ(plan->items[0].package + " " + plan->items[0].from + " " + plan->items[0].to, "demo-agent 1.2.3-1 2.3.4-1");
  EXPECT_EQ(plan->items[1].package + " " + plan->items[1].from + " " + plan->items[1].to, "libdemo2  2.0-1");
  EXPECT_EQ(plan->items[2].package + " " + plan->items[2].from + " " + plan->items[2].to, "libc6 2.36-9 2.36-10");
}

TEST(PkPlan, VersionsAreJudgedByIdsWhateverTheInfoSays) {
  EXPECT_EQ(refusal(upgrade(), {{12, "demo-agent;2.3.4-1;noarch;demo"}}), "accepted") << "zypp says installing for an update";
  EXPECT_EQ(refusal(upgrade(), {{11 + (5U << 16), "demo-agent;2.3.4-1;all;demo"}}), "accepted") << "the upper half is a severity";
  EXPECT_EQ(refusal(upgrade(), {{11, "demo-agent;2.3.4-1;all;demo"}, {14, "demo-agent;1.2.3-1;noarch;installed"}}), "accepted")
      << "dnf names the old one too";
  EXPECT_EQ(refusal(upgrade(), {{1, "demo-agent;1.2.3-1;all;manual:demo"}, {11, "demo-agent;2.3.4-1;all;demo"}}), "accepted");
}

TEST(PkPlan, AnotherVersionThanTheWishedOneIsRefused) {
  const auto text = refusal(upgrade(), {{12, "demo-agent;3.0.0-1;all;demo"}});
  EXPECT_TRUE(contains(text, "asked for demo-agent 2.3.4-1, PackageKit would install 3.0.0-1")) << text;
  EXPECT_TRUE(
      contains(refusal(upgrade(), {{12, "demo-agent;2.3.4-1;amd64;demo"}, {12, "demo-agent;2.3.4-2;i386;demo"}}), "would install 2.3.4-2"));
}

TEST(PkPlan, APinnedVersionThatIsSilentlyNotPlannedIsRefusedWithWhatToDo) {
  const auto text = refusal(upgrade(), {});
  EXPECT_TRUE(contains(text, "plans nothing for demo-agent 2.3.4-1, although 1.2.3-1 is installed")) << text;
  EXPECT_TRUE(contains(text, "apt-cache policy demo-agent")) << text;
  EXPECT_TRUE(contains(refusal(upgrade(), {{12, "libdemo2;2.0-1;amd64;demo"}}), "plans nothing for demo-agent"))
      << "dependencies alone are no plan";
  EXPECT_TRUE(contains(refusal(upgrade(), {{1, "demo-agent;2.3.4-1;all;demo"}}), "plans nothing"))
      << "a claim that it is installed is no plan";
}

TEST(PkPlan, AnEmptyPlanIsFineWhenTheVersionIsThereAlready) {
  Wish wish = upgrade();
  wish.moves[0].from = wish.moves[0].to;
  const auto plan = judge_plan(wish, says({}), {});
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->items.empty());
}

TEST(PkPlan, NothingIsEverRemovedReplacedOrInstalledUntrusted) {
  const PackageLine target{11, "demo-agent;2.3.4-1;all;demo"};
  EXPECT_TRUE(contains(refusal(upgrade(), {target, {13, "openssh-server;9.2-1;amd64;demo"}}), "would remove openssh-server 9.2-1"));
  EXPECT_TRUE(contains(refusal(upgrade(), {target, {28, "openssh-server;9.2-1;amd64;demo"}}), "would remove"));
  EXPECT_TRUE(contains(refusal(upgrade(), {target, {15, "old-agent;1-1;amd64;demo"}}), "would replace old-agent"));
  EXPECT_TRUE(contains(refusal(upgrade(), {{23, "demo-agent;2.3.4-1;all;demo"}}), "without a trusted signature"));
  EXPECT_TRUE(contains(refusal(upgrade(), {target, {9, "libx;1;all;demo"}}), "cannot get"));
  EXPECT_TRUE(
      contains(refusal(downgrade(), {{20, "demo-agent;1.2.3-1;all;demo"}, {13, "demo-addon;1-1;all;demo"}}), "would remove demo-addon"))
      << "not on the way back either";
}

TEST(PkPlan, OnlyTheAgentsPackageMayGoDownAndOnlyWhenThatWasAskedFor) {
  EXPECT_EQ(refusal(downgrade(), {{20, "demo-agent;1.2.3-1;all;demo"}}), "accepted");
  EXPECT_EQ(refusal(downgrade(), {{12, "demo-agent;1.2.3-1;noarch;demo"}}), "accepted");
  EXPECT_TRUE(
      contains(refusal(downgrade(), {{20, "demo-agent;1.2.3-1;all;demo"}, {20, "libc6;2.0-1;amd64;demo"}}), "would downgrade libc6 2.0-1"));
  Wish not_asked = downgrade();
  not_asked.downgrade = false;
  EXPECT_TRUE(
      contains(refusal(not_asked, {{20, "demo-agent;1.2.3-1;all;demo"}}), "would downgrade it from 2.3.4-1, which was not asked for"));
}

TEST(PkPlan, AnotherAgentsPackageIsLeftAlone) {
  const auto text = refusal(upgrade(), {{11, "demo-agent;2.3.4-1;all;demo"}, {11, "other-agent;5.0-1;all;demo"}});
  EXPECT_TRUE(contains(text, "would change other-agent 5.0-1, which is the package of agent other")) << text;
}

TEST(PkPlan, TheNamesItTouchesAreListedOnce) {
  const auto report = planned(says({{11, "a2;1;all;d"}, {11, "a2;1;i386;d"}, {13, "b2;1;all;d"}, {1, "c2;1;all;d"}}), "demo");
  ASSERT_TRUE(report);
  EXPECT_EQ(plan_touches(*report), (std::vector<std::string>{"a2", "b2"}));
}

TEST(PkPlan, APlanThatCannotBeReadOrCountedIsNotGuessed) {
  EXPECT_FALSE(planned(says({{11, "garbage"}}), "demo"));
  const auto garbage = judge_plan(upgrade(), says({{11, "demo-agent;2.3.4-1;all;demo"}, {11, ";;;"}}), {});
  ASSERT_FALSE(garbage);
  EXPECT_EQ(garbage.error().code, sdk::Errc::internal);
  auto endless = says({{11, "demo-agent;2.3.4-1;all;demo"}});
  endless.incomplete = true;
  EXPECT_FALSE(judge_plan(upgrade(), endless, {}));
}

// What moves together.
TEST(PkPlan, CompanionsStandBehindTheAgentAndHaveToBePlannedToo) {
  Wish wish = upgrade();
  wish.moves.push_back({"demo-libs", "1.2.3-1", "2.3.4-2"});
  const PackageLine agent{11, "demo-agent;2.3.4-1;all;demo"}, libs{11, "demo-libs;2.3.4-2;all;demo"}, more{12, "libx2;1;all;demo"};
  const auto plan = judge_plan(wish, says({more, libs, agent}), {});
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(plan->items.size(), 3U);
  EXPECT_EQ(plan->items[0].package + plan->items[1].package + plan->items[2].package, "demo-agentdemo-libslibx2");
  EXPECT_EQ(plan->items[1].from, "1.2.3-1");
  EXPECT_TRUE(contains(refusal(wish, {agent}), "plans nothing for demo-libs 2.3.4-2, although 1.2.3-1 is installed"));
  EXPECT_TRUE(contains(refusal(wish, {agent, {11, "demo-libs;9;all;demo"}}), "asked for demo-libs 2.3.4-2, PackageKit would install 9"));
  EXPECT_TRUE(contains(refusal(wish, {agent, {20, "demo-libs;2.3.4-2;all;demo"}}), "would downgrade demo-libs from 1.2.3-1"));
}

TEST(PkPlan, ACompanionThatIsThereAlreadyNeedsNoLine) {
  Wish wish = upgrade();
  wish.moves.push_back({"demo-libs", "2.3.4-2", "2.3.4-2"});
  EXPECT_EQ(refusal(wish, {{11, "demo-agent;2.3.4-1;all;demo"}}), "accepted");
}

}  // namespace
}  // namespace upkeep::shared::packagekit

// SPDX-License-Identifier: Apache-2.0
// Programs that run as units which systemd makes for them: the call, and every way in which such a run can end.

#include <gtest/gtest.h>

#include "sdk/transient_unit.h"
#include "support/fake_systemd.h"

namespace upkeep::sdk {
namespace {

using namespace std::chrono_literals;
using test::FakeRun;

class TransientUnitRun : public testing::Test {
 protected:
  TransientUnitRun() {
    unit.name = "upkeep-native-demo.service";
    unit.description = "a run, the first";
    unit.argv = {"/usr/bin/apt-get", "install", "a b;$(c)"};
    unit.environment = {{"LANG", "C.UTF-8"}};
    unit.out = "/state/out";
    unit.err = "/state/err";
    unit.most = 30min;
    host.contents["out"] = host.contents["err"] = "";
  }
  Result<UnitEnd> run() { return host.run(run_transient_unit(host, unit)); }
  Result<UnitEnd> run(FakeRun how) {
    host.runs.push_back(std::move(how));
    return run();
  }
  Result<std::string> wait(const std::string& only = "") { return host.run(wait_for_transient_unit(host, unit.name, only, 10min)); }

  test::FakeSystemd host;
  TransientUnit unit;
};

TEST_F(TransientUnitRun, IsAskedForByOneCallWithoutAShell) {
  ASSERT_TRUE(run());
  ASSERT_EQ(host.started.size(), 1U);
  const auto& call = host.started[0];
  EXPECT_EQ(call.destination + call.path + call.interface + call.member,
            "org.freedesktop.systemd1/org/freedesktop/systemd1org.freedesktop.systemd1.ManagerStartTransientUnit");
  EXPECT_EQ(call.signature, "ssa(sv)a(sa(sv))");
  EXPECT_EQ(call.arguments.at(0).text(), "upkeep-native-demo.service");
  EXPECT_EQ(call.arguments.at(1).text(), "fail");
  EXPECT_TRUE(call.arguments.at(3).items().empty());
  EXPECT_EQ(host.argv(0), (std::vector<std::string>{"/usr/bin/apt-get", "install", "a b;$(c)"}));
  const auto commands = host.property("ExecStart");
  EXPECT_EQ(std::get<BusVariant>(commands.any).signature, "a(sasb)");
  EXPECT_EQ(std::get<BusVariant>(commands.any).content.at(0).items().at(0).items().at(0).text(), "/usr/bin/apt-get");
  EXPECT_EQ(host.property("Type").text(), "oneshot");
  EXPECT_EQ(host.property("Description").text(), "a run, the first");
  EXPECT_EQ(host.property("Environment").items().at(0).text(), "LANG=C.UTF-8");
  EXPECT_EQ(host.property("TimeoutStartUSec").number(), 1'800'000'000U);
  EXPECT_EQ(host.property("StandardOutputFile").text(), "/state/out");
  EXPECT_EQ(host.property("StandardErrorFile").text(), "/state/err");
  EXPECT_EQ(host.property("CollectMode").text(), "inactive");
}

TEST_F(TransientUnitRun, ThatEndsWellIsASuccess) {
  const auto end = run();
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->result, "success");
  EXPECT_EQ(end->status, 0);
}

TEST_F(TransientUnitRun, ThatFailsTellsItsStatusAndIsClearedAway) {
  const auto end = run({.status = 100});
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->result, "exit-code");
  EXPECT_EQ(end->status, 100);
  EXPECT_EQ(host.calls.back(), "ResetFailedUnit upkeep-native-demo.service");
}

TEST_F(TransientUnitRun, ThatSystemdHadToEndSaysSo) {
  const auto end = run({.status = 15, .result = "timeout"});
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->result, "timeout");
}

TEST_F(TransientUnitRun, ThatSomebodyStoppedIsCancelled) {
  const auto end = run({.job = "canceled"});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::cancelled);
}

TEST_F(TransientUnitRun, WhoseUnitIsThereAlreadyIsBusy) {
  host.units["upkeep-native-demo.service"].active = "activating";
  const auto end = run();
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::busy) << end.error().message;
}

TEST_F(TransientUnitRun, ThatIsRefusedWasNotBegun) {
  host.refusals.emplace("StartTransientUnit", Error(Errc::denied, "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired: no"));
  EXPECT_EQ(run().error().code, Errc::denied);
}

TEST_F(TransientUnitRun, ThatIsNotAnsweredHasAnUnknownOutcome) {
  host.refusals.emplace("StartTransientUnit", Error(Errc::timeout, "org.freedesktop.DBus.Error.NoReply: no"));
  EXPECT_EQ(run().error().code, Errc::transient);
}

TEST_F(TransientUnitRun, ThatNeverEndsTimesOutAfterSystemdHadItsTime) {
  const auto before = host.boot_now();
  const auto end = run({.job = "never"});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::timeout);
  EXPECT_EQ(host.boot_now() - before, 32min);
}

TEST_F(TransientUnitRun, WhoseFailureWasNotToldIsSeenAllTheSame) {
  const auto end = run({.status = 100, .told = false});
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->status, 100);
}

TEST_F(TransientUnitRun, WhoseGoodEndWasNotToldHasAnUnknownOutcome) {
  const auto end = run({.told = false});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::transient) << end.error().message;
}

TEST_F(TransientUnitRun, WhoseBusIsLostHasAnUnknownOutcome) {
  host.bus_is_lost = true;
  EXPECT_EQ(run().error().code, Errc::transient);
}

TEST_F(TransientUnitRun, WithoutASoundUnitAsksNobody) {
  unit.argv[0] = "apt-get";
  EXPECT_EQ(run().error().code, Errc::internal);
  unit.argv.clear();
  EXPECT_EQ(run().error().code, Errc::internal);
  unit.argv = {"/bin/true"};
  unit.name = "../x.service";
  EXPECT_EQ(run().error().code, Errc::internal);
  EXPECT_TRUE(host.calls.empty());
}

TEST_F(TransientUnitRun, OfAFormerLifeIsWaitedFor) {
  host.units[unit.name] = {.active = "activating", .description = "a run, the first"};
  int looks = 0;
  host.on_sleep = [&] {
    if (++looks == 30) host.finish(unit.name, 0);
  };
  const auto ran = wait("a run, the first");
  ASSERT_TRUE(ran) << ran.error().message;
  EXPECT_EQ(*ran, "a run, the first");
  EXPECT_EQ(looks, 30);
}

TEST_F(TransientUnitRun, OfAFormerLifeThatFailedMeanwhileIsClearedAway) {
  host.units[unit.name] = {.active = "failed", .description = "a run, the first", .result = "exit-code", .status = 1};
  EXPECT_EQ(wait("a run, the first").value(), "a run, the first");
  EXPECT_EQ(host.calls.back(), "ResetFailedUnit upkeep-native-demo.service");
  EXPECT_EQ(wait("a run, the first").value(), "");
}

TEST_F(TransientUnitRun, OfAnotherDescriptionIsNotTheOneThatIsWaitedFor) {
  for (const char* active : {"activating", "failed"}) {
    host.units[unit.name] = {.active = active, .description = "a run, the second"};
    EXPECT_EQ(wait("a run, the first").value(), "");
    EXPECT_EQ(host.units[unit.name].active, active);
  }
}

TEST_F(TransientUnitRun, OfAFormerLifeThatDoesNotEndTimesOut) {
  host.units[unit.name] = {.active = "activating", .description = "a run, the first"};
  const auto before = host.boot_now();
  const auto ran = wait();
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, Errc::timeout);
  EXPECT_EQ(host.boot_now() - before, 10min);
}

}  // namespace
}  // namespace upkeep::sdk

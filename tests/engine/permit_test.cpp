// SPDX-License-Identifier: Apache-2.0
// schedule/lease under the engine: whoever cannot renew its Lease stops before the next thing that it would change, and goes on when
// it has the Lease again.
#include <gtest/gtest.h>

#include "schedule/lease/plugin.h"
#include "support/kube_journal.h"
#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;

const std::string kLeasePath = "/apis/coordination.k8s.io/v1/namespaces/default/leases/upkeep-demo";

class LeasedOperation : public testing::Test {
 protected:
  LeasedOperation() {
    world.version = "2.3.4";
    make_pod(world.files, world.environment, "pod-a");
  }
  std::unique_ptr<Rig> daemon() {
    const auto leased = [](core::AgentSettings& settings) {
      settings.schedules[0].use = "lease";
      settings.soak = 10min;
    };
    auto out = std::make_unique<Rig>(world, demo_configuration(leased), std::vector<const sdk::Descriptor*>{&plugins::lease::kDescriptor});
    return out;
  }
  [[nodiscard]] long done(const std::string& verb) const {
    return std::count_if(world.verbs.begin(), world.verbs.end(), [&](const std::string& one) { return one.starts_with(verb); });
  }
  [[nodiscard]] std::string holder() const { return (*world.kube.find(kLeasePath))["spec"]["holderIdentity"]; }
  void give_to(const std::string& somebody) {
    auto lease = *world.kube.find(kLeasePath);
    lease["spec"]["holderIdentity"] = somebody;
    lease["spec"]["leaseDurationSeconds"] = 3600;
    world.kube.put(kLeasePath, lease);
  }
  // Everybody who looks sees it, for as long as it lasts.
  static bool warned(Rig& rig, const std::string& of) { return rig.status()["warnings"].dump().find(of) != std::string::npos; }
  void begin_in(const std::string& phase) {
    world = World();
    world.version = "2.3.4";
    make_pod(world.files, world.environment, "pod-a");
    if (phase == "activating") world.verb_errors.emplace("activate", sdk::Error(sdk::Errc::transient, "not now"));
    if (phase == "stuck") {
      world.bad = {"2.3.4-1"};
      world.verb_errors.emplace("revert", sdk::Error(sdk::Errc::denied, "never"));
    }
  }
  World world;
};

constexpr const char* kPhasesWithoutAVerb[] = {"activating", "soaking", "stuck"};

TEST_F(LeasedOperation, HasItFromTheGateToTheEnd) {
  const auto rig = daemon();
  ASSERT_TRUE(rig->until([&] { return rig->phase() == "soaking"; }, 10min)) << rig->status();
  EXPECT_EQ(holder(), "pod-a/demo/" + rig->status()["operation"]["id"].get<std::string>());
  ASSERT_TRUE(rig->until([&] { return rig->last_result() == "committed"; }, 10min)) << rig->status();
  rig->pass(1s);
  EXPECT_EQ(holder(), "");
}

TEST_F(LeasedOperation, WaitsWhileAnotherHasItAndBeginsSoonAfter) {
  world.kube.put(kLeasePath, nlohmann::json::object());
  give_to("pod-b/demo/op-7");
  const auto rig = daemon();
  rig->pass(30min);
  EXPECT_EQ(done("apply"), 0);
  EXPECT_TRUE(rig->history().empty()) << "nothing is begun in vain";
  EXPECT_NE(rig->status()["decision"]["text"].get<std::string>().find("held by \"pod-b/demo/op-7\""), std::string::npos) << rig->status();
  give_to("");
  const auto freed = world.boot;
  ASSERT_TRUE(rig->until([&] { return done("apply") == 1; }, 10min)) << rig->status();
  EXPECT_LE(world.boot - freed, 11s);
}

TEST_F(LeasedOperation, AnApplyIsCutOffWhenItIsLost) {
  world.apply_takes = 1min;
  const auto rig = daemon();
  ASSERT_TRUE(rig->until([&] { return world.half_installed; }, 10min));
  world.kube.gone_until = world.boot + 2min;
  rig->pass(30s);
  EXPECT_EQ(done("verify"), 1) << "it was looked at what became of it";
  EXPECT_EQ(rig->last_result(), "failed");
  EXPECT_EQ(world.installed, "1.2.3-1");
  EXPECT_NE(
      rig->history()[0]["detail"].get<std::string>().find("cut off: the permit of lease was lost: lease default/upkeep-demo could not "
                                                          "be renewed for 10s"),
      std::string::npos)
      << rig->history();
  EXPECT_EQ(done("apply"), 1);
  world.apply_takes = 0s;
  ASSERT_TRUE(rig->until([&] { return rig->last_result() == "committed"; }, 1h)) << rig->status();
  EXPECT_TRUE(rig->status()["quarantined"].empty());
}

TEST_F(LeasedOperation, NothingIsTakenBackWithoutIt) {
  for (const bool taken : {false, true}) {
    world = World();
    world.version = "2.3.4";
    make_pod(world.files, world.environment, "pod-a");
    const auto rig = daemon();
    ASSERT_TRUE(rig->until([&] { return rig->phase() == "soaking"; }, 10min)) << rig->status();
    if (taken)
      give_to("pod-b/demo/op-7");
    else
      world.kube.gone_until = world.boot + 2min;
    world.bad = {"2.3.4-1"};
    world.restarts = 3;
    world.boot += 11s;  // it was stopped so long: it has not heard that its permit has lapsed
    ASSERT_TRUE(rig->until([&] { return rig->phase() == "reverting"; }, 1min)) << rig->status();
    rig->pass(100s - 11s);
    EXPECT_EQ(done("revert"), 0) << taken;
    EXPECT_NE(rig->status()["operation"]["text"].get<std::string>().find("not admitted by lease"), std::string::npos) << rig->status();
    if (taken) give_to("");
    ASSERT_TRUE(rig->until([&] { return rig->last_result() == "rolled_back"; }, 10min)) << rig->status();
    EXPECT_EQ(done("revert"), 1) << taken;
  }
}

TEST_F(LeasedOperation, ThatCouldNotBeRenewedIsTakenAgainBeforeAnotherMay) {
  for (const std::string phase : kPhasesWithoutAVerb) {
    begin_in(phase);
    const auto rig = daemon();
    ASSERT_TRUE(rig->until([&] { return rig->phase() == phase; }, 10min)) << phase << rig->status();
    const auto held = holder();
    const auto away = world.boot;
    world.kube.gone_until = away + 12s;
    ASSERT_TRUE(rig->until([&] { return warned(*rig, "not admitted by lease: get lease default/upkeep-demo"); }, 11s)) << rig->status();
    ASSERT_TRUE(rig->until([&] { return !warned(*rig, "upkeep-demo"); }, 1min)) << phase << rig->status();
    EXPECT_LT(world.boot - away, 15s - 2400ms) << phase << ": 15 s after it was renewed last, another may have it";
    EXPECT_EQ(holder(), held) << phase;
    rig->pass(1min);
    EXPECT_EQ(rig->phase(), phase);
    EXPECT_GT((*world.kube.find(kLeasePath))["spec"]["renewTime"].get<std::string>(), sdk::rfc3339(world.now - 3s))
        << "it is renewed again";
  }
}

TEST_F(LeasedOperation, WhatAnotherHasTakenIsTakenBackWhenItIsFree) {
  for (const std::string phase : kPhasesWithoutAVerb) {
    for (const bool killed : {false, true}) {
      begin_in(phase);
      auto rig = daemon();
      ASSERT_TRUE(rig->until([&] { return rig->phase() == phase; }, 10min)) << phase << rig->status();
      if (killed) rig.reset();
      give_to("pod-b/demo/op-7");
      if (killed) rig = daemon();
      ASSERT_TRUE(rig->until([&] { return warned(*rig, "not admitted by lease: lease default/upkeep-demo is held by"); }, 15s))
          << phase << rig->status();
      rig->pass(2min);
      EXPECT_EQ(rig->phase(), phase) << "it is no reason to go back";
      EXPECT_TRUE(warned(*rig, "not admitted by lease")) << phase;
      give_to("");
      ASSERT_TRUE(rig->until([&] { return holder().starts_with("pod-a/demo/"); }, 3s)) << phase << killed;
      ASSERT_TRUE(rig->until([&] { return !warned(*rig, "upkeep-demo"); }, 1s)) << phase << rig->status();
    }
  }
}

TEST_F(LeasedOperation, AKilledDaemonsNextLifeHasItAgainAtOnce) {
  {
    world.die_in = "apply:after";
    const auto rig = daemon();
    EXPECT_THROW(rig->pass(10min), Death);
  }
  const auto held = holder();
  EXPECT_NE(held, "");
  const auto rig = daemon();
  ASSERT_TRUE(rig->until([&] { return rig->phase() == "soaking"; }, 5s)) << rig->status();
  EXPECT_EQ(holder(), held);
}

}  // namespace
}  // namespace upkeep::test

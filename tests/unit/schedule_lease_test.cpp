// SPDX-License-Identifier: Apache-2.0
// schedule/lease on an API server in memory: one operation at a time has the Lease, by the rules of leader election.

#include <gtest/gtest.h>

#include "schedule/lease/plugin.h"
#include "support/toml.h"
#include "support/world_loop.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;
using How = KubeFault::How;
using nlohmann::json;

const std::string kLeases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const std::string kShared = kLeases + "/shared";

sdk::Operation operation_called(const std::string& id, const std::string& agent = "demo") { return {id, agent, "1.2.3", "2.3.4"}; }

struct Pod {
  std::unique_ptr<sdk::Host> host;
  std::unique_ptr<sdk::Schedule> schedule;
};

class LeaseFor : public testing::Test {
 protected:
  Pod pod(const std::string& name, const std::string& keys = "name = 'shared'") {
    Pod out;
    out.host = loop.pod(name, "demo");
    const auto make = std::get<sdk::Factory<sdk::Schedule>>(plugins::lease::kDescriptor.make);
    out.schedule = make(*out.host, toml(keys)).value();
    return out;
  }
  sdk::Result<sdk::Admission> admit(const Pod& pod, const sdk::Operation& operation) {
    return loop.run(pod.schedule->admit(operation)).value();
  }
  // Runs beside the test until it ends by itself or is told to.
  struct Holding {
    asio::cancellation_signal stop;
    std::optional<sdk::Result<void>> lost;
    bool over = false;
  };
  std::unique_ptr<Holding> hold(const Pod& pod, const sdk::Operation& operation) {
    auto out = std::make_unique<Holding>();
    auto held = [](sdk::Schedule* schedule, sdk::Operation kept, Holding* into) -> sdk::Task<void> {
      into->lost = co_await schedule->hold(kept);
    };
    loop.start(held(pod.schedule.get(), operation, out.get()), out->stop.slot(), [holding = out.get()] { holding->over = true; });
    return out;
  }
  [[nodiscard]] json spec() { return (*loop.world.kube.find(kShared))["spec"]; }
  void strike(How how, const std::string& method, int status = 500, int times = 1) {
    KubeFault fault;
    fault.how = how;
    fault.method = method;
    fault.part = "/leases";
    fault.status = status;
    fault.times = times;
    fault.delay = 3s;
    loop.world.kube.faults.push_back(fault);
  }
  WorldLoop loop;
};

TEST_F(LeaseFor, OneOperationAtATimeAndTheOtherHearsWhoseItIs) {
  const auto a = pod("pod-a"), b = pod("pod-b");
  ASSERT_TRUE(admit(a, operation_called("op-1"))->granted);
  EXPECT_EQ(spec()["holderIdentity"], "pod-a/demo/op-1");
  EXPECT_EQ(spec()["acquireTime"], "2027-01-15T08:00:00.000000Z");
  EXPECT_EQ(spec()["leaseTransitions"], 0);
  const auto refused = admit(b, operation_called("op-2"));
  ASSERT_TRUE(refused);
  EXPECT_FALSE(refused->granted);
  EXPECT_EQ(refused->reason, "lease default/shared is held by \"pod-a/demo/op-1\" since \"2027-01-15T08:00:00.000000Z\"");
  EXPECT_LE(refused->ask_again, 10s);
  ASSERT_TRUE(loop.run(a.schedule->done(operation_called("op-1"))).value());
  EXPECT_EQ(spec()["holderIdentity"], "");
  EXPECT_EQ(spec()["leaseDurationSeconds"], 1);
  EXPECT_TRUE(admit(b, operation_called("op-2"))->granted) << "without waiting";
  EXPECT_EQ(spec()["leaseTransitions"], 1);
  ASSERT_TRUE(loop.run(a.schedule->done(operation_called("op-1"))).value()) << "it may come again";
  EXPECT_EQ(spec()["holderIdentity"], "pod-b/demo/op-2");
}

TEST_F(LeaseFor, AnOperationThatGoesOnHasItAtOnceWhereverThatIs) {
  const auto a = pod("pod-a"), b = pod("pod-b");
  ASSERT_TRUE(admit(a, operation_called("op-1"))->granted);
  const auto before = loop.world.boot;
  EXPECT_TRUE(admit(b, operation_called("op-1"))->granted);
  EXPECT_EQ(loop.world.boot, before);
  EXPECT_EQ(spec()["holderIdentity"], "pod-b/demo/op-1");
  const auto again = pod("pod-b");
  EXPECT_TRUE(admit(again, operation_called("op-1"))->granted);
}

TEST_F(LeaseFor, AHolderThatDiesIsWaitedForAsLongAsItWasSeenAlive) {
  const auto a = pod("pod-a"), b = pod("pod-b");
  ASSERT_TRUE(admit(a, operation_called("op-1"))->granted);
  // Its clock is a year ahead: nobody here believes it.
  auto lease = *loop.world.kube.find(kShared);
  lease["spec"]["renewTime"] = "2028-01-15T08:00:00.000000Z";
  loop.world.kube.put(kShared, lease);
  loop.pass(1h);
  EXPECT_FALSE(admit(b, operation_called("op-2"))->granted) << "seen for the first time";
  loop.pass(14s);
  EXPECT_FALSE(admit(b, operation_called("op-2"))->granted);
  loop.pass(1s);
  EXPECT_TRUE(admit(b, operation_called("op-2"))->granted);
  EXPECT_EQ(spec()["holderIdentity"], "pod-b/demo/op-2");
}

TEST_F(LeaseFor, IsRenewedAsLongAsTheOperationLastsAndLetGoWhenTheDaemonEnds) {
  const auto a = pod("pod-a"), b = pod("pod-b");
  ASSERT_TRUE(admit(a, operation_called("op-1"))->granted);
  const auto held = hold(a, operation_called("op-1"));
  for (int i = 0; i < 10; ++i) {
    loop.pass(7s);
    EXPECT_FALSE(admit(b, operation_called("op-2"))->granted) << i;
    EXPECT_GT(a.schedule->lapses(), loop.world.boot) << i;
  }
  EXPECT_FALSE(held->over);
  held->stop.emit(asio::cancellation_type::terminal);
  loop.pass(100ms);
  EXPECT_TRUE(held->over);
  EXPECT_EQ(spec()["holderIdentity"], "");
  EXPECT_LE(a.schedule->lapses(), loop.world.boot);
}

TEST_F(LeaseFor, WhoeverCannotRenewItGivesUpBeforeAnotherMayHaveIt) {
  const auto a = pod("pod-a"), b = pod("pod-b");
  ASSERT_TRUE(admit(a, operation_called("op-1"))->granted);
  const auto held = hold(a, operation_called("op-1"));
  loop.pass(5s);
  EXPECT_FALSE(admit(b, operation_called("op-2"))->granted);
  const auto renewed = loop.world.boot;
  loop.world.kube.gone_until = loop.world.boot + 2min;
  loop.pass(11s);
  ASSERT_TRUE(held->lost);
  ASSERT_FALSE(*held->lost);
  EXPECT_EQ((*held->lost).error().code, sdk::Errc::transient);
  EXPECT_TRUE((*held->lost).error().message.starts_with("lease default/shared could not be renewed for 10s: "));
  EXPECT_LE(a.schedule->lapses(), loop.world.boot);
  loop.world.kube.gone_until = sdk::BootTime(0);
  EXPECT_FALSE(admit(b, operation_called("op-2"))->granted) << "another waits longer";
  loop.pass(15s - (loop.world.boot - renewed));
  EXPECT_TRUE(admit(b, operation_called("op-2"))->granted);
}

TEST_F(LeaseFor, WhoeverWasStoppedTooLongKnowsItBeforeItHearsOfIt) {
  const auto a = pod("pod-a");
  ASSERT_TRUE(admit(a, operation_called("op-1"))->granted);
  const auto held = hold(a, operation_called("op-1"));
  loop.pass(1s);
  loop.world.boot += 20s;  // nothing of the process has run yet
  EXPECT_LE(a.schedule->lapses(), loop.world.boot);
}

TEST_F(LeaseFor, OneThatAnotherHasTakenIsLost) {
  const auto a = pod("pod-a");
  ASSERT_TRUE(admit(a, operation_called("op-1"))->granted);
  const auto held = hold(a, operation_called("op-1"));
  loop.pass(3s);
  auto lease = *loop.world.kube.find(kShared);
  lease["spec"]["holderIdentity"] = "somebody";
  loop.world.kube.put(kShared, lease);
  loop.pass(3s);
  ASSERT_TRUE(held->lost);
  EXPECT_EQ((*held->lost).error().code, sdk::Errc::busy);
  EXPECT_EQ(spec()["holderIdentity"], "somebody");
}

// The old holder's last words must not take the Lease from what it has become.
TEST_F(LeaseFor, AdmittedAnewItIsNotLetGoByWhatHeldItBefore) {
  const auto a = pod("pod-a");
  ASSERT_TRUE(admit(a, operation_called("op-1"))->granted);
  const auto before = hold(a, operation_called("op-1"));
  loop.pass(1s);
  ASSERT_TRUE(admit(a, operation_called("op-1"))->granted);
  before->stop.emit(asio::cancellation_type::terminal);
  const auto after = hold(a, operation_called("op-1"));
  loop.pass(1min);
  EXPECT_TRUE(before->over);
  EXPECT_FALSE(after->over);
  EXPECT_EQ(spec()["holderIdentity"], "pod-a/demo/op-1");
  EXPECT_GT(a.schedule->lapses(), loop.world.boot);
}

TEST_F(LeaseFor, FaultsOfTheServerGiveItToNobodyTwice) {
  for (const auto& [how, status] : std::vector<std::pair<How, int>>{{How::refuse, 0},
                                                                    {How::cut, 0},
                                                                    {How::late, 0},
                                                                    {How::lands_late, 0},
                                                                    {How::twice, 0},
                                                                    {How::answer, 409},
                                                                    {How::answer, 410},
                                                                    {How::answer, 429},
                                                                    {How::answer, 500},
                                                                    {How::done_answer, 500}}) {
    for (const char* method : {"GET", "PUT", "POST"}) {
      loop.world.kube = FakeKube();
      if (std::string(method) != "POST") loop.world.kube.put(kShared, {{"spec", json::object()}});
      const auto a = pod("pod-a"), b = pod("pod-b");
      strike(how, method, status);
      int granted = 0;
      for (int i = 0; i < 20 && granted == 0; ++i) {
        const auto one = admit(a, operation_called("op-1"));
        const bool ours = one && one->granted;
        const auto other = admit(b, operation_called("op-2"));
        granted = (ours ? 1 : 0) + (other && other->granted ? 1 : 0);
        ASSERT_LE(granted, 1) << method << " " << static_cast<int>(how) << " " << status;
        loop.pass(2s);
      }
      EXPECT_EQ(granted, 1) << method << " " << static_cast<int>(how) << " " << status;
      EXPECT_EQ(loop.world.kube.faults.front().struck, 1);
      const auto held = hold(a, operation_called("op-1"));
      loop.pass(1min);
      EXPECT_EQ(held->over, spec()["holderIdentity"] != "pod-a/demo/op-1");
      if (!held->over) held->stop.emit(asio::cancellation_type::terminal);
      loop.pass(1s);
    }
  }
}

TEST_F(LeaseFor, OneThatIsNotThereIsMadeWhereThatIsAllowed) {
  loop.world.kube.forbidden = {"create leases"};
  const auto a = pod("pod-a");
  const auto refused = admit(a, operation_called("op-1"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, sdk::Errc::denied);
  EXPECT_NE(refused.error().message.find("cannot create resource"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("lease default/shared does not exist: create it, or allow its creation"), std::string::npos);
  loop.world.kube.forbidden.clear();
  EXPECT_TRUE(admit(a, operation_called("op-1"))->granted);
}

TEST_F(LeaseFor, WhileAnotherHasItTheScheduleIsClosedForAShortWhile) {
  const auto a = pod("pod-a"), b = pod("pod-b");
  const auto verdict = [&](const Pod& pod) {
    EXPECT_TRUE(loop.run(pod.schedule->refresh(nullptr)).value());
    return pod.schedule->verdict(loop.world.now, nullptr);
  };
  EXPECT_TRUE(verdict(b).open) << "there is none";
  ASSERT_TRUE(admit(a, operation_called("op-1"))->granted);
  EXPECT_TRUE(verdict(a).open) << "its own";
  const auto closed = verdict(b);
  EXPECT_FALSE(closed.open);
  EXPECT_TRUE(closed.reason.starts_with("lease default/shared is held by \"pod-a/demo/op-1\""));
  ASSERT_TRUE(closed.changes_at);
  EXPECT_LE(*closed.changes_at - loop.world.now, 10s);
  EXPECT_TRUE(b.schedule->verdict(*closed.changes_at, nullptr).open);
  loop.pass(15s);
  EXPECT_TRUE(verdict(b).open) << "it has lapsed";
  loop.world.kube.forbidden = {"get leases"};
  EXPECT_FALSE(loop.run(b.schedule->refresh(nullptr)).value()) << "an error closes it";
}

TEST_F(LeaseFor, HostileOnesAreSomebodyElsesAndQuoted) {
  const auto a = pod("pod-a");
  loop.world.kube.put(kShared,
                      json::parse(R"({"spec": {"holderIdentity": "x\n/op-1", "leaseDurationSeconds": -7, "leaseTransitions": "many",
    "acquireTime": 5}, "metadata": {"annotations": 4}})"));
  const auto refused = admit(a, operation_called("op-2"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->reason, "lease default/shared is held by \"x?/op-1\"");
  loop.pass(1s);
  EXPECT_TRUE(admit(a, operation_called("op-2"))->granted) << "a duration is at least a second, and not longer than an hour";
  loop.world.kube.put(kShared, json::parse(R"({"spec": "none"})"));
  EXPECT_TRUE(admit(a, operation_called("op-3"))->granted);
}

TEST_F(LeaseFor, ItsConfigurationIsChecked) {
  const auto issues = [](const std::string& keys) {
    std::string out;
    for (const auto& one : plugins::lease::kDescriptor.check(toml(keys))) out += one.path + " " + one.message + "; ";
    return out;
  };
  EXPECT_EQ(issues("name = 'upkeep-demo'\nduration = '30s'\nrenew_deadline = '20s'\nretry = '5s'"), "");
  EXPECT_NE(issues("name = 'Upper'").find("name "), std::string::npos);
  EXPECT_NE(issues("namespace = 'a.b'").find("namespace "), std::string::npos);
  EXPECT_NE(issues("duration = '1500ms'").find("duration "), std::string::npos);
  EXPECT_NE(issues("duration = '10s'").find("renew_deadline "), std::string::npos);
  EXPECT_NE(issues("retry = '6s'").find("retry "), std::string::npos);
  EXPECT_NE(issues("identity = 'a/b'").find("identity "), std::string::npos);
}

}  // namespace
}  // namespace upkeep::test

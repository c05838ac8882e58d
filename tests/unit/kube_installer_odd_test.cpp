// SPDX-License-Identifier: Apache-2.0
// installer/kubernetes in clusters where others change what it writes, what it reads is odd, and requests arrive when nobody expects them.
#include "unit/kube_installer.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using sdk::Errc;

class OddKubeInstaller : public KubeInstaller {
 protected:
  void set_image(json& set, const std::string& to) { set["spec"]["template"]["spec"]["containers"][0]["image"] = to; }
  void add_starting_pod(const std::string& name, const json& state) {
    add_pod(name, "r.test/app:2.0.0", state);
    auto pod = *host.server.find(kPods + name);
    pod["status"]["containerStatuses"][0]["restartCount"] = 0;
    host.server.put(kPods + name, pod);
  }
  sdk::Result<void> roll_out(sdk::Installer& it) {
    works = false;
    if (auto applied = run_task(it.apply(change("r.test/app:2.0.0"), note, "")); !applied) return applied;
    edit([](json& set) { set["status"]["readyReplicas"] = 2; });
    return {};
  }
};

TEST_F(OddKubeInstaller, AWebhookThatMakesAnotherImageOfItIsNamedBeforeAnythingIsChanged) {
  host.server.admit = [&](json& set) { set_image(set, "mirror.test/app:2.0.0"); };
  const auto refused = run_task(installer().prepare(change()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::denied) << "no reason for a quarantine";
  EXPECT_NE(refused.error().message.find("webhook or policy of the cluster makes it \"mirror.test/app:2.0.0\""), std::string::npos)
      << refused.error().message;
  EXPECT_EQ(image(), "r.test/app:1.2.3");
  // One that is not asked in dry runs shows itself only afterwards.
  EXPECT_EQ(run_task(installer().apply(change("r.test/app:2.0.0"), note, "")).error().code, Errc::transient);
}

TEST_F(OddKubeInstaller, AChangeThatArrivesAfterItWasGivenUpIsNotMadeAnyMore) {
  auto& it = installer();
  KubeFault late;
  late.how = How::lands_late;
  late.method = "PATCH";
  late.delay = 30s;
  host.server.faults.push_back(late);
  EXPECT_FALSE(run_task(it.apply(change("r.test/app:2.0.0"), note, "")));
  EXPECT_EQ(run_task(it.verify(change("r.test/app:2.0.0"), note.last))->standing, sdk::Standing::baseline);
  host.boot += 1min;
  EXPECT_EQ(run_task(it.verify(change("r.test/app:2.0.0"), note.last))->standing, sdk::Standing::baseline);
  EXPECT_EQ(image(), "r.test/app:1.2.3");
}

TEST_F(OddKubeInstaller, WhileItMayStillArriveNobodySaysThatNothingWasChanged) {
  auto& it = installer();
  fault(How::refuse, "PATCH", 500, 2);
  EXPECT_FALSE(run_task(it.apply(change("r.test/app:2.0.0"), note, "")));
  EXPECT_EQ(run_task(it.verify(change("r.test/app:2.0.0"), note.last)).error().code, Errc::transient);
  EXPECT_EQ(run_task(it.verify(change("r.test/app:2.0.0"), note.last))->standing, sdk::Standing::baseline);
  host.server.forbidden = {"patch statefulsets", "update statefulsets"};
  auto other = change("r.test/app:2.0.0");
  other.operation = "op-2";
  EXPECT_EQ(run_task(it.verify(other, note.last))->standing, sdk::Standing::baseline) << "the change was refused, too";
}

TEST_F(OddKubeInstaller, AWorkloadThatIsDeletedWhileItRollsOutIsNobodysFault) {
  auto& it = installer();
  ASSERT_TRUE(roll_out(it));
  host.server.erase(kSet);
  EXPECT_TRUE(run_task(it.activate(change("r.test/app:2.0.0"))));
  EXPECT_EQ(run_task(it.verify(change("r.test/app:2.0.0"), note.last))->standing, sdk::Standing::elsewhere);
}

TEST_F(OddKubeInstaller, APageForPeopleSaysNothingOfAVersion) {
  auto& it = installer();
  ASSERT_TRUE(roll_out(it));
  for (const int status : {200, 410, 413}) {
    fault(How::answer, "GET", status);
    host.server.faults.back().page = "<html>balancer</html>";
    const auto got = run_task(it.activate(change("r.test/app:2.0.0")));
    ASSERT_FALSE(got) << status;
    EXPECT_EQ(got.error().code, Errc::transient) << got.error().message;
    fault(How::answer, "GET", status);
    host.server.faults.back().page = "<html>balancer</html>";
    EXPECT_EQ(run_task(it.verify(change("r.test/app:2.0.0"), note.last)).error().code, Errc::transient);
  }
}

TEST_F(OddKubeInstaller, PodsAreLookedAtHoweverOftenTheWorkloadChanges) {
  auto& it = installer();
  ASSERT_TRUE(roll_out(it));
  add_pod("web-2", "r.test/app:2.0.0", {{"waiting", {{"reason", "CrashLoopBackOff"}}}});
  // The engine cancels the wait at each change, and begins it anew. Here a second look ends it.
  std::string said;
  for (int times = 0; times < 20 && said.empty(); ++times) {
    host.controllers = [] { throw std::runtime_error("interrupted"); };
    try {
      const auto got = run_task(it.activate(change("r.test/app:2.0.0")));
      said = got ? "done" : got.error().message;
    } catch (const std::runtime_error&) {
    }
  }
  EXPECT_NE(said.find("pod web-2: container web"), std::string::npos) << said;
}

TEST_F(OddKubeInstaller, WhatWaitsForAVolumeIsNotHeldAgainstTheVersion) {
  auto& it = installer("progress_deadline = \"2m\"\n");
  ASSERT_TRUE(roll_out(it));
  add_starting_pod("web-2", {{"waiting", {{"reason", "ContainerCreating"}}}});
  const auto got = run_task(it.activate(change("r.test/app:2.0.0")));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::denied) << "no reason for a quarantine";
  EXPECT_NE(got.error().message.find("pod web-2: container web: ContainerCreating"), std::string::npos) << got.error().message;
}

TEST_F(OddKubeInstaller, PodsOfAWorkloadThatIsHeldOrBelowThePartitionAreNotTouched) {
  auto& it = installer();
  edit([](json& set) {
    set["status"]["readyReplicas"] = 2;
    set["spec"]["updateStrategy"]["rollingUpdate"]["partition"] = 1;
  });
  add_pod("web-0", "r.test/app:1.0.0", {{"running", json::object()}}, "a");
  add_pod("web-1", "r.test/app:1.0.0", {{"running", json::object()}}, "a");
  host.wall += 6min;
  for (const auto* mark : {"upkeep.dev/skip", "upkeep.dev/suspend"}) {
    edit([&](json& set) { set["metadata"]["annotations"] = {{mark, "true"}}; });
    ASSERT_TRUE(run_task(it.keep()));
    EXPECT_NE(host.server.find(kPods + "web-1"), nullptr) << mark;
  }
  edit([](json& set) { set["metadata"].erase("annotations"); });
  ASSERT_TRUE(run_task(it.keep()));
  EXPECT_EQ(host.server.find(kPods + "web-1"), nullptr);
  EXPECT_NE(host.server.find(kPods + "web-0"), nullptr) << "it is meant to be old";
}

TEST_F(OddKubeInstaller, AWishIsTakenAwayWhoeverWroteItLastAndWithARoleThatOnlyReplaces) {
  edit([](json& set) { set["metadata"]["annotations"] = {{"upkeep.dev/force", "2.0.0"}}; });
  auto& it = installer();
  const auto wish = run_task(it.inspect(nullptr))->wishes.at(0);
  edit([](json& set) {
    json fields;
    fields["f:metadata"]["f:annotations"]["f:upkeep.dev/force"] = json::object();
    set["metadata"]["managedFields"] = {{{"manager", "kubectl-annotate"}, {"time", "2027-01-05T03:00:00Z"}, {"fieldsV1", fields}}};
  });
  EXPECT_EQ(run_task(it.inspect(nullptr))->wishes.at(0).identity, wish.identity) << "the same, written again";
  host.server.forbidden = {"patch statefulsets"};
  ASSERT_TRUE(run_task(it.taken(wish)));
  EXPECT_EQ(annotation("upkeep.dev/force"), "");
}

TEST_F(OddKubeInstaller, AnAnnotationThatIsNoneOfOursIsNotCarriedAlong) {
  edit([](json& set) { set["metadata"]["annotations"] = {{"upkeep.dev/version", std::string(5000, 'x')}}; });
  ASSERT_TRUE(run_task(installer().apply(change("r.test/app:2.0.0"), note, "")));
  EXPECT_EQ(note.last, "version=");
}

}  // namespace
}  // namespace upkeep::test

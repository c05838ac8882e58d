// SPDX-License-Identifier: Apache-2.0
// When a rollout is done, row by row as `kubectl rollout status` has it, and what pods say.
#include "installer/kubernetes/rollout.h"

#include <gtest/gtest.h>

#include "installer/kubernetes/progress.h"
#include "support/plugin_host.h"

namespace upkeep::test {
namespace {

namespace k8s = plugins::kubernetes;
using k8s::Kind;
using nlohmann::json;
using namespace std::chrono_literals;

json rolling_object(json spec, json status, int generation = 2, int observed = 2) {
  status["observedGeneration"] = observed;
  return {{"metadata", {{"generation", generation}}}, {"spec", std::move(spec)}, {"status", std::move(status)}};
}

TEST(Rollout, IsDoneByTheRulesOfKubectl) {
  struct Row {
    Kind kind;
    json object;
    bool done;
    const char* says;
  };
  const auto figures = [](int updated, int all, int available) {
    return json{{"updatedReplicas", updated}, {"replicas", all}, {"availableReplicas", available}, {"readyReplicas", available}};
  };
  const auto nodes = [](int wanted, int updated, int available) {
    return json{{"desiredNumberScheduled", wanted}, {"updatedNumberScheduled", updated}, {"numberAvailable", available}};
  };
  const auto revisions = [](int ready, int updated, const char* current, const char* update) {
    return json{{"readyReplicas", ready}, {"updatedReplicas", updated}, {"currentRevision", current}, {"updateRevision", update}};
  };
  const json three = {{"replicas", 3}};
  const json part = {{"replicas", 3}, {"updateStrategy", {{"rollingUpdate", {{"partition", 2}}}}}};
  for (const Row& row : {
           Row{Kind::deployment, rolling_object(three, figures(3, 3, 3)), true, "3 of 3 replicas are updated and available"},
           Row{Kind::deployment, rolling_object(three, figures(3, 3, 3), 3, 2), false, "not taken up the change yet"},
           Row{Kind::deployment, rolling_object(three, figures(2, 3, 3)), false, "2 of 3 replicas are updated"},
           Row{Kind::deployment, rolling_object(three, figures(3, 4, 3)), false, "1 old replicas are still there"},
           Row{Kind::deployment, rolling_object(three, figures(3, 3, 2)), false, "2 of 3 updated replicas are available"},
           Row{Kind::deployment, rolling_object(json::object(), figures(1, 1, 1)), true, "1 of 1"},
           Row{Kind::deployment, rolling_object({{"replicas", 0}}, figures(0, 0, 0)), true, "0 of 0"},
           Row{Kind::deployment, rolling_object({{"replicas", 0}}, figures(0, 2, 0)), false, "2 old replicas"},
           Row{Kind::daemon_set, rolling_object({}, nodes(3, 3, 3)), true, "3 of 3"},
           Row{Kind::daemon_set, rolling_object({}, nodes(3, 1, 3)), false, "1 of 3 pods are updated"},
           Row{Kind::daemon_set, rolling_object({}, nodes(3, 3, 2)), false, "2 of 3 updated pods are available"},
           Row{Kind::stateful_set, rolling_object(three, revisions(3, 3, "b", "b")), true, "3 of 3"},
           Row{Kind::stateful_set, rolling_object(three, revisions(3, 2, "a", "b")), false, "2 of 3 pods are updated"},
           Row{Kind::stateful_set, rolling_object(three, revisions(2, 3, "b", "b")), false, "2 of 3 pods are ready"},
           Row{Kind::stateful_set, rolling_object(part, revisions(3, 1, "a", "b")), true, "1 of 1 pods outside of the partition"},
           Row{Kind::stateful_set, rolling_object(part, revisions(3, 0, "a", "b")), false, "0 of 1 pods outside of the partition"},
           Row{Kind::stateful_set, rolling_object(three, revisions(3, 3, "b", "b"), 1, 0), false, "not taken up the change yet"},
           Row{Kind::deployment, json::object(), false, "not taken up the change yet"},
           Row{Kind::deployment, {{"status", "x"}, {"spec", 5}, {"metadata", json::array()}}, false, "not taken up the change yet"},
       }) {
    const auto got = k8s::rollout_of(row.object, row.kind);
    EXPECT_EQ(got.done, row.done) << row.object;
    EXPECT_NE(got.text.find(row.says), std::string::npos) << got.text << " for " << row.object;
    EXPECT_FALSE(got.late);
  }
  auto late = rolling_object(three, figures(1, 4, 3));
  late["status"]["conditions"] = {{{"type", "Progressing"}, {"status", "False"}, {"reason", "ProgressDeadlineExceeded"}}};
  EXPECT_TRUE(k8s::rollout_of(late, Kind::deployment).late);
}

TEST(Rollout, ItsFiguresAreThoseOfItsKind) {
  const auto set =
      rolling_object({{"replicas", 3}}, {{"updatedReplicas", 1}, {"replicas", 3}, {"readyReplicas", 2}, {"availableReplicas", 1}}, 4, 4);
  EXPECT_EQ(k8s::rollout_of(set, Kind::stateful_set).figures, (k8s::Figures{4, 1, 3, 2}));
  const auto everywhere = rolling_object(
      json::object(), {{"updatedNumberScheduled", 2}, {"currentNumberScheduled", 5}, {"numberReady", 4}, {"numberAvailable", 3}}, 4, 4);
  EXPECT_EQ(k8s::rollout_of(everywhere, Kind::daemon_set).figures, (k8s::Figures{4, 2, 7, 3}));
}

TEST(Rollout, OnlyWhatGetsFurtherThanEverIsProgress) {
  PluginHost host;
  k8s::Progress progress(host.clock(), std::chrono::seconds(10));
  const auto late_after = [&](const k8s::Figures& figures) {
    host.boot += std::chrono::seconds(9);
    progress.see(figures);
    host.boot += std::chrono::seconds(9);
    return progress.late();
  };
  EXPECT_FALSE(late_after({1, 0, 3, 3}));
  EXPECT_FALSE(late_after({2, 0, 3, 3})) << "taken up";
  EXPECT_FALSE(late_after({2, 1, 2, 2})) << "one more is updated, and one less is available";
  EXPECT_FALSE(late_after({2, 1, 3, 2})) << "it is available";
  EXPECT_FALSE(late_after({2, 1, 3, 1})) << "an old one is gone";
  EXPECT_TRUE(late_after({2, 1, 2, 2})) << "back and forth";
  EXPECT_TRUE(late_after({2, 1, 3, 1}));
  EXPECT_FALSE(late_after({2, 2, 1, 1}));
}

json pod_with(const std::string& name, const json& container_status, bool ready = false) {
  json out;
  out["metadata"] = {{"name", name}, {"uid", "u-" + name}, {"labels", {{"controller-revision-hash", "web-1"}}}};
  out["spec"]["containers"] = {{{"name", "web"}, {"image", "r.test/app:2.0.0"}}, {{"name", "proxy"}, {"image", "p:1"}}};
  out["status"]["conditions"] = {{{"type", "Ready"}, {"status", ready ? "True" : "False"}, {"lastTransitionTime", "2027-01-05T02:00:00Z"}}};
  json status = container_status;
  status["name"] = "web";
  out["status"]["containerStatuses"] = {status};
  return out;
}

TEST(PodTrouble, CrashesEndEarlyAndWhatWaitsIsQuoted) {
  struct Row {
    json status;
    const char *crash, *waits;
  };
  const auto waiting = [](const char* reason, const char* message, int restarts = 0) {
    return json{{"restartCount", restarts}, {"state", {{"waiting", {{"reason", reason}, {"message", message}}}}}};
  };
  auto killed = waiting("CrashLoopBackOff", "back-off", 4);
  killed["lastState"]["terminated"] = {{"exitCode", 137}, {"reason", "OOMKilled"}, {"message", "out of\nmemory"}};
  for (const Row& row : {
           Row{waiting("CrashLoopBackOff", "back-off", 2), "container web: exit code 0, 2 restarts", ""},
           Row{waiting("CrashLoopBackOff", "back-off", 1), "", ""},  // once may be a neighbour's fault
           Row{killed, "container web: exit code 137, 4 restarts (OOMKilled): \"out of?memory\"", ""},
           Row{waiting("ImagePullBackOff", "Back-off pulling image"), "", "container web: ImagePullBackOff: \"Back-off pulling image\""},
           Row{waiting("CreateContainerConfigError", "secret \"x\" not found"), "", "CreateContainerConfigError"},
           Row{waiting("ContainerCreating", ""), "", ""},
           Row{waiting("PodInitializing", ""), "", ""},
           Row{{{"state", {{"running", json::object()}}}}, "", ""},
           Row{{{"state", "odd"}, {"restartCount", "many"}}, "", ""},
       }) {
    const auto pod = k8s::read_pod(pod_with("web-0", row.status));
    EXPECT_EQ(pod.crash, row.crash) << row.status;
    EXPECT_NE(pod.waits.find(row.waits), std::string::npos) << pod.waits;
    if (*row.waits == 0) {
      EXPECT_EQ(pod.waits, "");
    }
  }
  auto unschedulable = pod_with("web-0", json::object());
  unschedulable["status"]["conditions"].push_back(
      {{"type", "PodScheduled"}, {"status", "False"}, {"reason", "Unschedulable"}, {"message", "0/3 nodes are available"}});
  EXPECT_EQ(k8s::read_pod(unschedulable).waits, "Unschedulable: \"0/3 nodes are available\"");
  EXPECT_EQ(k8s::read_pod(json::object()).name, "");
}

TEST(PodTrouble, CountsOnlyPodsOfTheNewImages) {
  json crash = {{"restartCount", 5}, {"state", {{"waiting", {{"reason", "CrashLoopBackOff"}}}}}};
  auto old = pod_with("web-0", crash);
  old["spec"]["containers"][0]["image"] = "r.test/app:1.0.0";
  auto leaving = pod_with("web-1", crash);
  leaving["metadata"]["deletionTimestamp"] = "2027-01-05T02:00:00Z";
  const std::vector<k8s::Container> images = {{"web", "r.test/app:2.0.0"}};
  EXPECT_EQ(k8s::trouble_of({k8s::read_pod(old), k8s::read_pod(leaving)}, images).crash, "");
  EXPECT_EQ(k8s::trouble_of({k8s::read_pod(old), k8s::read_pod(pod_with("web-2", crash))}, images).crash,
            "pod web-2: container web: exit code 0, 5 restarts");
  std::vector<k8s::Pod> many(500, k8s::read_pod(pod_with("web-2", crash)));
  EXPECT_EQ(k8s::trouble_of(many, images).all.size(), 20U);
  EXPECT_FALSE(k8s::has_images(k8s::read_pod(pod_with("x", {})), {{"web", "r.test/app:2.0.0"}, {"proxy", "p:2"}}));
}

TEST(PodHealth, IsTheFiveMinuteRule) {
  const auto at = sdk::parse_rfc3339("2027-01-05T02:00:00Z").value();
  auto pod = k8s::read_pod(pod_with("web-0", json::object()));
  EXPECT_TRUE(k8s::is_healthy(pod, at + 5min));
  EXPECT_FALSE(k8s::is_healthy(pod, at + 5min + 1ms));
  EXPECT_TRUE(k8s::is_healthy(k8s::read_pod(pod_with("web-0", json::object(), true)), at + 24h));
  pod.deleting = true;
  EXPECT_TRUE(k8s::is_healthy(pod, at + 24h)) << "it is being dealt with";
  EXPECT_FALSE(k8s::is_healthy(k8s::Pod(), at)) << "no condition at all";
}

}  // namespace
}  // namespace upkeep::test

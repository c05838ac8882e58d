// SPDX-License-Identifier: Apache-2.0
#include "installer/kubernetes/rollout.h"

#include <algorithm>

#include "sdk/text.h"

namespace upkeep::plugins::kubernetes {

using shared::kube::at;
using shared::kube::list_at;
using shared::kube::number_at;
using shared::kube::text_at;

namespace {

constexpr std::size_t kLongestMessage = 300;
constexpr std::int64_t kCrashes = 2;  // once may be a neighbour that was not there yet

std::string of(std::int64_t some, std::int64_t all, const char* what) {
  return std::to_string(some) + " of " + std::to_string(all) + " " + what;
}

const Json* condition(const Json& object, std::string_view type) {
  for (const Json& one : list_at(object, "/status/conditions")) {
    if (text_at(one, "/type") == type) return &one;
  }
  return nullptr;
}

Rollout deployment(const Json& object) {
  Rollout out;
  const auto wanted = number_at(object, "/spec/replicas", 1), all = number_at(object, "/status/replicas", 0);
  const auto updated = number_at(object, "/status/updatedReplicas", 0), ready = number_at(object, "/status/availableReplicas", 0);
  if (const Json* progress = condition(object, "Progressing")) out.late = text_at(*progress, "/reason") == "ProgressDeadlineExceeded";
  if (updated < wanted) {
    out.text = of(updated, wanted, "replicas are updated");
  } else if (all > updated) {
    out.text = std::to_string(all - updated) + " old replicas are still there";
  } else if (ready < updated) {
    out.text = of(ready, updated, "updated replicas are available");
  } else {
    out.done = true;
    out.text = of(ready, wanted, "replicas are updated and available");
  }
  return out;
}

Rollout daemon_set(const Json& object) {
  Rollout out;
  const auto wanted = number_at(object, "/status/desiredNumberScheduled", 0);
  const auto updated = number_at(object, "/status/updatedNumberScheduled", 0), ready = number_at(object, "/status/numberAvailable", 0);
  if (updated < wanted) {
    out.text = of(updated, wanted, "pods are updated");
  } else if (ready < wanted) {
    out.text = of(ready, wanted, "updated pods are available");
  } else {
    out.done = true;
    out.text = of(ready, wanted, "pods are updated and available");
  }
  return out;
}

Rollout stateful_set(const Json& object) {
  Rollout out;
  const auto wanted = number_at(object, "/spec/replicas", 1), ready = number_at(object, "/status/readyReplicas", 0);
  const auto updated = number_at(object, "/status/updatedReplicas", 0);
  const auto partition = number_at(object, "/spec/updateStrategy/rollingUpdate/partition", 0);
  const auto update = text_at(object, "/status/updateRevision");
  const auto to_update = std::max<std::int64_t>(wanted - partition, 0);
  if (ready < wanted) {
    out.text = of(ready, wanted, "pods are ready");
  } else if (partition > 0) {
    out.done = updated >= to_update;
    out.text = of(updated, to_update, "pods outside of the partition are updated");
  } else {
    out.done = wanted == 0 || update == text_at(object, "/status/currentRevision");
    out.text = out.done ? of(ready, wanted, "pods are updated and ready") : of(updated, wanted, "pods are updated");
  }
  return out;
}

// What a container status (core/v1) says: it starts again and again, or cannot start.
void read_container(const Json& status, Pod& pod) {
  const std::string reason = text_at(status, "/state/waiting/reason");
  const auto restarts = number_at(status, "/restartCount", 0);
  const std::string name = "container " + text_at(status, "/name");
  const auto* now = at(status, "/state/running");
  const auto* before = at(status, "/lastState/terminated");
  pod.ran = pod.ran || now || before || at(status, "/state/terminated") || restarts > 0;
  if (reason == "CrashLoopBackOff" && restarts >= kCrashes && pod.crash.empty()) {
    pod.crash = name + ": exit code " + std::to_string(number_at(status, "/lastState/terminated/exitCode", 0)) + ", " +
                std::to_string(restarts) + " restarts";
    if (const auto why = text_at(status, "/lastState/terminated/reason"); !why.empty() && why != "Error") pod.crash += " (" + why + ")";
    if (const auto last = text_at(status, "/lastState/terminated/message"); !last.empty())
      pod.crash += ": " + sdk::quoted(last, kLongestMessage);
  } else if (reason == "ContainerCreating" || reason == "PodInitializing") {
    if (pod.starting.empty()) pod.starting = name + ": " + reason + ", as `kubectl describe pod` tells";
  } else if (!reason.empty() && reason != "CrashLoopBackOff" && pod.waits.empty()) {
    pod.waits = name + ": " + reason;
    if (const auto message = text_at(status, "/state/waiting/message"); !message.empty())
      pod.waits += ": " + sdk::quoted(message, kLongestMessage);
  }
}

}  // namespace

Rollout rollout_of(const Json& workload, Kind kind) {
  const auto generation = number_at(workload, "/metadata/generation", 0), observed = number_at(workload, "/status/observedGeneration", 0);
  Rollout out;
  if (observed < generation || observed == 0) {
    out.text = "the cluster has not taken up the change yet";
  } else {
    out = kind == Kind::deployment ? deployment(workload) : kind == Kind::daemon_set ? daemon_set(workload) : stateful_set(workload);
  }
  out.figures.observed = observed;
  const bool everywhere = kind == Kind::daemon_set;
  out.figures.updated = number_at(workload, everywhere ? "/status/updatedNumberScheduled" : "/status/updatedReplicas", 0);
  // A StatefulSet counts the available ones by minReadySeconds, and older servers not at all.
  out.figures.available = number_at(workload, everywhere ? "/status/numberAvailable" : "/status/availableReplicas", 0) +
                          number_at(workload, everywhere ? "/status/numberReady" : "/status/readyReplicas", 0);
  const auto all = number_at(workload, everywhere ? "/status/currentNumberScheduled" : "/status/replicas", 0);
  out.figures.old = std::max<std::int64_t>(all - out.figures.updated, 0);
  return out;
}

Pod read_pod(const Json& pod) {
  Pod out;
  out.name = text_at(pod, "/metadata/name");
  out.uid = text_at(pod, "/metadata/uid");
  out.deleting = !text_at(pod, "/metadata/deletionTimestamp").empty();
  out.revision = shared::kube::member_at(pod, "/metadata/labels", "controller-revision-hash").value_or("");
  for (const Json& one : list_at(pod, "/spec/containers")) out.images[text_at(one, "/name")] = text_at(one, "/image");
  if (const Json* ready = condition(pod, "Ready")) {
    out.has_ready_condition = true;
    out.ready = text_at(*ready, "/status") == "True";
    out.ready_since = sdk::parse_rfc3339(text_at(*ready, "/lastTransitionTime")).value_or(sdk::TimePoint());
  }
  if (const Json* scheduled = condition(pod, "PodScheduled"); scheduled && text_at(*scheduled, "/status") == "False")
    out.waits = text_at(*scheduled, "/reason") + ": " + sdk::quoted(text_at(*scheduled, "/message"), kLongestMessage);
  for (const char* list : {"/status/initContainerStatuses", "/status/containerStatuses"}) {
    for (const Json& status : list_at(pod, list)) read_container(status, out);
  }
  return out;
}

bool is_healthy(const Pod& pod, sdk::TimePoint now) {
  constexpr sdk::Millis kPatience = std::chrono::minutes(5);
  if (pod.deleting) return true;
  if (!pod.has_ready_condition) return false;
  return pod.ready || pod.ready_since + kPatience >= now;
}

bool has_images(const Pod& pod, const std::vector<Container>& images) {
  return std::all_of(images.begin(), images.end(), [&](const Container& one) {
    const auto found = pod.images.find(one.name);
    return found != pod.images.end() && found->second == one.image;
  });
}

Trouble trouble_of(const std::vector<Pod>& pods, const std::vector<Container>& images) {
  constexpr std::size_t kMost = 20;
  Trouble out;
  for (const Pod& pod : pods) {
    if (pod.deleting || !has_images(pod, images)) continue;
    if (!pod.starting.empty() && out.starting.empty()) out.starting = "pod " + pod.name + ": " + pod.starting;
    for (const auto& [from, into] : {std::pair(&pod.crash, &out.crash), std::pair(&pod.waits, &out.waits)}) {
      if (from->empty()) continue;
      const std::string said = "pod " + pod.name + ": " + *from;
      if (into->empty()) *into = said;
      if (out.all.size() < kMost) out.all.push_back(said);
    }
  }
  return out;
}

}  // namespace upkeep::plugins::kubernetes

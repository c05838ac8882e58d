// SPDX-License-Identifier: Apache-2.0
#pragma once
// How far a rollout is, by the rules of `kubectl rollout status` (kubectl's rollout_status.go), and what its pods say. Pure.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "installer/kubernetes/workload.h"
#include "sdk/time.h"

namespace upkeep::plugins::kubernetes {

struct Figures {
  std::int64_t observed = -1, updated = 0, available = 0, old = 0;  // the generation that the controller has taken up; pods
  bool operator==(const Figures&) const = default;
};

struct Rollout {
  bool done = false;
  bool late = false;  // a Deployment's own progress deadline has passed
  std::string text;   // for people: "2 of 3 replicas are updated"
  Figures figures;
};
[[nodiscard]] Rollout rollout_of(const Json& workload, Kind kind);

// One pod, as far as it matters here.
struct Pod {
  std::string name, uid, revision;            // revision: its controller-revision-hash, empty for a Deployment's
  std::map<std::string, std::string> images;  // of its containers, as the pod's spec has them
  bool ready = false, deleting = false;
  bool has_ready_condition = false;
  sdk::TimePoint ready_since;  // since when it is ready or is not
  std::string crash;           // a container starts again and again: "container app: exit code 1, 4 restarts"; empty: none does
  bool ran = false;            // a container of it has run, so what it does is the version's doing
  std::string waits;           // no image, no node, no volume: the kubelet's or scheduler's own words; empty: nothing of the kind
  std::string starting;        // what it waits for at first, and is trouble only when that lasts: a volume, a network, a large image
};
[[nodiscard]] Pod read_pod(const Json& pod);

// Ready; or being deleted; or not ready for at most five minutes (Teleport's rule, pkg/podutils/filter.go).
[[nodiscard]] bool is_healthy(const Pod& pod, sdk::TimePoint now);

// What is wrong with the pods that have these images.
struct Trouble {
  std::string crash;             // of the first pod that crashes: "pod web-2: container app: exit code 1, 4 restarts"; empty: none
  std::string waits;             // of the first that cannot start: "pod web-2: ImagePullBackOff: …"; empty: none
  std::string starting;          // of the first that has not started yet; empty: none
  std::vector<std::string> all;  // of each, at most 20
};
[[nodiscard]] Trouble trouble_of(const std::vector<Pod>& pods, const std::vector<Container>& images);
// Whether the pod has these images: that is of this revision. Its template may have been patched for other reasons meanwhile.
[[nodiscard]] bool has_images(const Pod& pod, const std::vector<Container>& images);

}  // namespace upkeep::plugins::kubernetes

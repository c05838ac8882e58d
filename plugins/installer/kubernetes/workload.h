// SPDX-License-Identifier: Apache-2.0
#pragma once
// A Deployment, StatefulSet or DaemonSet as the API server sent it (apps/v1), read without trusting that anything is there. Pure.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/result.h"
#include "shared/kube/json.h"
#include "shared/kube/resource.h"

namespace upkeep::plugins::kubernetes {

using shared::kube::Json;

enum class Kind { deployment, stateful_set, daemon_set };
// "statefulset/teleport-agent", with the kinds and short names that kubectl knows ("sts", "statefulsets.apps"); any case.
struct WorkloadName {
  Kind kind = Kind::deployment;
  std::string name;
};
[[nodiscard]] sdk::Result<WorkloadName> parse_workload(std::string_view text);
[[nodiscard]] std::string_view shown(Kind kind);  // "statefulset"
[[nodiscard]] shared::kube::Resource resource_of(const WorkloadName& name, const std::string& space);

// Containers by name with their images, in the order of the pod template; init containers are not among them.
struct Container {
  std::string name, image;
};
[[nodiscard]] std::vector<Container> containers(const Json& workload);

// The container that is managed: the configured one, or the only one, or the one named like the workload. invalid: lists them.
[[nodiscard]] sdk::Result<std::string> managed_container(const Json& workload, const std::string& configured);
// The image of a container. invalid: the workload has none of that name.
[[nodiscard]] sdk::Result<std::string> image_of(const Json& workload, const std::string& container);

// How its pods are replaced, where that can be said: "RollingUpdate", "Recreate", "OnDelete".
[[nodiscard]] std::string strategy(const Json& workload);
// Why its pods would not follow a new image; empty: they will.
[[nodiscard]] std::string not_rolling(const Json& workload, Kind kind);
// Pods that are wanted: replicas (1 when absent), or the nodes that a DaemonSet is meant for.
[[nodiscard]] std::int64_t wanted_pods(const Json& workload, Kind kind);
// Whether at least one pod of before stays until a new one is ready, whatever the new one does.
[[nodiscard]] bool one_pod_survives(const Json& workload, Kind kind);

// The labels that its pods have, as a labelSelector ("a=b,c in (d,e)"). invalid: none, or an operator that is not known.
[[nodiscard]] sdk::Result<std::string> selector(const Json& workload);

[[nodiscard]] std::string resource_version(const Json& object);
// The annotation of the workload itself, not of its pods.
[[nodiscard]] std::optional<std::string> annotation(const Json& workload, std::string_view name);

// Teleport's annotation has the values of Go's strconv.ParseBool; what is none of them does not skip.
[[nodiscard]] bool go_true(std::string_view text);

// Who wrote a field last, of metadata.managedFields.
struct Manager {
  std::string name, time;  // "kubectl-edit", RFC 3339; empty: not known
};
// Of a container's image.
[[nodiscard]] Manager manager_of_image(const Json& workload, const std::string& container);
// Of an annotation.
[[nodiscard]] Manager manager_of_annotation(const Json& workload, const std::string& name);

}  // namespace upkeep::plugins::kubernetes

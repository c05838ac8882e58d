// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where in the cluster the journals are, with `name` = "upkeep":
//
//   Lease upkeep             its holder may write them
//   ConfigMap upkeep         a key for each agent that has a journal, with the name of its ConfigMap
//   ConfigMap upkeep-AGENT   key journal.jsonl; the annotation upkeep.dev/writer says whose writes count

#include <string>

#include "sdk/config.h"
#include "sdk/host.h"
#include "shared/kube/api.h"

namespace upkeep::plugins::configmap {

namespace kube = shared::kube;

struct Place {
  std::string space, name;
  std::string identity;  // of this daemon, as the Lease's holder
  [[nodiscard]] kube::Resource lease() const { return {"coordination.k8s.io/v1", "leases", space, name}; }
  [[nodiscard]] kube::Resource index() const { return {"v1", "configmaps", space, name}; }
  [[nodiscard]] kube::Resource journal(const std::string& agent) const { return {"v1", "configmaps", space, name + "-" + agent}; }
};

// The identity that is not configured is the pod's name and a token of the state folder: it outlives a container, and two pods of one
// host's name (hostNetwork) have two. Errors: no namespace; no random token can be kept.
[[nodiscard]] sdk::Result<Place> place_of(sdk::Host& host, kube::Api& api, const sdk::Config& config);

// A failure as the engine takes errors of a store: Errc::invalid would say that the journal is damaged, and no refusal says so.
[[nodiscard]] sdk::Error as_trouble(const kube::Failure& failure);

}  // namespace upkeep::plugins::configmap

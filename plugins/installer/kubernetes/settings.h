// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the configuration says of one workload.

#include <string>
#include <vector>

#include "installer/kubernetes/workload.h"
#include "sdk/time.h"

namespace upkeep::plugins::kubernetes {

struct Settings {
  WorkloadName workload;
  std::string space;              // namespace; empty: the pod's own, or the kubeconfig's
  std::string container;          // empty: see managed_container
  std::string image;              // repository without tag; empty: today's
  std::vector<std::string> also;  // containers that move together with it
  std::string tag;                // template; empty: see tag_of
  sdk::Millis progress_deadline{};
  std::string status_config_map;  // empty: none
};

}  // namespace upkeep::plugins::kubernetes

// SPDX-License-Identifier: Apache-2.0
// Who wrote what, as the API server keeps it for server-side apply (kubernetes.io/docs/reference/using-api/server-side-apply,
// managedFields).
#include "installer/kubernetes/workload.h"

namespace upkeep::plugins::kubernetes {

using shared::kube::list_at;
using shared::kube::text_at;

namespace {

// Walks down from member to member; nullptr: there is no such way.
const Json* down(const Json& from, const std::vector<std::string>& way) {
  const Json* here = &from;
  for (const auto& step : way) {
    if (!here->is_object()) return nullptr;
    const auto found = here->find(step);
    if (found == here->end()) return nullptr;
    here = &*found;
  }
  return here;
}

// Several may own a field, when they applied the same value; the last of them is who wrote it so.
Manager manager_of(const Json& workload, const std::vector<std::string>& way) {
  Manager out;
  for (const Json& entry : list_at(workload, "/metadata/managedFields")) {
    const auto fields = entry.find("fieldsV1");
    if (fields == entry.end() || !down(*fields, way)) continue;
    const std::string time = text_at(entry, "/time");  // RFC 3339 in UTC: as texts they are in the order of time
    if (out.name.empty() || time >= out.time) out = {text_at(entry, "/manager"), time};
  }
  return out;
}

}  // namespace

Manager manager_of_image(const Json& workload, const std::string& container) {
  const std::string key = "k:" + Json{{"name", container}}.dump();
  return manager_of(workload, {"f:spec", "f:template", "f:spec", "f:containers", key, "f:image"});
}

Manager manager_of_annotation(const Json& workload, const std::string& name) {
  return manager_of(workload, {"f:metadata", "f:annotations", "f:" + name});
}

}  // namespace upkeep::plugins::kubernetes

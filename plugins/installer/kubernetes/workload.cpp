// SPDX-License-Identifier: Apache-2.0
#include "installer/kubernetes/workload.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sdk/text.h"

namespace upkeep::plugins::kubernetes {

using sdk::Errc;
using sdk::fail;
using sdk::Result;
using shared::kube::list_at;
using shared::kube::number_at;
using shared::kube::text_at;

namespace {

constexpr std::array<std::pair<std::string_view, Kind>, 9> kKinds = {{{"deployment", Kind::deployment},
                                                                      {"deployments", Kind::deployment},
                                                                      {"deploy", Kind::deployment},
                                                                      {"statefulset", Kind::stateful_set},
                                                                      {"statefulsets", Kind::stateful_set},
                                                                      {"sts", Kind::stateful_set},
                                                                      {"daemonset", Kind::daemon_set},
                                                                      {"daemonsets", Kind::daemon_set},
                                                                      {"ds", Kind::daemon_set}}};

// An absolute number or a share of the pods ("25%"), as Kubernetes rounds it: down for what may be missing, up for what may be too many.
std::int64_t pods(const Json* value, std::int64_t of, std::int64_t fallback, bool up) {
  constexpr std::int64_t kHundred = 100;
  if (!value) return fallback;
  if (value->is_number_integer()) return value->get<std::int64_t>();
  if (!value->is_string()) return fallback;
  const std::string text = value->get<std::string>();
  if (!text.ends_with('%')) return fallback;
  const auto share = sdk::parse_number(std::string_view(text).substr(0, text.size() - 1));
  if (!share || *share > kHundred * kHundred) return fallback;
  return (static_cast<std::int64_t>(*share) * of + (up ? kHundred - 1 : 0)) / kHundred;
}

}  // namespace

Result<WorkloadName> parse_workload(std::string_view text) {
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    std::string kind = sdk::lower(text.substr(0, slash));
    if (kind.ends_with(".apps")) kind.resize(kind.size() - 5);
    const auto* found = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& one) { return one.first == kind; });
    WorkloadName out;
    out.name = text.substr(slash + 1);
    if (found != kKinds.end() && shared::kube::is_name(out.name)) {
      out.kind = found->second;
      return out;
    }
  }
  return fail(Errc::invalid, sdk::quoted(text) + " is no workload: deployment/NAME, statefulset/NAME or daemonset/NAME");
}

std::string_view shown(Kind kind) {
  switch (kind) {
    case Kind::deployment:
      return "deployment";
    case Kind::stateful_set:
      return "statefulset";
    case Kind::daemon_set:
      break;
  }
  return "daemonset";
}

shared::kube::Resource resource_of(const WorkloadName& name, const std::string& space) {
  return {"apps/v1", std::string(shown(name.kind)) + "s", space, name.name};
}

std::vector<Container> containers(const Json& workload) {
  std::vector<Container> out;
  for (const Json& one : list_at(workload, "/spec/template/spec/containers"))
    out.push_back({text_at(one, "/name"), text_at(one, "/image")});
  return out;
}

Result<std::string> managed_container(const Json& workload, const std::string& configured) {
  const auto all = containers(workload);
  const std::string wanted = configured.empty() ? text_at(workload, "/metadata/name") : configured;
  for (const auto& one : all) {
    if (one.name == wanted) return one.name;
  }
  if (configured.empty() && all.size() == 1) return all.front().name;
  constexpr std::size_t kMostShown = 10;
  std::string names;
  for (std::size_t i = 0; i < std::min(all.size(), kMostShown); ++i) names += (i == 0 ? "" : ", ") + sdk::quoted(all[i].name);
  if (all.size() > kMostShown) names += ", …";
  if (!configured.empty()) return fail(Errc::invalid, "it has no container " + sdk::quoted(configured) + ", only " + names);
  return fail(Errc::invalid, "it has several containers, none named like it: say with `container` which one is kept (" + names + ")");
}

Result<std::string> image_of(const Json& workload, const std::string& container) {
  for (const auto& one : containers(workload)) {
    if (one.name == container) return one.image;
  }
  return fail(Errc::invalid, "it has no container " + sdk::quoted(container));
}

std::string strategy(const Json& workload) {
  const std::string deployment = text_at(workload, "/spec/strategy/type");
  return deployment.empty() ? text_at(workload, "/spec/updateStrategy/type") : deployment;
}

std::string not_rolling(const Json& workload, Kind kind) {
  if (shared::kube::flag_at(workload, "/spec/paused")) return "it is paused (kubectl rollout resume goes on with it)";
  if (kind != Kind::deployment && strategy(workload) == "OnDelete")
    return "its update strategy is OnDelete, by which pods are only replaced when somebody deletes them; RollingUpdate is what Upkeep "
           "needs";
  return "";
}

std::int64_t wanted_pods(const Json& workload, Kind kind) {
  return kind == Kind::daemon_set ? number_at(workload, "/status/desiredNumberScheduled", 0) : number_at(workload, "/spec/replicas", 1);
}

// The defaults are those of apps/v1: 25 % for a Deployment, 1 for the others, no surge for a DaemonSet.
bool one_pod_survives(const Json& workload, Kind kind) {
  const auto wanted = wanted_pods(workload, kind);
  if (wanted == 0 || strategy(workload) == "Recreate" || strategy(workload) == "OnDelete") return false;
  if (kind == Kind::deployment) {
    auto missing = pods(shared::kube::at(workload, "/spec/strategy/rollingUpdate/maxUnavailable"), wanted, wanted / 4, false);
    const auto surge = pods(shared::kube::at(workload, "/spec/strategy/rollingUpdate/maxSurge"), wanted, (wanted + 3) / 4, true);
    if (missing == 0 && surge == 0) missing = 1;  // as the controller resolves shares that both come to nothing
    return missing < wanted;
  }
  const auto missing = pods(shared::kube::at(workload, "/spec/updateStrategy/rollingUpdate/maxUnavailable"), wanted, 1, true);
  if (kind == Kind::stateful_set) {
    const auto partition = number_at(workload, "/spec/updateStrategy/rollingUpdate/partition", 0);
    return partition > 0 || std::max<std::int64_t>(missing, 1) < wanted;
  }
  return missing < wanted;
}

Result<std::string> selector(const Json& workload) {
  std::string out;
  const auto add = [&](const std::string& one) { out += (out.empty() ? "" : ",") + one; };
  if (const Json* labels = shared::kube::at(workload, "/spec/selector/matchLabels"); labels && labels->is_object()) {
    for (const auto& [key, value] : labels->items()) {
      if (value.is_string()) add(key + "=" + value.get<std::string>());
    }
  }
  for (const Json& rule : list_at(workload, "/spec/selector/matchExpressions")) {
    const std::string key = text_at(rule, "/key"), op = text_at(rule, "/operator");
    std::string values;
    for (const Json& value : list_at(rule, "/values")) {
      if (value.is_string()) values += (values.empty() ? "" : ",") + value.get<std::string>();
    }
    if (op == "In") {
      add(key + " in (" + values + ")");
    } else if (op == "NotIn") {
      add(key + " notin (" + values + ")");
    } else if (op == "Exists") {
      add(key);
    } else if (op == "DoesNotExist") {
      add("!" + key);
    } else {
      return fail(Errc::invalid, "its selector has the operator " + sdk::quoted(op) + ", which is not known");
    }
  }
  if (out.empty()) return fail(Errc::invalid, "it has no selector");  // an empty one would be every pod of the namespace
  return out;
}

std::string resource_version(const Json& object) { return text_at(object, "/metadata/resourceVersion"); }

std::optional<std::string> annotation(const Json& workload, std::string_view name) {
  return shared::kube::member_at(workload, "/metadata/annotations", name);
}

bool go_true(std::string_view text) {
  return text == "1" || text == "t" || text == "T" || text == "TRUE" || text == "true" || text == "True";
}

}  // namespace upkeep::plugins::kubernetes

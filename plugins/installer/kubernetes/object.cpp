// SPDX-License-Identifier: Apache-2.0
// The workload as a place to speak: what its annotations ask for, what is told there, and the watch that wakes the agent.
#include <utility>

#include "installer/kubernetes/installer.h"
#include "sdk/text.h"
#include "sdk/utf8.h"

namespace upkeep::plugins::kubernetes {

using sdk::Errc;
using sdk::fail;
using sdk::Result;
using sdk::Task;
using shared::kube::text_at;

namespace {

constexpr std::string_view kSuspend = "upkeep.dev/suspend", kForce = "upkeep.dev/force";
constexpr std::size_t kLongestReason = 500;

class FirstEvent final : public shared::kube::EventSink {
 public:
  bool event(shared::kube::Event event) override {
    seen = true;
    version = resource_version(event.object);
    return false;
  }
  bool seen = false;
  std::string version;
};

// Kubernetes' MicroTime.
std::string micro_time(sdk::TimePoint at) {
  std::string text = sdk::rfc3339(at);  // with milliseconds when they are not zero
  text.pop_back();
  if (text.find('.') == std::string::npos) text += ".000";
  return text + "000Z";
}

const char* reason_of(sdk::Happened what) {
  switch (what) {
    case sdk::Happened::started:
      return "UpgradeStarted";
    case sdk::Happened::committed:
      return "UpgradeCommitted";
    case sdk::Happened::rolled_back:
      return "UpgradeRolledBack";
    case sdk::Happened::refused:
      return "UpgradeRefused";
    case sdk::Happened::failed:
      return "UpgradeFailed";
    case sdk::Happened::overtaken:
      return "UpgradeOvertaken";
    case sdk::Happened::stuck:
      break;
  }
  return "UpgradeStuck";
}

}  // namespace

std::vector<sdk::Wish> KubernetesInstaller::wishes(const Json& workload) const {
  std::vector<sdk::Wish> out;
  for (const auto& [name, kind] : {std::pair(kSuspend, sdk::Wished::suspend), std::pair(kForce, sdk::Wished::force)}) {
    auto text = annotation(workload, name);
    if (!text) continue;
    if (text->size() > kLongestReason) text->resize(kLongestReason);
    const auto manager = manager_of_annotation(workload, std::string(name));
    sdk::Wish wish;
    wish.kind = kind;
    wish.text = std::string(sdk::trimmed(*text));
    wish.actor = manager.name;
    wish.place = "annotation " + std::string(name) + " of " + resource_.shown();
    wish.identity = text_at(workload, "/metadata/uid") + " " + wish.text;
    out.push_back(std::move(wish));
  }
  return out;
}

Task<Result<void>> KubernetesInstaller::taken(const sdk::Wish& wish) {
  auto workload = co_await read();
  if (!workload) co_return fail(workload.error());
  if (!*workload) co_return Result<void>();
  bool there = false;
  for (const auto& one : wishes(**workload)) there = there || (one.kind == wish.kind && one.identity == wish.identity);
  if (!there) co_return Result<void>();
  Json patch;
  patch["metadata"]["resourceVersion"] = resource_version(**workload);
  patch["metadata"]["annotations"][std::string(wish.kind == sdk::Wished::force ? kForce : kSuspend)] = nullptr;
  auto written = co_await api_.patch(resource_, shared::kube::Patch::merge, patch);
  if (!written && written.error().is(403)) {  // where only get and update are granted
    (*workload)->merge_patch(patch);
    written = co_await api_.replace(resource_, std::move(**workload));
  }
  if (!written) co_return fail(written.error().error);
  co_return Result<void>();
}

Task<Result<void>> KubernetesInstaller::tell(const sdk::Happening& happening) {
  if (auto found = find_namespace(); !found) co_return fail(found.error());
  constexpr std::size_t kLongestInstance = 128, kLongestName = 200;
  const std::string at = micro_time(happening.at);
  Json event = {{"apiVersion", "events.k8s.io/v1"}, {"kind", "Event"}};
  std::string name = settings_.workload.name.substr(0, kLongestName);
  while (!name.empty() && (name.back() == '.' || name.back() == '-')) name.pop_back();
  event["metadata"] = {{"name", name + "." + host_.random().hex(16)}, {"namespace", resource_.space}};
  event["eventTime"] = at;
  event["reportingController"] = "upkeep.dev/upkeepd";
  event["reportingInstance"] = ("upkeepd-" + host_.environment("HOSTNAME").value_or("here")).substr(0, kLongestInstance);
  event["action"] = "Upgrade";
  event["reason"] = reason_of(happening.what);
  event["type"] = sdk::alarming(happening.what) ? "Warning" : "Normal";
  // Who reads `kubectl describe` sees no other line than this one.
  constexpr std::size_t kLongestNote = 1000;
  const bool names = happening.to.empty() || happening.text.find(happening.to) != std::string::npos;
  event["note"] = sdk::valid_utf8((names ? "" : happening.to + ": ") + happening.text, kLongestNote);
  auto workload = co_await read();
  Json regarding = {{"apiVersion", "apps/v1"}, {"namespace", resource_.space}, {"name", settings_.workload.name}};
  regarding["kind"] = settings_.workload.kind == Kind::deployment     ? "Deployment"
                      : settings_.workload.kind == Kind::stateful_set ? "StatefulSet"
                                                                      : "DaemonSet";
  if (workload && *workload) regarding["uid"] = text_at(**workload, "/metadata/uid");  // kubectl describe finds events by it
  event["regarding"] = std::move(regarding);
  shared::kube::Resource events{"events.k8s.io/v1", "events", resource_.space, ""};
  auto posted = co_await api_.create(std::move(events), std::move(event));
  if (!posted) co_return fail(posted.error().error);
  co_return Result<void>();
}

Task<Result<void>> KubernetesInstaller::show(const std::string& status) {
  if (auto found = find_namespace(); !found) co_return fail(found.error());
  shared::kube::Resource config_map{"v1", "configmaps", resource_.space, settings_.status_config_map};
  Json patch;
  patch["data"][host_.agent() + ".json"] = status;
  auto written = co_await api_.patch(config_map, shared::kube::Patch::merge, patch);
  if (!written && written.error().is(403)) {  // where only get and update are granted
    auto object = co_await api_.get(config_map);
    if (!object) co_return fail(object.error().error);
    object->merge_patch(patch);
    written = co_await api_.replace(std::move(config_map), std::move(*object));
  }
  if (!written) co_return fail(written.error().error);
  co_return Result<void>();
}

Task<Result<void>> KubernetesInstaller::changed() {
  constexpr sdk::Millis kShort = std::chrono::seconds(1), kStarting = std::chrono::seconds(5), kWithoutRight = std::chrono::minutes(10);
  int refusals = 0;
  if (watched_from_.empty()) {
    auto workload = co_await read_existing();
    if (!workload) co_return fail(workload.error());
    watched_from_ = resource_version(*workload);
  }
  while (true) {
    const auto began = host_.clock().boot_now();
    FirstEvent first;
    auto watched = co_await api_.watch(resource_, watched_from_, first);
    if (watched && first.seen) {
      watched_from_ = first.version.empty() ? *watched : first.version;
      co_return Result<void>();
    }
    if (watched) {  // ended in peace, on a new version thanks to bookmarks
      watched_from_ = std::move(*watched);
      // client-go's reflector: one that ends at once without anything is an error.
      if (host_.clock().boot_now() - began < kShort) co_return fail(Errc::transient, "the API server ended the watch at once");
      continue;
    }
    if (watched.error().is(410)) {  // too old: look at what there is now
      watched_from_.clear();
      co_return Result<void>();
    }
    if (watched.error().is(403)) {
      // An API server that has just started refuses everybody for a moment; only what stays is a right that is missing.
      if (++refusals == 2)
        host_.log(sdk::LogLevel::warn, "changes of the workload are only seen at the next look: " + watched.error().error.message);
      const sdk::Millis pause = refusals == 1 ? kStarting : kWithoutRight;
      co_await host_.clock().sleep_for(pause);
      continue;
    }
    co_return fail(watched.error().error);
  }
}

}  // namespace upkeep::plugins::kubernetes

// SPDX-License-Identifier: Apache-2.0
#pragma once
// A StatefulSet of three pods in an API server in memory, its controllers, and the installer that keeps it.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "installer/kubernetes/plugin.h"
#include "support/kube_host.h"
#include "support/toml.h"

namespace upkeep::test {

inline const std::string kSet = "/apis/apps/v1/namespaces/default/statefulsets/web";
inline const std::string kPods = "/api/v1/namespaces/default/pods/";

class KubeNotes final : public sdk::Note {
 public:
  sdk::Task<sdk::Result<void>> write(std::string bytes) override {
    last = std::move(bytes);
    co_return sdk::Result<void>();
  }
  sdk::Task<sdk::Result<void>> record(sdk::Topic, std::vector<std::string> lines) override {
    recorded = std::move(lines);
    co_return sdk::Result<void>();
  }
  std::string last;
  std::vector<std::string> recorded;
};

class KubeInstaller : public testing::Test {
 protected:
  using json = nlohmann::json;
  using How = KubeFault::How;

  KubeInstaller() {
    host.wall = sdk::parse_rfc3339("2027-01-05T02:00:00Z").value();
    json set;
    set["metadata"] = {{"generation", 1}};
    set["spec"] = {{"replicas", 3}, {"selector", {{"matchLabels", {{"app", "web"}}}}}, {"updateStrategy", {{"type", "RollingUpdate"}}}};
    set["spec"]["template"]["spec"]["containers"] = {{{"name", "web"}, {"image", "r.test/app:1.2.3"}},
                                                     {{"name", "proxy"}, {"image", "r.test/proxy:7"}}};
    host.server.put(kSet, set);
    settle();
    host.server.on_write = [this](FakeKube&, const std::string& path) {
      if (path == kSet) rolled_out = false;
    };
    host.controllers = [this] {
      if (!rolled_out && works) settle();
    };
  }

  // The cluster has done what the workload says.
  void settle() {
    edit([](json& set) {
      const auto generation = set["metadata"].value("generation", 1);
      set["status"] = {{"observedGeneration", generation}, {"replicas", 3},          {"readyReplicas", 3},   {"updatedReplicas", 3},
                       {"availableReplicas", 3},           {"currentRevision", "b"}, {"updateRevision", "b"}};
    });
    rolled_out = true;
  }
  void edit(const std::function<void(json&)>& change) {
    auto set = *host.server.find(kSet);
    change(set);
    auto on_write = std::exchange(host.server.on_write, nullptr);
    host.server.put(kSet, set);
    host.server.on_write = std::move(on_write);
  }
  std::string image(std::size_t container = 0) {
    return (*host.server.find(kSet))["spec"]["template"]["spec"]["containers"][container]["image"];
  }
  std::string annotation(const std::string& name) {
    return host.server.find(kSet)->value("/metadata/annotations"_json_pointer, json::object()).value(name, "");
  }
  sdk::Installer& installer(const std::string& more = "") {
    const auto config = toml("workload = \"statefulset/web\"\nnamespace = \"default\"\n" + more + "[verify]\nresolve = false\n");
    auto made = std::get<sdk::Factory<sdk::Installer>>(plugins::kubernetes::kDescriptor.make)(host, config);
    if (!made) throw std::logic_error(made.error().message);
    made_ = std::move(*made);
    return *made_;
  }
  sdk::Change change(const std::string& to = "") {
    sdk::Change out;
    out.operation = "op-1";
    out.from = "r.test/app:1.2.3";
    out.to = to;
    out.target = sdk::Version::parse("2.0.0").value();
    return out;
  }
  void add_pod(const std::string& name, const std::string& of_image, const json& state, const std::string& revision = "b") {
    json pod;
    pod["metadata"] = {{"labels", {{"app", "web"}, {"controller-revision-hash", revision}}}};
    pod["spec"]["containers"] = {{{"name", "web"}, {"image", of_image}}};
    pod["status"] = {{"conditions", {{{"type", "Ready"}, {"status", "False"}, {"lastTransitionTime", "2027-01-05T02:00:00Z"}}}},
                     {"containerStatuses", {{{"name", "web"}, {"restartCount", 3}, {"state", state}}}}};
    host.server.put(kPods + name, pod);
  }
  void fault(How how, const std::string& method, int status = 500, int times = 1) {
    KubeFault one;
    one.how = how;
    one.method = method;
    one.part = "statefulsets";
    one.status = status;
    one.times = times;
    host.server.faults.push_back(one);
  }

  KubeHost host;
  KubeNotes note;
  bool rolled_out = true, works = true;

 private:
  std::unique_ptr<sdk::Installer> made_;
};

}  // namespace upkeep::test

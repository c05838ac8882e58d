// SPDX-License-Identifier: Apache-2.0
#pragma once
// A pod's view of a cluster in memory: FakeKube as its API server, a service account in its files, and a clock that goes on when somebody
// sleeps, which is also when the cluster's controllers work.

#include <functional>
#include <string>
#include <vector>

#include "support/kube_http.h"
#include "support/plugin_host.h"

namespace upkeep::test {

class KubeHost : public PluginHost {
 public:
  KubeHost() { make_pod(contents, variables, "upkeep-0"); }
  FakeKube server;
  std::function<void()> controllers;  // after each sleep
  std::vector<std::string> progressed;

  sdk::Http& http() override { return http_; }
  void progress(const sdk::Progress& progress) override { progressed.push_back(progress.text); }

 private:
  sdk::Task<void> sleep_for(sdk::Millis duration) override {
    if (++sleeps_ > kMostSleeps) throw std::logic_error("this never ends");
    boot += duration;
    wall += duration;
    if (controllers) controllers();
    co_return;
  }
  std::string hex(std::size_t digits) override {
    auto text = std::to_string(++count_);
    return std::string(digits - std::min(digits, text.size()), '0') + text;
  }

  static constexpr int kMostSleeps = 20'000;
  KubeHttp http_{server, clock()};
  int sleeps_ = 0, count_ = 0;
};

}  // namespace upkeep::test

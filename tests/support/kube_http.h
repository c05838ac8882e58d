// SPDX-License-Identifier: Apache-2.0
#pragma once
// FakeKube behind sdk::Http: with a clock, so that what is late is late, and with watches.

#include <memory>

#include "sdk/host.h"
#include "support/fake_kube.h"

namespace upkeep::test {

class KubeHttp : public sdk::Http {
 public:
  // Both outlive it.
  KubeHttp(FakeKube& server, sdk::Clock& clock) : server_(server), clock_(clock) {}
  sdk::Task<sdk::Result<sdk::HttpResponse>> fetch(sdk::HttpRequest request) override;
  // A watch's lines come as things change, looked at each 100 ms; a bookmark comes every 30 s where it was asked for.
  sdk::Task<sdk::Result<sdk::HttpResponse>> stream(sdk::HttpRequest request, sdk::LineSink& sink) override;

 private:
  FakeKube& server_;
  sdk::Clock& clock_;
};

// What a pod finds of its service account and in its environment, for the maps of a fake host.
template <typename Files>
void make_pod(Files& files, std::map<std::string, std::string>& environment, const std::string& name) {
  const std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount/";
  files.insert_or_assign(folder + "token", std::string("the-pods-token"));
  files.insert_or_assign(folder + "ca.crt", std::string("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"));
  files.insert_or_assign(folder + "namespace", std::string("default"));
  environment["KUBERNETES_SERVICE_HOST"] = "10.96.0.1";
  environment["KUBERNETES_SERVICE_PORT"] = "443";
  environment["HOSTNAME"] = name;
}

}  // namespace upkeep::test

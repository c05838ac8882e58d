// SPDX-License-Identifier: Apache-2.0
#include "shared/kube/access.h"

#include "sdk/text.h"
#include "shared/kube/kubeconfig.h"
#include "shared/kube/resource.h"

namespace upkeep::plugins::shared::kube {

using sdk::Errc;
using sdk::fail;
using sdk::Result;

namespace {

constexpr std::string_view kFolder = "/var/run/secrets/kubernetes.io/serviceaccount";
constexpr std::size_t kMostServiceToken = std::size_t{64} * 1024, kMostName = 1024;

// The service account of the pod. The kubelet turns a link to swap token and authorities, so both are opened by their paths each time
// (kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin; client-go reads the token at most once a minute).
class PodAccess final : public Access {
 public:
  explicit PodAccess(sdk::Host& host)
      : host_(host), folder_(host.environment("UPKEEP_SERVICE_ACCOUNT_DIR").value_or(std::string(kFolder))) {}

  Result<Credentials> credentials() override {
    const auto now = host_.clock().boot_now();
    if (kept_ && now - read_at_ < std::chrono::minutes(1)) return *kept_;
    auto server_ = server();
    if (!server_) return fail(server_.error());
    auto token = host_.files().read(folder_ + "/token", kMostServiceToken);
    if (!token) return fail("the pod's service account", token.error());
    Credentials out;
    out.server = *server_;
    out.token = sdk::trimmed(*token);
    out.ca_file = folder_ + "/ca.crt";
    out.proxy = false;
    if (!is_token(out.token)) return fail(Errc::invalid, folder_ + "/token: that is no token");
    kept_ = out;
    read_at_ = now;
    return out;
  }
  void refused() override { kept_.reset(); }

  Result<std::string> own_namespace() override {
    auto text = host_.files().read(folder_ + "/namespace", kMostName);
    if (!text) return fail("the pod's service account", text.error());
    std::string name(sdk::trimmed(*text));
    if (!is_label(name)) return fail(Errc::invalid, folder_ + "/namespace: " + sdk::quoted(name) + " is no name of a namespace");
    return name;
  }
  std::string shown() const override { return "the pod's service account"; }

 private:
  Result<std::string> server() {
    const auto host = host_.environment("KUBERNETES_SERVICE_HOST"), port = host_.environment("KUBERNETES_SERVICE_PORT");
    if (!host || host->empty() || !port || port->empty())
      return fail(Errc::unsupported,
                  "this is no pod (KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set); outside of a cluster "
                  "`kubeconfig` names a file that says how to reach it");
    return "https://" + (host->find(':') == std::string::npos ? *host : "[" + *host + "]") + ":" + *port;
  }

  sdk::Host& host_;
  std::string folder_;
  std::optional<Credentials> kept_;
  sdk::BootTime read_at_{};
};

}  // namespace

bool is_token(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (c <= ' ' || c > '~') return false;  // it becomes a line of the request
  }
  return true;
}

std::unique_ptr<Access> access_for(sdk::Host& host, const sdk::Config& config) {
  const std::string file = config.text(kKubeconfigKey.name);
  if (file.empty()) return std::make_unique<PodAccess>(host);
  return kubeconfig_access(host, file);
}

}  // namespace upkeep::plugins::shared::kube

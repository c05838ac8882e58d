// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where the API server is and as whom to talk to it: the pod's service account, or a kubeconfig outside of a cluster. Keys of
// configuration: `kubeconfig` (a file; absent: the pod's service account).

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sdk/config.h"
#include "sdk/host.h"
#include "sdk/result.h"

namespace upkeep::plugins::shared::kube {

// What one request needs. No part but `server` may be shown.
struct Credentials {
  std::string server;                                            // "https://10.0.0.1:443", no slash at the end
  std::string token;                                             // bearer; empty: none
  std::string ca_file, ca_pem, client_cert_pem, client_key_pem;  // as in sdk::HttpRequest
  std::string server_name;                                       // the certificate's name where it is not the URL's host; empty: it is
  bool proxy = true;                                             // as the environment says; false: never
};

class Access {
 public:
  virtual ~Access() = default;
  // As of now; what is kept of an earlier read is at most a minute old.
  [[nodiscard]] virtual sdk::Result<Credentials> credentials() = 0;
  // The server did not take them (401), or its certificate was not trusted: the next credentials() reads everything anew.
  virtual void refused() = 0;
  // The namespace of the pod, or of the kubeconfig's context; empty: it names none.
  [[nodiscard]] virtual sdk::Result<std::string> own_namespace() = 0;
  [[nodiscard]] virtual std::string shown() const = 0;  // "the pod's service account", "/home/x/.kube/config"
};

// The key that each plugin of a cluster has, for its table.
inline constexpr sdk::KeySpec kKubeconfigKey{
    .name = "kubeconfig", .help = "file that says how to reach the cluster from outside; absent: the pod's service account"};

// Whether it can be sent as one.
[[nodiscard]] bool is_token(std::string_view text);

// The access that the configuration of a plugin names.
[[nodiscard]] std::unique_ptr<Access> access_for(sdk::Host& host, const sdk::Config& config);

}  // namespace upkeep::plugins::shared::kube

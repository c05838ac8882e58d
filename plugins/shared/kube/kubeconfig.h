// SPDX-License-Identifier: Apache-2.0
#pragma once
// A kubeconfig file (kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig): its current context with a token or a
// client certificate. What would run programs (exec, auth-provider) or trust anybody (insecure-skip-tls-verify) is refused with the way
// out.

#include <memory>
#include <string>
#include <string_view>

#include "shared/kube/access.h"

namespace upkeep::plugins::shared::kube {

// What a kubeconfig says; the files that it names are not read yet.
struct Kubeconfig {
  Credentials credentials;
  std::string space;  // empty: none is named
  // Paths, those in the file relative to it; empty: not named.
  std::string ca_file, token_file, client_cert_file, client_key_file;
};

// `folder`: of the file, for the relative paths in it. invalid: names what is wrong with it, and repeats no secret.
[[nodiscard]] sdk::Result<Kubeconfig> parse_kubeconfig(std::string_view text, const std::string& folder);

[[nodiscard]] std::unique_ptr<Access> kubeconfig_access(sdk::Host& host, std::string file);

}  // namespace upkeep::plugins::shared::kube

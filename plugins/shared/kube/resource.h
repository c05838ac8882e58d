// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a request to the API server is about, and the names that may stand in its path.

#include <string>
#include <string_view>

namespace upkeep::plugins::shared::kube {

// What a path leads to: one object, or all of a kind in a namespace (no name).
//
//   {"apps/v1", "deployments", "default", "web"}   /apis/apps/v1/namespaces/default/deployments/web
//   {"v1", "pods", "default"}                      /api/v1/namespaces/default/pods
//
// Namespace and name have been checked by is_name(): they stand in the URL as they are.
struct Resource {
  std::string group_version;  // "v1", "apps/v1"
  std::string kind;           // plural, lower case: "deployments"
  std::string space;          // namespace
  std::string name;           // empty: the whole kind
  std::string sub = {};       // subresource: "status", "scale"; empty: none
  [[nodiscard]] std::string path() const;
  [[nodiscard]] std::string shown() const;  // "deployment default/web"
};

// Whether it is a name that Kubernetes gives to objects (RFC 1123 subdomain: [a-z0-9.-], at most 253 characters).
[[nodiscard]] bool is_name(std::string_view text);
// The same for namespaces and containers (RFC 1123 label: no dots, at most 63 characters).
[[nodiscard]] bool is_label(std::string_view text);

}  // namespace upkeep::plugins::shared::kube

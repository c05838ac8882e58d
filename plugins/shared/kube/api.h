// SPDX-License-Identifier: Apache-2.0
#pragma once
// The Kubernetes API server, as a plugin talks to it: JSON objects by path, typed refusals, a watch. Each request is bounded and asks
// once; trying again is the caller's. Credentials are read anew when they may have been rotated, and are in no message.

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/host.h"
#include "shared/kube/access.h"
#include "shared/kube/failure.h"

namespace upkeep::kube {

using Json = nlohmann::json;

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

enum class Patch { strategic, merge };

// dry: on the server, with admission and validation, but nothing is kept.
enum class Write { real, dry };

// One event of a watch.
struct Event {
  enum class Type { added, modified, deleted };
  Type type = Type::modified;
  Json object;
};

// Receives a watch's events; it only takes down what it is given.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // false ends the watch.
  virtual bool event(Event event) = 0;
};

class Api {
 public:
  // `access` says where and as whom (access.h).
  Api(sdk::Host& host, std::unique_ptr<Access> access);

  // The longest object or page of a list that is read; etcd keeps none longer than 1.5 MiB, a list has many.
  static constexpr std::size_t kMaxObject = 4 * 1024 * 1024;

  [[nodiscard]] sdk::Task<Answer<Json>> get(Resource resource);
  // All objects of the kind, read in pages; `selector` as in labelSelector, empty: all. At most 10,000 objects.
  [[nodiscard]] sdk::Task<Answer<std::vector<Json>>> list(Resource resource, std::string selector);
  [[nodiscard]] sdk::Task<Answer<Json>> create(Resource resource, Json object, Write how = Write::real);
  // Conditional on the object's metadata.resourceVersion, if it has one.
  [[nodiscard]] sdk::Task<Answer<Json>> replace(Resource resource, Json object, Write how = Write::real);
  [[nodiscard]] sdk::Task<Answer<Json>> patch(Resource resource, Patch type, Json patch, Write how = Write::real);
  // uid: only that very object (409 for another one of its name); empty: whichever.
  [[nodiscard]] sdk::Task<Answer<void>> remove(Resource resource, std::string uid = {});
  // Watches one object (resource.name) or a kind from a resource version on. Returns how far it came when the server ends it in peace
  // or the sink has enough: the resource version to go on from, bookmarks included. 410 is a Failure with status 410: read anew.
  [[nodiscard]] sdk::Task<Answer<std::string>> watch(Resource resource, std::string from, EventSink& sink);

  // Where this is, for people: "https://10.0.0.1:443 as the pod's service account".
  [[nodiscard]] std::string shown() const;
  // The namespace of the pod or of kubeconfig's context; empty: it names none.
  [[nodiscard]] sdk::Result<std::string> own_namespace();

 private:
  struct Ask;
  [[nodiscard]] sdk::Task<Answer<sdk::HttpResponse>> send(Ask ask);
  [[nodiscard]] sdk::Task<Answer<Json>> exchange(Ask ask);

  sdk::Host& host_;
  std::unique_ptr<Access> access_;
};

}  // namespace upkeep::kube

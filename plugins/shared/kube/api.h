// SPDX-License-Identifier: Apache-2.0
#pragma once
// The Kubernetes API server, as a plugin talks to it: JSON objects by path, typed refusals, a watch. Each request is bounded and asks
// once; trying again is the caller's. Credentials are read anew when they may have been rotated, and are in no message.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/host.h"
#include "shared/kube/access.h"
#include "shared/kube/failure.h"
#include "shared/kube/json.h"
#include "shared/kube/resource.h"

namespace upkeep::plugins::shared::kube {

enum class Patch { strategic, merge };

// dry: on the server, with admission and validation, but nothing is kept.
enum class Write { real, dry };

// One event of a watch.
struct Event {
  enum class Type { added, modified, deleted };
  Type type = Type::modified;
  Json object;
};

// Receives a list's objects.
class ObjectSink {
 public:
  virtual ~ObjectSink() = default;
  virtual void object(const Json& object) = 0;
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

  [[nodiscard]] sdk::Task<Answer<Json>> get(Resource resource);
  // Shows each object of the kind, read in pages; `selector` as in labelSelector, empty: all. At most 10,000 objects.
  [[nodiscard]] sdk::Task<Answer<void>> list(Resource resource, std::string selector, ObjectSink& sink);
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
  // One request as it is, with a 2xx answer of at most kMaxAnswer bytes.
  [[nodiscard]] sdk::Task<Answer<sdk::HttpResponse>> send(Ask ask, sdk::LineSink* lines);
  [[nodiscard]] sdk::Task<Answer<Json>> exchange(Ask ask);

  sdk::Host& host_;
  std::unique_ptr<Access> access_;
};

}  // namespace upkeep::plugins::shared::kube

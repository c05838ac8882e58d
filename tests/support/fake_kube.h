// SPDX-License-Identifier: Apache-2.0
#pragma once
// An API server in memory: objects by path with resource versions, conflicts, the two merging patches, dry runs, pages of lists,
// rights, and what is remembered for watches. It is a value: a copy is another cluster in the same state. Answers go wrong as its
// faults say. tests/support/kube_http.h puts it behind sdk::Http.

#include <functional>
#include <list>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "sdk/http.h"

namespace upkeep::test {

// What goes wrong with requests of one kind.
struct KubeFault {
  enum class How {
    refuse,       // nobody listens; nothing is done
    cut,          // it is done, and the connection is cut before the answer
    late,         // it is done, and answered after `delay`
    lands_late,   // no answer; it is done after `delay`, whatever else has been done by then
    twice,        // something on the way sends it twice; the second answer
    answer,       // nothing is done; answered with `status`
    done_answer,  // it is done, and answered with `status` all the same
  };
  How how = How::refuse;
  std::string method, part;  // which requests: "PUT", and what their path has in it; empty: any
  int at = 1;                // the first of them that it strikes: 1, 2, …
  int times = 1;             // and how many, from that one on
  int status = 500;
  std::string reason;  // of the Status object
  std::string page;    // the body in place of one; empty: a Status object
  int retry_after = 0;
  sdk::Millis delay{0};
  int struck = 0;
};

class FakeKube {
 public:
  using Json = nlohmann::json;
  static constexpr const char* kUrl = "https://10.96.0.1:443";

  // Paths are those of the API: "/api/v1/namespaces/default/configmaps/upkeep".
  [[nodiscard]] const Json* find(const std::string& path) const;
  // As kubectl would: made or replaced, with a resource version of its own; its name and namespace are those of the path.
  void put(const std::string& path, Json object);
  void erase(const std::string& path);

  struct Reply {
    sdk::Result<sdk::HttpResponse> answer;
    sdk::Millis after{0};
  };
  // `now`: boot time, for what lands late and for gone_until.
  Reply answer(const sdk::HttpRequest& request, sdk::BootTime now);

  // One line of a watch.
  struct Change {
    long version = 0;
    std::string type;  // ADDED, MODIFIED, DELETED
    std::string path;
    Json object;
  };
  [[nodiscard]] std::vector<Change> changes(const std::string& collection, const std::string& name, long after) const;
  [[nodiscard]] long version() const { return version_; }
  // What was remembered for watches is gone, as after etcd's compaction: they are answered with 410.
  void forget_changes();
  [[nodiscard]] bool remembers(long version) const { return version >= oldest_; }

  bool watched = true;  // changes are remembered
  std::list<KubeFault> faults;
  sdk::BootTime gone_until{0};                                       // nobody listens before
  std::set<std::string> forbidden;                                   // "update configmaps"
  std::string token;                                                 // other bearers get 401; empty: any may ask
  std::vector<std::string> asked;                                    // "PUT /api/v1/namespaces/…", dry runs with "?dryRun" at the end
  std::function<void(FakeKube&, const std::string& path)> on_write;  // a controller, after each write
  std::function<void(Json&)> admit;                                  // what a webhook makes of a changed object, also in a dry run

  // A Status object, as an answer.
  static sdk::HttpResponse status(int code, const std::string& reason, const std::string& message);

 private:
  // A request's path, taken apart.
  struct Place {
    std::string group, space, kind, name, sub;
    std::string collection;  // path without name
    [[nodiscard]] std::string object() const { return collection + "/" + name; }
    std::map<std::string, std::string> query;
  };
  [[nodiscard]] static std::optional<Place> parse(const std::string& url);
  sdk::HttpResponse carry_out(const sdk::HttpRequest& request, const Place& at);
  [[nodiscard]] sdk::HttpResponse list(const Place& at) const;
  sdk::HttpResponse create(const Place& at, Json object);
  sdk::HttpResponse change(const sdk::HttpRequest& request, const Place& at, const Json& body);
  sdk::HttpResponse remove(const Place& at, const Json& options);
  sdk::HttpResponse store(const Place& at, Json object, int code);
  void remember(const std::string& type, const std::string& path, const Json& object);
  void land(sdk::BootTime now);

  struct Late {
    sdk::BootTime at;
    sdk::HttpRequest request;
  };
  std::map<std::string, Json> objects_;
  std::vector<Change> changes_;
  std::vector<Late> late_;
  long version_ = 1000, oldest_ = 0;
  int uids_ = 0;
};

}  // namespace upkeep::test

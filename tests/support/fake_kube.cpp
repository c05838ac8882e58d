// SPDX-License-Identifier: Apache-2.0
#include "support/fake_kube.h"

#include <algorithm>
#include <optional>
#include <sstream>

namespace upkeep::test {
namespace {

using Json = FakeKube::Json;
using sdk::Errc;
using sdk::HttpRequest;
using sdk::HttpResponse;

constexpr std::size_t kLargest = 1024 * 1024;  // of a ConfigMap's or a Secret's data

HttpResponse json_answer(int status, const Json& body) {
  HttpResponse out;
  out.status = status;
  out.headers = {{"content-type", "application/json"}};
  out.body = body.dump();
  return out;
}

std::string kube_decoded(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<std::string> pieces(const std::string& text, char at) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string one; std::getline(in, one, at);) out.push_back(one);
  return out;
}

// Lists of objects with names are merged by name, others are replaced. null takes a member away, and so does {"$patch": "delete"}
// an element.
void merge_strategically(Json& target, const Json& patch) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (!target.is_object()) target = Json::object();
  for (const auto& [key, value] : patch.items()) {
    const bool named = value.is_array() && !value.empty() && value[0].is_object() && value[0].contains("name");
    if (value.is_null()) {
      target.erase(key);
    } else if (named && target.contains(key)) {
      for (const auto& item : value) {
        auto& there = target[key];
        const auto found = std::find_if(there.begin(), there.end(), [&](const Json& one) { return one["name"] == item["name"]; });
        if (found == there.end())
          there.push_back(item);
        else if (item.value("$patch", "") == "delete")
          there.erase(found);
        else
          merge_strategically(*found, item);
      }
    } else {
      merge_strategically(target[key], value);
    }
  }
}

bool selected(const Json& object, const std::string& selector) {
  for (const auto& term : pieces(selector, ',')) {
    const auto equals = term.find('=');
    const auto& labels = object.at("metadata").value("labels", Json::object());
    if (equals == std::string::npos ? !labels.contains(term) : labels.value(term.substr(0, equals), "") != term.substr(term.rfind('=') + 1))
      return false;
  }
  return true;
}

std::size_t bytes_of_data(const Json& object) {
  std::size_t out = 0;
  for (const auto* part : {"data", "binaryData"})
    if (object.contains(part))
      for (const auto& [key, value] : object[part].items())
        out += key.size() + (value.is_string() ? value.get_ref<const std::string&>().size() : 0);
  return out;
}

const char* verb_of(const HttpRequest& request, bool named) {
  if (request.method == "GET") return named ? "get" : "list";
  if (request.method == "POST") return "create";
  if (request.method == "PUT") return "update";
  return request.method == "PATCH" ? "patch" : "delete";
}

}  // namespace

HttpResponse FakeKube::status(int code, const std::string& reason, const std::string& message) {
  return json_answer(code, {{"kind", "Status"},
                            {"apiVersion", "v1"},
                            {"metadata", Json::object()},
                            {"status", "Failure"},
                            {"message", message},
                            {"reason", reason},
                            {"code", code}});
}

std::optional<FakeKube::Place> FakeKube::parse(const std::string& url) {
  const std::string rest = url.substr(std::string(kUrl).size());
  const auto question = rest.find('?');
  const auto path = rest.substr(0, question);
  auto parts = pieces(path.substr(1), '/');
  Place out;
  if (question != std::string::npos) {
    for (const auto& one : pieces(rest.substr(question + 1), '&')) {
      const auto equals = one.find('=');
      out.query[one.substr(0, equals)] = equals == std::string::npos ? "" : kube_decoded(one.substr(equals + 1));
    }
  }
  const std::size_t skip = !parts.empty() && parts[0] == "apis" ? 3 : 2;
  if (parts.size() < skip + 3 || parts[skip] != "namespaces") return std::nullopt;
  if (skip == 3) out.group = parts[1];
  out.space = parts[skip + 1];
  out.kind = parts[skip + 2];
  if (parts.size() > skip + 3) out.name = parts[skip + 3];
  if (parts.size() > skip + 4) out.sub = parts[skip + 4];
  for (std::size_t i = 0; i < skip + 3; ++i) out.collection += "/" + parts[i];
  return out;
}

const Json* FakeKube::find(const std::string& path) const {
  const auto found = objects_.find(path);
  return found == objects_.end() ? nullptr : &found->second;
}

void FakeKube::put(const std::string& path, Json object) {
  const auto at = parse(kUrl + path).value();
  object["metadata"]["name"] = at.name;
  object["metadata"]["namespace"] = at.space;
  (void)store(at, std::move(object), 200);
}

void FakeKube::erase(const std::string& path) { (void)remove(parse(kUrl + path).value(), Json::object()); }

void FakeKube::remember(const std::string& type, const std::string& path, const Json& object) {
  if (watched) changes_.push_back({version_, type, path, object});
}

void FakeKube::forget_changes() {
  changes_.clear();
  oldest_ = ++version_;
}

std::vector<FakeKube::Change> FakeKube::changes(const std::string& collection, const std::string& name, long after) const {
  std::vector<Change> out;
  for (const auto& one : changes_)
    if (one.version > after && one.path.starts_with(collection + "/") && (name.empty() || one.path == collection + "/" + name))
      out.push_back(one);
  return out;
}

void FakeKube::land(sdk::BootTime now) {
  auto waiting = std::exchange(late_, {});
  for (auto& one : waiting) {
    if (one.at <= now)
      (void)carry_out(one.request, parse(one.request.url).value());
    else
      late_.push_back(std::move(one));
  }
}

FakeKube::Reply FakeKube::answer(const HttpRequest& request, sdk::BootTime now) {
  land(now);
  const auto at = parse(request.url);
  if (!at) return {status(404, "NotFound", "the server could not find the requested resource")};
  asked.push_back(request.method + " " + (at->name.empty() ? at->collection : at->object()) + (at->sub.empty() ? "" : "/" + at->sub) +
                  (at->query.contains("dryRun") ? "?dryRun" : ""));
  if (now < gone_until) return {sdk::fail(Errc::transient, "Connection refused")};
  const bool known = token.empty() || std::any_of(request.headers.begin(), request.headers.end(), [&](const sdk::HttpHeader& one) {
                       return (one.first == "Authorization" || one.first == "authorization") && one.second == "Bearer " + token;
                     });
  if (!known) return {status(401, "Unauthorized", "Unauthorized")};

  for (auto& fault : faults) {
    if (!fault.method.empty() && fault.method != request.method) continue;
    if (request.url.find(fault.part) == std::string::npos || --fault.at > 0 || fault.at <= -fault.times) continue;
    ++fault.struck;
    auto wrong = status(fault.status, fault.reason, "the test's fault");
    if (fault.retry_after > 0) wrong.headers.emplace_back("retry-after", std::to_string(fault.retry_after));
    switch (fault.how) {
      case KubeFault::How::refuse:
        return {sdk::fail(Errc::transient, "Connection refused"), fault.delay};
      case KubeFault::How::cut:
        (void)carry_out(request, *at);
        return {sdk::fail(Errc::transient, "Connection reset by peer"), fault.delay};
      case KubeFault::How::late:
        return {carry_out(request, *at), fault.delay};
      case KubeFault::How::lands_late:
        late_.push_back({now + fault.delay, request});
        return {sdk::fail(Errc::transient, "Connection reset by peer")};
      case KubeFault::How::twice:
        (void)carry_out(request, *at);
        return {carry_out(request, *at), fault.delay};
      case KubeFault::How::done_answer:
        (void)carry_out(request, *at);
        [[fallthrough]];
      case KubeFault::How::answer:
        if (!fault.page.empty()) wrong.body = fault.page;
        return {std::move(wrong), fault.delay};
    }
  }
  return {carry_out(request, *at)};
}

HttpResponse FakeKube::carry_out(const HttpRequest& request, const Place& at) {
  const std::string verb = verb_of(request, !at.name.empty());
  const auto named = at.name.empty() ? at.kind : at.kind + " \"" + at.name + "\"";
  if (forbidden.contains(verb + " " + at.kind))
    return status(403, "Forbidden",
                  named + " is forbidden: User \"system:serviceaccount:" + at.space + ":upkeep\" cannot " + verb + " resource \"" +
                      at.kind + "\" in API group \"" + at.group + "\" in the namespace \"" + at.space + "\"");
  Json body = request.body.empty() ? Json::object() : Json::parse(request.body, nullptr, false);
  if (body.is_discarded()) return status(400, "BadRequest", "the object provided is unrecognized");
  if (request.method == "POST") return create(at, std::move(body));
  if (at.name.empty()) return list(at);
  const auto* there = find(at.object());
  if (there == nullptr) return status(404, "NotFound", named + " not found");
  if (request.method == "GET") return json_answer(200, *there);
  if (request.method == "DELETE") return remove(at, body);
  return change(request, at, body);
}

HttpResponse FakeKube::list(const Place& at) const {
  const auto asked_for = [&](const char* key) { return at.query.contains(key) ? at.query.at(key) : std::string(); };
  const auto limit = asked_for("limit").empty() ? objects_.size() : std::stoul(asked_for("limit"));
  Json out = {
      {"kind", "List"}, {"apiVersion", "v1"}, {"metadata", {{"resourceVersion", std::to_string(version_)}}}, {"items", Json::array()}};
  for (auto one = objects_.upper_bound(at.collection + "/" + asked_for("continue"));
       one != objects_.end() && one->first.starts_with(at.collection + "/"); ++one) {
    if (!selected(one->second, asked_for("labelSelector"))) continue;
    if (out["items"].size() == limit) {
      out["metadata"]["continue"] = out["items"].back()["metadata"]["name"];
      break;
    }
    out["items"].push_back(one->second);
  }
  return json_answer(200, out);
}

HttpResponse FakeKube::create(const Place& at, Json object) {
  auto to = at;
  to.name = object["metadata"].value("name", object["metadata"].value("generateName", "x") + std::to_string(uids_));
  object["metadata"]["name"] = to.name;
  object["metadata"]["namespace"] = at.space;
  if (find(to.object()) != nullptr) return status(409, "AlreadyExists", at.kind + " \"" + to.name + "\" already exists");
  return store(to, std::move(object), 201);
}

HttpResponse FakeKube::change(const HttpRequest& request, const Place& at, const Json& body) {
  const auto there = *find(at.object());
  const auto wanted = body.value(Json::json_pointer("/metadata/resourceVersion"), std::string());
  if (!wanted.empty() && wanted != there["metadata"]["resourceVersion"])
    return status(409, "Conflict",
                  "Operation cannot be fulfilled on " + at.kind + " \"" + at.name +
                      "\": the object has been modified; please apply your changes to the latest version and try again");
  auto next = body;
  if (request.method == "PATCH") {
    const auto type = std::find_if(request.headers.begin(), request.headers.end(),
                                   [](const sdk::HttpHeader& one) { return one.second.find("strategic") != std::string::npos; });
    next = there;
    if (type == request.headers.end())
      next.merge_patch(body);
    else
      merge_strategically(next, body);
  }
  if (!at.sub.empty()) {
    auto part = there;
    part[at.sub == "status" ? "status" : "spec"] = next[at.sub == "status" ? "status" : "spec"];
    next = part;
  }
  for (const auto* kept : {"uid", "creationTimestamp", "name", "namespace", "generation"})
    if (there["metadata"].contains(kept)) next["metadata"][kept] = there["metadata"][kept];
  if (there.contains("spec") && next["spec"] != there["spec"] && next["metadata"].contains("generation"))
    next["metadata"]["generation"] = there["metadata"]["generation"].get<int>() + 1;
  if (admit) admit(next);
  return store(at, std::move(next), 200);
}

HttpResponse FakeKube::remove(const Place& at, const Json& options) {
  const auto there = objects_.find(at.object());
  const auto uid = options.value(Json::json_pointer("/preconditions/uid"), std::string());
  if (!uid.empty() && uid != there->second["metadata"]["uid"])
    return status(409, "Conflict", "Precondition failed: UID in precondition: " + uid);
  if (at.query.contains("dryRun")) return json_answer(200, there->second);
  const auto gone = there->second;
  objects_.erase(there);
  ++version_;
  remember("DELETED", at.object(), gone);
  if (on_write) on_write(*this, at.object());
  return json_answer(200, gone);
}

// Unchanged objects keep their version, as etcd's do.
HttpResponse FakeKube::store(const Place& at, Json object, int code) {
  if (bytes_of_data(object) > kLargest)
    return status(422, "Invalid", at.kind + " \"" + at.name + "\" is invalid: []: Too long: must have at most 1048576 bytes");
  const auto* there = find(at.object());
  auto& meta = object["metadata"];
  if (!meta.contains("uid")) meta["uid"] = "uid-" + std::to_string(++uids_);
  if (there != nullptr) {
    meta["resourceVersion"] = (*there)["metadata"]["resourceVersion"];
    if (object == *there) return json_answer(code, object);
  }
  if (at.query.contains("dryRun")) return json_answer(code, object);
  meta["resourceVersion"] = std::to_string(++version_);
  const char* type = there == nullptr ? "ADDED" : "MODIFIED";
  objects_[at.object()] = object;
  remember(type, at.object(), object);
  if (on_write) on_write(*this, at.object());
  return json_answer(code, objects_.at(at.object()));
}

}  // namespace upkeep::test

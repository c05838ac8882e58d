// SPDX-License-Identifier: Apache-2.0
#include "shared/kube/api.h"

#include <utility>

#include "sdk/text.h"

namespace upkeep::plugins::shared::kube {

using sdk::Errc;
using sdk::Task;

namespace {

// Of one object or one page: etcd keeps no object longer than 1.5 MiB, and a page has at most kPage of them.
constexpr std::size_t kMaxAnswer = std::size_t{8} * 1024 * 1024;
constexpr int kPage = 50, kMostObjects = 10'000;
constexpr sdk::Millis kTimeout = std::chrono::seconds(10), kWatchExtra = std::chrono::seconds(30);
constexpr std::string_view kManager = "fieldManager=upkeep";

// RFC 3986: all that is not unreserved.
std::string encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (sdk::is_letter(c) || sdk::is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

std::string writing(Write how) { return std::string(kManager) + (how == Write::dry ? "&dryRun=All" : ""); }

Failure without_answer(sdk::Error error) { return {std::move(error), 0, ""}; }
// What was answered is of no use: nothing can be said of what was done.
Failure unusable(const std::string& asked, const sdk::Error& error) {
  return without_answer(error.with_context(asked + ": the answer is"));
}

// Takes a watch's lines apart.
class WatchLines final : public sdk::LineSink {
 public:
  WatchLines(std::string from, EventSink& sink) : version(std::move(from)), sink_(sink) {}

  bool line(std::string_view line) override {
    if (sdk::trimmed(line).empty()) return true;
    auto parsed = parse_object(line);
    if (!parsed) return end(without_answer(parsed.error().with_context("an event of a watch is")));
    const std::string type = text_at(*parsed, "/type");
    const auto found = parsed->find("object");
    if (found == parsed->end() || !found->is_object())
      return end(without_answer(sdk::Error(Errc::invalid, "an event of a watch has no object")));
    if (type == "ERROR") {  // a Status inside of a 200 stream
      sdk::HttpResponse response;
      response.status = static_cast<int>(number_at(*found, "/code", 500));
      response.body = found->dump(-1, ' ', false, Json::error_handler_t::replace);
      return end(failure_of(response, "watch", sdk::TimePoint()));
    }
    if (const auto at = text_at(*found, "/metadata/resourceVersion"); !at.empty()) version = at;
    if (type == "BOOKMARK") return true;
    Event event;
    if (type == "ADDED") {
      event.type = Event::Type::added;
    } else if (type == "DELETED") {
      event.type = Event::Type::deleted;
    } else if (type != "MODIFIED") {
      return true;  // of a later server
    }
    event.object = std::move(*found);
    return sink_.event(std::move(event));
  }

  std::string version;
  std::optional<Failure> failure;

 private:
  bool end(Failure why) {
    failure = std::move(why);
    return false;
  }
  EventSink& sink_;
};

}  // namespace

struct Api::Ask {
  Ask(std::string verb_, Resource resource_) : verb(std::move(verb_)), resource(std::move(resource_)) {}
  std::string verb;  // Kubernetes' word, for messages: "patch"
  Resource resource;
  std::string method = "GET", query, content_type, body;
  sdk::Millis timeout = kTimeout;
  [[nodiscard]] std::string shown() const { return verb + " " + resource.shown(); }
};

Api::Api(sdk::Host& host, std::unique_ptr<Access> access) : host_(host), access_(std::move(access)) {}

std::string Api::shown() const { return access_->shown(); }

sdk::Result<std::string> Api::own_namespace() { return access_->own_namespace(); }

Task<Answer<sdk::HttpResponse>> Api::send(Ask ask, sdk::LineSink* lines) {
  const auto access = access_->credentials();
  if (!access) co_return tl::unexpected(without_answer(access.error().with_context(ask.shown())));
  std::string host = access->server;
  sdk::HttpRequest request(host + ask.resource.path() + (ask.query.empty() ? "" : "?" + ask.query));
  if (!access->server_name.empty()) {  // asked for by another name than it is reached by
    constexpr std::size_t kScheme = 8;
    const std::string reached = host.substr(kScheme);
    const auto port = reached.rfind(':');
    const bool has_port = port != std::string::npos && reached.find(']', port) == std::string::npos;
    const std::string port_text = has_port ? reached.substr(port) : ":443";
    request.url = "https://" + access->server_name + port_text + request.url.substr(host.size());
    request.connect_to = has_port ? reached : reached + port_text;
  }
  request.method = ask.method;
  request.body = std::move(ask.body);
  request.headers.emplace_back("Accept", "application/json");
  if (!ask.content_type.empty()) request.headers.emplace_back("Content-Type", ask.content_type);
  if (!access->token.empty()) request.headers.emplace_back("Authorization", "Bearer " + access->token);
  request.ca_file = access->ca_file;
  request.ca_pem = access->ca_pem;
  request.client_cert_pem = access->client_cert_pem;
  request.client_key_pem = access->client_key_pem;
  if (!access->proxy) request.proxy = "";
  request.max_body = kMaxAnswer;
  request.timeout = ask.timeout;

  const std::string shown = ask.shown();
  auto work = lines ? host_.http().stream(std::move(request), *lines) : host_.http().fetch(std::move(request));
  auto response = co_await std::move(work);
  if (!response) {
    if (response.error().code == Errc::denied) access_->refused();  // authorities that were exchanged
    co_return tl::unexpected(without_answer(response.error().with_context(shown)));
  }
  if (response->status == 401) access_->refused();
  if (response->status < 200 || response->status > 299) co_return tl::unexpected(failure_of(*response, shown, host_.clock().now()));
  co_return Answer<sdk::HttpResponse>(std::move(*response));
}

Task<Answer<Json>> Api::exchange(Ask ask) {
  const std::string shown = ask.shown();
  auto response = co_await send(std::move(ask), nullptr);
  if (!response) co_return tl::unexpected(std::move(response.error()));
  auto object = parse_object(response->body);
  if (!object) co_return tl::unexpected(unusable(shown, object.error()));
  co_return Answer<Json>(std::move(*object));
}

Task<Answer<Json>> Api::get(Resource resource) {
  Ask ask("get", std::move(resource));
  co_return co_await exchange(std::move(ask));
}

Task<Answer<void>> Api::list(Resource resource, std::string selector, ObjectSink& sink) {
  std::string next;
  int seen = 0;
  do {
    Ask ask("list", resource);
    ask.query = "limit=" + std::to_string(kPage);
    if (!selector.empty()) ask.query += "&labelSelector=" + encoded(selector);
    if (!next.empty()) ask.query += "&continue=" + encoded(next);
    const std::string shown = ask.shown();
    auto page = co_await exchange(std::move(ask));
    if (!page) co_return tl::unexpected(std::move(page.error()));
    for (const Json& object : list_at(*page, "/items")) {
      if (++seen > kMostObjects)
        co_return tl::unexpected(unusable(shown, sdk::Error(Errc::invalid, "longer than " + std::to_string(kMostObjects) + " objects")));
      sink.object(object);
    }
    next = text_at(*page, "/metadata/continue");
    if (!next.empty() && list_at(*page, "/items").empty())
      co_return tl::unexpected(unusable(shown, sdk::Error(Errc::invalid, "an empty page that is not the last one")));
  } while (!next.empty());
  co_return Answer<void>();
}

Task<Answer<Json>> Api::create(Resource resource, Json object, Write how) {
  Ask ask("create", std::move(resource));
  ask.resource.name.clear();  // the object has it
  ask.method = "POST";
  ask.query = writing(how);
  ask.content_type = "application/json";
  ask.body = object.dump();
  co_return co_await exchange(std::move(ask));
}

Task<Answer<Json>> Api::replace(Resource resource, Json object, Write how) {
  Ask ask("update", std::move(resource));
  ask.method = "PUT";
  ask.query = writing(how);
  ask.content_type = "application/json";
  ask.body = object.dump();
  co_return co_await exchange(std::move(ask));
}

Task<Answer<Json>> Api::patch(Resource resource, Patch type, Json patch, Write how) {
  Ask ask("patch", std::move(resource));
  ask.method = "PATCH";
  ask.query = writing(how);
  ask.content_type = type == Patch::strategic ? "application/strategic-merge-patch+json" : "application/merge-patch+json";
  ask.body = patch.dump();
  co_return co_await exchange(std::move(ask));
}

Task<Answer<void>> Api::remove(Resource resource, std::string uid) {
  Ask ask("delete", std::move(resource));
  ask.method = "DELETE";
  if (!uid.empty()) {
    ask.content_type = "application/json";
    ask.body = Json{{"kind", "DeleteOptions"}, {"apiVersion", "v1"}, {"preconditions", {{"uid", uid}}}}.dump();
  }
  auto response = co_await send(std::move(ask), nullptr);
  if (!response) co_return tl::unexpected(std::move(response.error()));
  co_return Answer<void>();
}

Task<Answer<std::string>> Api::watch(Resource resource, std::string from, EventSink& sink) {
  // Spread, so that watches that began together do not end together; client-go's reflector takes five to ten minutes.
  constexpr int kShortest = 300;
  const int seconds = kShortest + static_cast<int>(host_.random().unit() * kShortest);
  Ask ask("watch", resource);
  ask.query = "watch=1&allowWatchBookmarks=true&timeoutSeconds=" + std::to_string(seconds);
  if (!from.empty()) ask.query += "&resourceVersion=" + encoded(from);
  if (!resource.name.empty()) ask.query += "&fieldSelector=" + encoded("metadata.name=" + resource.name);
  ask.resource.name.clear();
  ask.timeout = std::chrono::seconds(seconds) + kWatchExtra;
  WatchLines lines(std::move(from), sink);
  const std::string shown = "watch " + resource.shown();
  auto response = co_await send(std::move(ask), &lines);
  if (lines.failure) {
    lines.failure->error = lines.failure->error.with_context(shown);
    co_return tl::unexpected(std::move(*lines.failure));
  }
  if (!response) co_return tl::unexpected(std::move(response.error()));
  co_return Answer<std::string>(std::move(lines.version));
}

}  // namespace upkeep::plugins::shared::kube

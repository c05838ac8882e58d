// SPDX-License-Identifier: Apache-2.0
#include "control/api.h"

#include <optional>
#include <string_view>

#include "control/metrics.h"
#include "control/path_parts.h"

namespace upkeep::control {
namespace {

constexpr std::size_t kMostForbidden = 256;  // users whose refusals are remembered

enum class Page { health, ready, metrics, agents, agent, agent_history, agent_schedule, agent_command, history, version, events, reload };

// Static, so that no frame needs the Api: a command may well outlive the server.
sdk::Task<Answer> run_command(engine::Face& face, std::string agent, engine::Command command) {
  const engine::Reply reply = co_await face.command(std::move(agent), std::move(command));
  co_return answer(reply);
}

sdk::Task<Answer> read_schedule(engine::Face& face, std::string agent, Span span) {
  const engine::Reply reply = co_await face.schedule(std::move(agent), span.from, span.until);
  co_return answer(reply);
}

sdk::Task<Answer> reload(engine::Face& face, engine::Actor actor) {
  const engine::Reply reply = co_await face.reload(std::move(actor));
  co_return answer(reply);
}

Answer refused(const engine::Refusal& why) { return refusal(why.code, why.message); }

}  // namespace

struct Api::Route {
  Page page = Page::health;
  std::string agent;
  std::optional<engine::Verb> verb;

  [[nodiscard]] bool for_watchers() const { return page == Page::health || page == Page::ready || page == Page::metrics; }
  [[nodiscard]] bool changes() const { return page == Page::agent_command || page == Page::reload; }
  [[nodiscard]] std::string_view method() const { return changes() ? "POST" : "GET"; }

  static std::optional<Route> find(std::string_view path);
};

std::optional<Api::Route> Api::Route::find(std::string_view path) {
  const auto found = path_parts(path);
  if (!found) return std::nullopt;
  const auto& parts = *found;
  if (parts.size() == 1) {
    if (parts[0] == "healthz") return Route{Page::health};
    if (parts[0] == "readyz") return Route{Page::ready};
    if (parts[0] == "metrics") return Route{Page::metrics};
  }
  if (parts.size() < 2 || parts[0] != "v1") return std::nullopt;
  if (parts.size() == 2) {
    if (parts[1] == "agents") return Route{Page::agents};
    if (parts[1] == "history") return Route{Page::history};
    if (parts[1] == "version") return Route{Page::version};
    if (parts[1] == "events") return Route{Page::events};
    if (parts[1] == "reload") return Route{Page::reload};
  }
  if (parts[1] != "agents" || parts.size() > 4 || parts[2].empty()) return std::nullopt;
  if (parts.size() == 3) return Route{Page::agent, parts[2]};
  if (parts[3] == "history") return Route{Page::agent_history, parts[2]};
  if (parts[3] == "schedule") return Route{Page::agent_schedule, parts[2]};
  if (const auto verb = engine::verb_from(parts[3])) return Route{Page::agent_command, parts[2], verb};
  return std::nullopt;
}

Response Api::handle(const Request& request, const Caller& caller) {
  const auto route = Route::find(request.path);
  if (!caller.watcher) {
    if (!caller.trouble.empty()) return refusal("internal", caller.trouble);
    // Before anything else is said: who may not read learns nothing of what there is, not even from differences.
    const Access wanted = route && route->changes() ? Access::change : Access::read;
    if (caller.access < wanted) return forbidden(caller);
  }
  if (!route || (caller.watcher && !route->for_watchers()))
    return refusal("not_found", "there is no such address; see the API's description");
  // libmicrohttpd answers HEAD with the headers alone.
  const bool head = request.method == "HEAD" && !route->changes();
  if (request.method != route->method() && !head) {
    Answer out = refusal("method_not_allowed", "this address takes " + std::string(route->method()) + " only");
    out.allow = route->changes() ? "POST" : "GET, HEAD";
    return out;
  }
  if (request.too_large) return refusal("too_large", "the body has more than " + std::to_string(kMaxBody) + " bytes");
  if (route->page == Page::agent_schedule || route->page == Page::agent_history) return handle_agent(*route, request, caller);
  if (const auto none = parse_no_query(request.query); !none) return refused(none.error());

  switch (route->page) {
    case Page::health:
      return health();
    case Page::ready:
      return face_.ready() ? plain(200, "ready\n") : plain(503, "not ready yet\n");
    case Page::metrics: {
      Answer out = plain(200, metrics_page(face_, traffic_, process_));
      out.content_type = "text/plain; version=0.0.4; charset=utf-8";
      return out;
    }
    case Page::agents:
      return answer(face_.status(std::nullopt));
    case Page::history:
      return answer(face_.history(std::nullopt, ""));
    case Page::version:
      return answer(face_.version());
    case Page::events:
      if (head) return Answer{200, "", kEventType, ""};
      return std::make_unique<EventQueue>(face_, traffic_);
    case Page::reload: {
      if (const auto empty = parse_empty(request.body); !empty) return refused(empty.error());
      return reload(face_, actor_of(caller.peer));
    }
    default:
      return handle_agent(*route, request, caller);
  }
}

Response Api::handle_agent(const Route& route, const Request& request, const Caller& caller) {
  switch (route.page) {
    case Page::agent:
      return answer(face_.status(route.agent));
    case Page::agent_history: {
      const auto operation = parse_operation(request.query);
      if (!operation) return refused(operation.error());
      return answer(face_.history(route.agent, *operation));
    }
    case Page::agent_schedule: {
      const auto span = parse_span(request.query, clock_.now());
      if (!span) return refused(span.error());
      return read_schedule(face_, route.agent, *span);
    }
    default: {
      auto command = parse_command(route.verb.value(), request.body, clock_.now());
      if (!command) return refused(command.error());
      command->actor = actor_of(caller.peer);
      return run_command(face_, route.agent, std::move(*command));
    }
  }
}

Answer Api::forbidden(const Caller& caller) {
  const auto key = std::pair(caller.peer.uid, caller.access);
  if (const auto known = forbidden_.find(key); known != forbidden_.end()) return known->second;
  if (forbidden_.size() >= kMostForbidden) forbidden_.clear();
  return forbidden_[key] = refusal("forbidden", how_to_get_more(caller.access, caller.peer, groups_));
}

Answer Api::health() const {
  const auto troubles = face_.troubles();
  if (troubles.empty()) return plain(200, "ok\n");
  std::string text;
  for (const auto& trouble : troubles) text += trouble + "\n";
  return plain(503, text);
}

}  // namespace upkeep::control

// SPDX-License-Identifier: Apache-2.0
#include "engine/engine.h"

#include <algorithm>
#include <array>

#include "engine/spawn.h"
#include "sdk/text.h"

namespace upkeep::engine {

using nlohmann::json;
using sdk::Task;

namespace {

constexpr std::array<std::string_view, 12> kVerbs = {"check", "dry-run", "run",      "force",        "suspend", "resume",
                                                     "pin",   "unpin",   "rollback", "unquarantine", "resolve", "forget"};
static_assert(kVerbs.back() == "forget" && kVerbs.size() == static_cast<std::size_t>(Verb::forget) + 1);

json issue_json(const sdk::ConfigIssue& issue) {
  return {{"file", issue.place.file},
          {"line", issue.place.line},
          {"message", issue.path.empty() ? issue.message : issue.path + ": " + issue.message}};
}

}  // namespace

std::string_view name(Verb verb) { return kVerbs.at(static_cast<std::size_t>(verb)); }
std::optional<Verb> verb_from(std::string_view text) {
  for (std::size_t i = 0; i < kVerbs.size(); ++i)
    if (kVerbs[i] == text) return static_cast<Verb>(i);
  return std::nullopt;
}

void Engine::stopping() { emit("stopping", {{"version", UPKEEP_SDK_VERSION}}); }

void Engine::start(Configuration configuration) {
  emit("started", {{"version", UPKEEP_SDK_VERSION}});
  configured_at_ = shared_.host.clock().now();
  waiting_ = std::move(configuration);
  spawn(shared_.executor, own());
}

Reply Engine::unknown(const std::string& agent) const {
  if (waiting_) return tl::unexpected(Refusal{"unavailable", "this daemon stands by: " + standing_by_});
  return tl::unexpected(Refusal{"not_found", "there is no agent " + agent});
}

Reply Engine::status(const std::optional<std::string>& agent) {
  json out = json::array();
  if (agent) {
    const auto one = find(*agent);
    if (!one) return unknown(*agent);
    out.push_back(one->status());
  } else {
    find("");
    for (const auto& [name, one] : agents_) out.push_back(one->status());
  }
  const auto stale = shared_.registry.stale();
  for (auto& one : out)
    for (const auto& line : stale) one["warnings"].push_back(line);
  return json({{"agents", std::move(out)}});
}

Reply Engine::history(const std::optional<std::string>& agent, const std::string& operation) {
  json out = json::array();
  if (agent) {
    const auto one = find(*agent);
    if (!one) return unknown(*agent);
    out = one->history(operation);
    if (!operation.empty() && out.empty())
      return tl::unexpected(Refusal{"not_found", *agent + " has no operation " + sdk::quoted(operation) + " in its history"});
    if (!operation.empty() && out.size() > 1) {
      for (auto& whole : out)  // one may be how another begins
        if (whole["id"] == operation) return json({{"operations", {whole}}});
      return tl::unexpected(Refusal{"invalid", std::to_string(out.size()) + " operations begin with " + sdk::quoted(operation)});
    }
  } else {
    for (const auto& [name, one] : agents_)
      for (auto& each : one->history()) out.push_back(std::move(each));
    std::stable_sort(out.begin(), out.end(), [](const json& a, const json& b) { return a["started"] > b["started"]; });
  }
  return json({{"operations", std::move(out)}});
}

Task<Reply> Engine::schedule(std::string agent, sdk::TimePoint from, sdk::TimePoint until) {
  const auto one = find(agent);
  if (!one) co_return unknown(agent);
  co_return co_await one->schedule(from, until);
}

Task<Reply> Engine::command(std::string agent, Command command) {
  const auto one = find(agent);
  if (!one) co_return unknown(agent);
  co_return co_await one->command(std::move(command));
}

// A configuration with issues in the daemon's own file or in an agent that works now changes nothing.
Task<Reply> Engine::reload(Actor actor) {
  auto configuration = read_();
  json errors = json::array();
  for (const auto& issue : configuration.daemon_issues) errors.push_back(issue_json(issue));
  for (const auto& [name, issues] : configuration.broken)
    for (const auto& issue : issues) errors.push_back(issue_json(issue));
  const bool ok = errors.empty();
  if (ok && waiting_)
    waiting_ = std::move(configuration);
  else if (ok)
    take(configuration);
  last_reload_ok_ = ok;
  ++(ok ? shared_.counters.reloads : shared_.counters.failed_reloads);
  emit("reloaded", {{"ok", ok}, {"errors", errors}, {"actor", actor.name}});
  shared_.host.log(ok ? sdk::LogLevel::info : sdk::LogLevel::error,
                   ok ? "configuration reloaded by " + actor.name
                      : "configuration not reloaded, the old one stays: " + errors.dump(-1, ' ', false, json::error_handler_t::replace));
  co_return json({{"ok", ok}, {"errors", std::move(errors)}});
}

json Engine::version() {
  json plugins = json::array();
  for (const auto& [key, known] : shared_.registry.known())
    plugins.push_back({{"kind", sdk::name(key.first)},
                       {"name", key.second},
                       {"version", known.descriptor->version},
                       {"file", known.file},
                       {"summary", known.descriptor->summary}});
  return {{"version", UPKEEP_SDK_VERSION}, {"plugins", std::move(plugins)}};
}

std::vector<std::string> Engine::troubles() {
  std::vector<std::string> out;
  if (waiting_ && claim_failed_) out.push_back(standing_by_);
  for (const auto& [name, one] : agents_)
    for (auto& line : one->troubles()) out.push_back(std::move(line));
  return out;
}

Task<void> Engine::until_ready() {
  while (!ready()) co_await shared_.loaded.wait();
}

bool Engine::ready() {
  if (waiting_) return !standing_by_.empty();
  for (const auto& [name, one] : agents_)
    if (!one->attempted() && !one->over()) return false;
  return true;
}

std::string Engine::summary() {
  if (waiting_) return standing_by_.empty() ? "starting" : "standing by: " + standing_by_;
  std::string out;
  find("");
  for (const auto& [name, one] : agents_) {
    const auto status = one->status();
    out += (out.empty() ? "" : "; ") + name + ": " + status.value("phase", std::string()) + ", " +
           status["decision"].value("reason", std::string());
    if (out.size() > 400) return out + " …";
  }
  return out.empty() ? "no agents configured" : out;
}

void Engine::emit(std::string_view event, json fields) {
  fields["time"] = sdk::rfc3339(shared_.host.clock().now());
  fields["agent"] = "";
  fields["event"] = event;
  shared_.events.publish(fields);
}

}  // namespace upkeep::engine

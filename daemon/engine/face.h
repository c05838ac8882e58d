// SPDX-License-Identifier: Apache-2.0
#pragma once
// The engine's public face: what the control API may ask of it. JSON documents are those of conf/api/openapi.yaml;
// control adds transport, permissions and nothing else.

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "engine/figures.h"
#include "sdk/task.h"
#include "sdk/time.h"

namespace upkeep::engine {

// Who asks. Journalled.
struct Actor {
  std::uint32_t uid = 0;
  std::string name;          // user name, or the uid in digits
  std::string on_behalf_of;  // login user, where it is known and another
};

// Why a request was not done. Codes, a closed list: not_found, in_operation, invalid, refused, unavailable (the journal
// could not be written, or is damaged), internal.
struct Refusal {
  std::string code;
  std::string message;
};
using Reply = tl::expected<nlohmann::json, Refusal>;

enum class Verb { check, dry_run, run, force, suspend, resume, pin, unpin, rollback, unquarantine, resolve, forget };
[[nodiscard]] std::string_view name(Verb verb);
[[nodiscard]] std::optional<Verb> verb_from(std::string_view name);  // "dry-run" in the API's spelling

struct Command {
  Verb verb = Verb::check;
  Actor actor;
  std::string version;                  // force, pin, rollback (to), unquarantine; empty: not given
  std::string reason;                   // suspend
  std::optional<sdk::TimePoint> until;  // suspend
  std::string as;                       // resolve: "installed" or "failed"
  bool allow_downgrade = false, allow_major = false, quarantined = false, no_way_back = false;
};

// Dropping it ends the subscription.
class Subscription {
 public:
  virtual ~Subscription() = default;
};
using EventSink = std::function<void(const nlohmann::json& event)>;

class Face {
 public:
  virtual ~Face() = default;
  // {"agents":[…]}; not_found when the named agent is unknown.
  [[nodiscard]] virtual Reply status(const std::optional<std::string>& agent) = 0;
  // {"operations":[…]}, newest first. With an operation, that one alone: its id, or how no other one's id begins (not_found,
  // invalid when several do).
  [[nodiscard]] virtual Reply history(const std::optional<std::string>& agent, const std::string& operation) = 0;
  // {"windows":[…]}
  virtual sdk::Task<Reply> schedule(std::string agent, sdk::TimePoint from, sdk::TimePoint until) = 0;
  // check, dry_run: {agent, installed, target, offered, decision, messages:[…], plan: [{package, from, to}] or null}
  // run, force, rollback: {agent, started, operation: id or null, decision}
  // suspend, resume, pin, unpin, unquarantine, resolve, forget: {agent, done: true, text}
  virtual sdk::Task<Reply> command(std::string agent, Command command) = 0;
  // {ok, errors:[{file, line, message}]}
  virtual sdk::Task<Reply> reload(Actor actor) = 0;
  // {version, plugins:[{kind, name, version, file, summary}]}
  [[nodiscard]] virtual nlohmann::json version() = 0;
  // Events {time, agent, event, …} as they happen: agent is empty for the daemon's own.
  [[nodiscard]] virtual std::unique_ptr<Subscription> subscribe(EventSink sink) = 0;
  // In numbers, for metrics. Reads memory only.
  [[nodiscard]] virtual Figures figures() = 0;
  // Empty when the daemon works as it should; else one line a trouble.
  [[nodiscard]] virtual std::vector<std::string> troubles() = 0;
  // Configuration, journals and socket were good once.
  [[nodiscard]] virtual bool ready() = 0;
};

}  // namespace upkeep::engine

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/accept.h"
#include "core/agent_state.h"

namespace upkeep::core {
namespace {

using nlohmann::json;
using sdk::Result;

Result<void> wrong(const std::string& what) { return sdk::fail(sdk::Errc::invalid, what); }

Result<sdk::Version> version_of(const json& fields, const char* key) { return sdk::Version::parse(fields.at(key).get<std::string>()); }

Result<void> on_suspended(AgentState& state, const Entry& entry) {
  Suspension suspension{entry.fields.at("actor").get<std::string>(), entry.fields.at("reason").get<std::string>(), std::nullopt,
                        entry.fields.value("place", std::string())};
  if (entry.fields.contains("until")) {
    const auto until = sdk::parse_rfc3339(entry.fields.at("until").get<std::string>());
    if (!until) return sdk::fail("until", until.error());
    suspension.until = *until;
  }
  (suspension.place.empty() ? state.suspension : state.wished_suspension) = suspension;
  return {};
}

// Clocks of machines without a battery stand still meanwhile: that is no long time.
void note_boot(OperationState& operation, const Entry& entry) {
  if (operation.boot == entry.boot) return;
  const bool soon = entry.time - operation.boot_at < kRebootsBelongTogether;
  operation.reboots = operation.boot.empty() || !soon ? 0 : operation.reboots + 1;
  operation.boot = entry.boot;
  operation.boot_at = entry.time;
  operation.boot_since = entry.boot_time;
}

void enter(OperationState& operation, const Entry& entry, Phase phase, const std::string& detail) {
  operation.resumes = operation.phase == phase && operation.transitions > 0 ? operation.resumes + 1 : 0;
  operation.phase = phase;
  ++operation.transitions;
  operation.phases.push_back({phase, entry.time, detail});
  operation.phase_at = entry.time;
  operation.phase_boot = entry.boot;
  operation.phase_boot_time = entry.boot_time;
  operation.boot.clear();
  note_boot(operation, entry);
}

// `key` is what the installer said of the exact version; older journals have only that one's text.
Result<std::optional<sdk::Version>> release_in(const json& fields, const char* key, const std::string& exact) {
  const auto said = fields.find(key);
  if (said == fields.end()) return sdk::release_of(exact);
  if (said->is_null()) return std::optional<sdk::Version>();
  const auto version = version_of(fields, key);
  if (!version) return sdk::fail(key, version.error());
  return std::optional(*version);
}

Result<void> on_begin(AgentState& state, const Entry& entry) {
  if (state.operation) return wrong("an operation begins while " + state.operation->id + " is not over");
  const auto& fields = entry.fields;
  OperationState operation;
  operation.id = entry.operation;
  operation.change.operation = entry.operation;
  operation.change.from = fields.at("from").get<std::string>();
  operation.back_to = fields.at("back_to").get<std::string>();
  const auto from_release = release_in(fields, "from_release", operation.change.from);
  if (!from_release) return sdk::fail(from_release.error());
  operation.from_release = *from_release;
  const auto back_release = release_in(fields, "back_release", operation.back_to);
  if (!back_release) return sdk::fail(back_release.error());
  operation.back_release = *back_release;
  const auto target = version_of(fields, "target");
  if (!target) return sdk::fail("target", target.error());
  operation.change.target = *target;
  operation.change.downgrade = fields.at("downgrade").get<bool>();
  using Digests = std::map<std::string, std::string>;
  operation.change.images = fields.value("images", Digests());
  operation.change.packages = fields.value("packages", Digests());
  const auto reason = sdk::reason_from(fields.at("reason").get<std::string>());
  if (!reason) return wrong("unknown reason");
  operation.reason = *reason;
  operation.actor = fields.at("actor").get<std::string>();
  operation.settings = fields.at("settings");
  operation.started = entry.time;
  enter(operation, entry, Phase::preparing, "");
  state.due_hook.reset();
  state.operation = std::move(operation);
  return {};
}

Result<void> on_phase(AgentState& state, const Entry& entry) {
  auto& operation = *state.operation;
  const auto& fields = entry.fields;
  const auto phase = phase_from(fields.at("phase").get<std::string>());
  if (!phase || !may_go(operation.phase, *phase))
    return wrong("no edge from " + std::string(name(operation.phase)) + " to " + fields.at("phase").get<std::string>());
  const bool again = operation.phase == *phase;
  if (again) {
    // A resume keeps what the phase began with; only its times in the list tell of it.
    ++operation.transitions;
    ++operation.resumes;
    note_boot(operation, entry);
    operation.phases.push_back({*phase, entry.time, fields.at("detail").get<std::string>()});
    return {};
  }
  enter(operation, entry, *phase, fields.at("detail").get<std::string>());
  if (*phase == Phase::applying) {
    operation.change.to = fields.at("to").get<std::string>();
    operation.baseline = fields.at("baseline");
    if (fields.contains("packages")) operation.packages = fields.at("packages").get<std::vector<std::string>>();
  } else if (*phase == Phase::activating) {
    operation.before_restart = fields.at("before_restart");
    state.last_seen = operation.change.to;
  } else if (*phase == Phase::reverting) {
    operation.cause = fields.at("detail").get<std::string>();
    const auto result = result_from(fields.at("result").get<std::string>());
    if (!result) return wrong("unknown result");
    operation.revert_result = *result;
    if (fields.contains("quarantine")) {
      operation.quarantine = Quarantine{fields.at("quarantine").at("version").get<std::string>(), operation.cause};
      state.quarantined[operation.quarantine->version] = operation.quarantine->why;
    }
  }
  return {};
}

// Equal attempts that touched nothing are one line of history, so that a refusal every 15 minutes does not push the rest out.
void remember(AgentState& state, Finished finished) {
  const auto touched_nothing = [](const Finished& one) {
    return std::none_of(one.phases.begin(), one.phases.end(), [](const PhaseAt& at) { return touched(at.phase); });
  };
  if (!state.history.empty() && touched_nothing(finished)) {
    const auto& last = state.history.back();
    if (touched_nothing(last) && last.target == finished.target && last.result == finished.result && last.detail == finished.detail) {
      finished.times = last.times + 1;
      state.history.pop_back();
    }
  }
  state.history.push_back(std::move(finished));
  if (state.history.size() > kHistory) state.history.pop_front();
}

// What has to run after this end, by the settings that the operation began with.
std::optional<DueHook> due_after(const OperationState& operation, OperationResult result) {
  const auto begun = operation.hooks.find(Hook::before_apply);
  const bool undone = result == OperationResult::rolled_back || result == OperationResult::withdrawn;
  if (result != OperationResult::committed && !undone && begun == operation.hooks.end()) return std::nullopt;
  HookCall call;
  call.hook = result == OperationResult::committed ? Hook::after_commit : Hook::after_rollback;
  const auto hooks = operation.settings.find("hooks");
  if (hooks == operation.settings.end() || !hooks->contains(name(call.hook))) return std::nullopt;
  call.operation = operation.id;
  call.from = operation.change.from;
  call.to = operation.change.to.empty() && begun != operation.hooks.end() ? begun->second.to : operation.change.to;
  call.settings = hooks_from_json(*hooks).at(call.hook);
  return DueHook{std::move(call)};
}

Result<void> on_end(AgentState& state, const Entry& entry) {
  auto& operation = *state.operation;
  const auto& fields = entry.fields;
  const auto phase = phase_from(fields.at("phase").get<std::string>());
  const auto result = result_from(fields.at("result").get<std::string>());
  if (!phase || !result || !may_go(operation.phase, *phase))
    return wrong("an operation in " + std::string(name(operation.phase)) + " cannot end as " + fields.at("phase").get<std::string>());
  const auto detail = fields.at("detail").get<std::string>();
  const auto target = operation.change.target ? operation.change.target->str() : "";
  operation.phases.push_back({*phase, entry.time, detail});
  Finished finished;
  finished.id = operation.id;
  finished.from = operation.change.from;
  finished.back_to = operation.back_to;
  finished.from_release = operation.from_release;
  finished.back_release = operation.back_release;
  finished.to = operation.shown_to();
  finished.actor = operation.actor;
  finished.detail = detail;
  finished.target = target;
  finished.reason = operation.reason;
  finished.result = *result;
  finished.started = operation.started;
  finished.ended = entry.time;
  finished.phases = operation.phases;
  finished.record = operation.record;
  if (fields.at("counted").get<bool>()) state.attempts[target].push_back(operation.id);
  if (fields.contains("quarantine")) {
    const auto version = fields.at("quarantine").at("version").get<std::string>();
    state.quarantined[version] = fields.at("quarantine").at("reason").get<std::string>();
    state.attempts.erase(version);
  }
  if (*result == OperationResult::committed && state.hook_trouble.first != operation.id) state.hook_trouble = {};
  switch (*result) {
    case OperationResult::committed:
      // An operator believes that the contest is over: undone once more, soon, it is not.
      if (operation.reason == sdk::Reason::forced && state.undone) {
        state.undone->times = kContested - 1;
        state.undone->at = entry.time;
      }
      state.last_seen = operation.change.to;
      state.attempts.erase(target);
      state.changed_outside.clear();
      break;
    case OperationResult::rolled_back:
    case OperationResult::withdrawn:
      state.last_seen = operation.back_to;
      break;
    default:
      break;
  }
  // Taken back without the version being to blame is tried again, but not at once.
  const bool excused = *result == OperationResult::rolled_back && !operation.quarantine && !fields.contains("quarantine");
  if (*result == OperationResult::failed || excused) {
    ++state.tries[target];
    state.last_failure = entry.time;
  } else if (*result != OperationResult::refused) {
    state.tries.clear();
  }
  if (*phase == Phase::stuck) {  // stays the agent's operation until it is resolved
    enter(operation, entry, Phase::stuck, detail);
    if (fields.contains("tried")) operation.tried = fields.at("tried").get<std::vector<std::string>>();
    operation.phases.pop_back();
    return {};
  }
  state.due_hook = due_after(operation, *result);
  remember(state, std::move(finished));
  state.operation.reset();
  return {};
}

// A hook or a comparison may end after its operation has.
Result<void> add_record(AgentState& state, const Entry& entry, std::string topic) {
  std::vector<Record>* record = state.operation && state.operation->id == entry.operation ? &state.operation->record : nullptr;
  for (auto one = state.history.rbegin(); record == nullptr && one != state.history.rend(); ++one)
    if (one->id == entry.operation) record = &one->record;
  if (record == nullptr) return wrong("record of operation " + entry.operation + ", which is not known");
  Record added{entry.time, std::move(topic), entry.fields.at("lines").get<std::vector<std::string>>()};
  if (record->size() < kMaxRecords) record->push_back(std::move(added));
  return {};
}

Result<void> on_hook(AgentState& state, const Entry& entry) {
  const auto& fields = entry.fields;
  const auto hook = hook_from(fields.at("hook").get<std::string>());
  const auto what = fields.at("state").get<std::string>();
  if (!hook || (what != "started" && what != "ended")) return wrong("unknown hook or state of one");
  const bool ended = what == "ended";
  if (!after_end(*hook)) {
    if (!state.operation || state.operation->id != entry.operation)
      return wrong("hook of operation " + entry.operation + ", which does not run");
    auto& run = state.operation->hooks[*hook];
    run.ended = ended;
    run.to = fields.at("to").get<std::string>();
  } else {
    if (!state.due_hook || state.due_hook->call.operation != entry.operation || state.due_hook->call.hook != *hook)
      return wrong("hook of operation " + entry.operation + ", which is not due");
    if (ended)
      state.due_hook.reset();
    else
      ++state.due_hook->starts;
  }
  if (!ended) return {};
  if (!fields.at("ok").get<bool>() && *hook != Hook::before_apply)
    state.hook_trouble = {entry.operation, fields.at("detail").get<std::string>()};
  return add_record(state, entry, "hook");
}

void on_installed(AgentState& state, const Entry& entry) {
  const auto& fields = entry.fields;
  const auto version = fields.at("version").get<std::string>();
  const auto who = fields.value("who", std::string());
  if (fields.at("by").get<std::string>() == "others")
    state.changed_outside = (state.last_seen.empty() ? "not installed" : state.last_seen) + " -> " +
                            (version.empty() ? "not installed" : version) + " at " + sdk::rfc3339(entry.time) +
                            (who.empty() ? "" : " by " + who);
  if (fields.contains("undoes")) {
    Undone now{fields.at("undoes").get<std::string>(), who, entry.time};
    const auto& before = state.undone;
    if (before && before->target == now.target && entry.time - before->at < kUndoneTogether) now.times = before->times + 1;
    state.undone = std::move(now);
  }
  state.last_seen = version;
  state.seen = true;
}

Result<void> take(AgentState& state, const Entry& entry) {
  const auto& fields = entry.fields;
  const bool of_operation = entry.event == Event::phase || entry.event == Event::note || entry.event == Event::end;
  if (of_operation && (!state.operation || state.operation->id != entry.operation))
    return wrong(std::string(name(entry.event)) + " of operation " + entry.operation + ", which does not run");
  switch (entry.event) {
    case Event::release: {
      auto in_force = in_force_from(fields);
      if (!in_force) return sdk::fail(in_force.error());
      state.in_force = std::move(*in_force);
      return {};
    }
    case Event::installed:
      on_installed(state, entry);
      return {};
    case Event::suspended:
      return on_suspended(state, entry);
    case Event::resumed:
      (fields.contains("place") ? state.wished_suspension : state.suspension).reset();
      return {};
    case Event::pinned: {
      const auto version = version_of(fields, "version");
      if (!version) return sdk::fail("version", version.error());
      state.pin = Pin{*version, fields.at("allow_downgrade").get<bool>()};
      return {};
    }
    case Event::unpinned:
      state.pin.reset();
      return {};
    case Event::unquarantined: {
      const auto version = fields.at("version").get<std::string>();
      state.quarantined.erase(version);
      state.attempts.erase(version);
      state.tries.erase(version);
      if (state.undone && state.undone->target == version) state.undone.reset();
      return {};
    }
    case Event::wish:
      return fold_wish(state.wish, entry);
    case Event::begin:
      if (fields.contains("wish"))
        if (auto taken = fold_wish(state.wish, entry); !taken) return taken;
      return on_begin(state, entry);
    case Event::phase:
      return on_phase(state, entry);
    case Event::note:
      state.operation->note = fields.at("bytes").get<std::string>();
      return {};
    case Event::record:
      return add_record(state, entry, fields.at("topic").get<std::string>());
    case Event::hook:
      return on_hook(state, entry);
    case Event::end:
      return on_end(state, entry);
    case Event::compacted: {
      state = AgentState();
      for (const auto& line : fields.at("entries")) {
        auto inner = decode(line.get<std::string>());
        if (!inner) return sdk::fail("compacted", inner.error());
        if (inner->event == Event::compacted) return wrong("compacted within compacted");
        if (auto taken = take(state, *inner); !taken) return taken;
      }
      return {};
    }
  }
  return wrong("unknown event");
}

}  // namespace

json to_json(const End& end) {
  json out = {{"result", name(end.result)}, {"phase", name(end.phase)}, {"detail", end.detail}, {"counted", end.counted}};
  if (end.quarantine) out["quarantine"] = {{"version", end.quarantine->version}, {"reason", end.quarantine->why}};
  if (end.phase == Phase::stuck) out["tried"] = end.tried;
  return out;
}

Result<void> fold(AgentState& state, const Entry& entry) {
  try {  // a good checksum over wrong fields: a bug of a writer, or a forger; never guessed
    if (auto taken = take(state, entry); !taken) return sdk::fail("entry " + std::to_string(entry.sequence), taken.error());
  } catch (const json::exception& error) {
    return sdk::fail(sdk::Errc::invalid, "entry " + std::to_string(entry.sequence) + ": " + error.what());
  }
  state.next_sequence = entry.sequence + 1;
  // The latest, not the last: entries written under a clock that was set back must not make that clock look right.
  state.last_time = std::max(state.last_time, entry.time);
  return {};
}

Result<AgentState> fold(const std::vector<Entry>& entries) {
  AgentState state;
  for (const auto& entry : entries)
    if (auto folded = fold(state, entry); !folded) return sdk::fail(folded.error());
  return state;
}

}  // namespace upkeep::core

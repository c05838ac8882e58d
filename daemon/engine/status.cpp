// SPDX-License-Identifier: Apache-2.0
// What is shown of an agent: the documents of conf/api/openapi.yaml.

#include "engine/supervisor.h"

namespace upkeep::engine {

using core::Phase;
using nlohmann::json;

namespace {

json maybe(const std::optional<sdk::TimePoint>& time) { return time ? json(sdk::rfc3339(*time)) : json(nullptr); }
json maybe(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json phases_json(const std::vector<core::PhaseAt>& phases) {
  json out = json::array();
  for (std::size_t i = 0; i < phases.size(); ++i) {
    const auto& one = phases[i];
    json seconds = nullptr;  // a clock that was set back says nothing of how long it took
    if (i + 1 < phases.size() && phases[i + 1].at >= one.at)
      seconds = static_cast<double>(sdk::Millis(phases[i + 1].at - one.at).count()) / 1000;
    out.push_back(
        {{"phase", core::name(one.phase)}, {"at", sdk::rfc3339(one.at)}, {"detail", one.detail}, {"seconds", std::move(seconds)}});
  }
  return out;
}

json record_json(const std::vector<core::Record>& record) {
  json out = json::array();
  for (const auto& one : record) out.push_back({{"topic", one.topic}, {"at", sdk::rfc3339(one.at)}, {"lines", one.lines}});
  return out;
}

json plugins_json(const core::AgentSettings& settings) {
  if (settings.installer.use.empty()) return nullptr;
  json out = {{"sources", json::array()}, {"schedules", json::array()}, {"installer", settings.installer.use}};
  for (const auto& one : settings.sources) out["sources"].push_back(one.use);
  for (const auto& one : settings.schedules) out["schedules"].push_back(one.use);
  return out;
}

json finished_json(const std::string& agent, const core::Finished& one) {
  return {{"id", one.id},
          {"agent", agent},
          {"from", one.from},
          {"to", one.to},
          {"result", core::name(one.result)},
          {"reason", sdk::name(one.reason)},
          {"actor", maybe(one.actor)},
          {"started", sdk::rfc3339(one.started)},
          {"ended", sdk::rfc3339(one.ended)},
          {"detail", one.detail},
          {"times", one.times},
          {"phases", phases_json(one.phases)},
          {"record", record_json(one.record)}};
}

}  // namespace

json Supervisor::status() const {
  json out = {
      {"name", name_}, {"phase", core::name(phase())}, {"installed", seen_.inspected ? maybe(seen_.installed.version) : json(nullptr)}};
  out["target"] = decision_.target ? json(decision_.target->str()) : json(nullptr);
  out["offered"] = offered_json();
  out["signed"] = signed_json();
  out["decision"] = decision_json(shown_decision());
  const auto& now = state();
  out["suspended"] = suspended_json();
  out["wish"] = wish_json();
  out["pinned"] = now.pin ? json(now.pin->version.str()) : json(nullptr);
  json probes = json::array();
  if (parts_ || operation_parts_)
    for (const auto& one : parts().probes->status())
      probes.push_back({{"name", one.name},
                        {"state", name(one.state)},
                        {"since", maybe(one.since)},
                        {"detail", one.detail},
                        {"baseline", one.baseline}});
  const auto health = parts_ || operation_parts_ ? parts().probes->health() : sdk::Health::unknown;
  out["health"] = {{"state", sdk::name(health)}, {"probes", std::move(probes)}};
  out["operation"] = operation_json();
  out["stuck"] = stuck_json();
  out["preflight"] = preflight_->status();
  const auto* last = now.last();
  out["last_operation"] = last == nullptr ? json(nullptr)
                                          : json({{"id", last->id},
                                                  {"from", last->from},
                                                  {"to", last->to},
                                                  {"result", core::name(last->result)},
                                                  {"started", sdk::rfc3339(last->started)},
                                                  {"ended", sdk::rfc3339(last->ended)},
                                                  {"detail", last->detail}});
  out["quarantined"] = json::array();
  for (const auto& [version, why] : now.quarantined) out["quarantined"].push_back(version);
  const auto& back = seen_.installed.way_back;
  const auto way_back = seen_.inspected ? back.text : std::string("not looked at yet");
  out["can_go_back"] = {
      {"possible", back.possible()}, {"how", back.possible() ? json(sdk::name(back.how)) : json(nullptr)}, {"text", way_back}};
  out["can_go_back"]["versions"] = seen_.installed.former;
  out["source"] = source_json();
  out["plugins"] = plugins_json(configured_.settings);
  out["warnings"] = warnings();
  return out;
}

json Supervisor::decision_json(const core::Decision& decision) {
  return {{"action", sdk::name(decision.action)},
          {"reason", sdk::name(decision.reason)},
          {"text", decision.text},
          {"until", maybe(decision.until)}};
}

// While an operation runs there is nothing to decide.
core::Decision Supervisor::shown_decision() const {
  const auto& due = state().due_hook;
  if (!due && (!state().operation || operation().phase == Phase::stuck)) return decision_;
  core::Decision out = decision_;
  out.action = sdk::Action::none;
  out.reason = sdk::Reason::in_operation;
  out.text = due ? "hook " + std::string(core::name(due->call.hook)) + " of operation " + due->call.operation + " runs"
                 : "operation " + operation().id + " is " + std::string(core::name(operation().phase));
  out.until.reset();
  return out;
}

json Supervisor::source_json() const {
  json out = {{"origin", nullptr}, {"last_ok", nullptr}, {"last_error", nullptr}};
  if (!parts_ || !parts_->poller) return out;
  const auto& poller = *parts_->poller;
  out["origin"] = poller.origin();
  if (poller.latest()) out["last_ok"] = sdk::rfc3339(poller.latest()->at);
  const auto& error = channel_error();
  if (error)
    out["last_error"] = {{"code", sdk::name(error->error.code)}, {"message", error->error.message}, {"at", sdk::rfc3339(error->at)}};
  return out;
}

json Supervisor::operation_json() const {
  if (!state().operation) return nullptr;
  const auto& now = operation();
  json out = {{"id", now.id},
              {"from", now.change.from},
              {"to", now.shown_to()},
              {"phase", core::name(now.phase)},
              {"reason", sdk::name(now.reason)},
              {"actor", maybe(now.actor)},
              {"started", sdk::rfc3339(now.started)}};
  out["percent"] = progress_.percent ? json(*progress_.percent) : json(nullptr);
  out["text"] = progress_.text.empty() && !now.phases.empty() ? now.phases.back().detail : progress_.text;
  return out;
}

Phase Supervisor::phase() const {
  if (state().operation) return operation().phase;
  return decision_.action == sdk::Action::none ? Phase::idle : Phase::waiting;
}

std::vector<std::string> Supervisor::warnings() const {
  std::vector<std::string> out = configured_.errors;
  if (const auto now = trouble(); !now.empty()) out.push_back(now);
  if (configured_.mode == Setup::configured)
    out.insert(out.end(), configured_.settings.warnings.begin(), configured_.settings.warnings.end());
  for (const auto& of : {parts_, operation_parts_}) {
    if (!of) continue;
    const auto faults = of->faults->lines();
    out.insert(out.end(), faults.begin(), faults.end());
  }
  out.insert(out.end(), seen_.installed.warnings.begin(), seen_.installed.warnings.end());
  if (const auto& own = state().suspension; own && own->in_force(clock().now()) && state().wished_suspension)
    out.push_back("suspended by " + own->actor + " too: " + own->reason);
  if (!wish_trouble_.empty()) out.push_back(wish_trouble_);
  for (const auto& permit : permits_)
    if (!permit.missing.empty()) out.push_back(permit.missing);
  out.insert(out.end(), seen_.channel_warnings.begin(), seen_.channel_warnings.end());
  if (parts_ && parts_->poller && !parts_->poller->refused().empty()) out.push_back("a fallback is followed: " + parts_->poller->refused());
  if (configured_.mode == Setup::configured && !window_warning_.empty()) out.push_back(window_warning_);
  if (auto ahead = preflight_->warning(); !ahead.empty()) out.push_back(std::move(ahead));
  if (in_force() != nullptr && in_force()->says_critical && !in_force()->confirmed)
    out.push_back("the channel says critical together with a new version; it counts after a second read");
  if (const auto& [operation, how] = state().hook_trouble; !how.empty()) out.push_back(how + ", in operation " + operation);
  if (!state().changed_outside.empty()) out.push_back("changed by others: " + state().changed_outside);
  const auto clock_trouble = journal_ ? clock_problem() : "";
  if (!clock_trouble.empty()) out.push_back(clock_trouble);
  return out;
}

json Supervisor::history(const std::string& wanted) const {
  json out = json::array();
  if (!journal_) return out;
  if (!wanted.empty()) {
    for (auto& one : history())
      if (one["id"].get_ref<const std::string&>().starts_with(wanted)) out.push_back(std::move(one));
    return out;
  }
  if (state().operation) {
    const auto& now = operation();
    out.push_back({{"id", now.id},
                   {"agent", name_},
                   {"from", now.change.from},
                   {"to", now.shown_to()},
                   {"result", now.phase == Phase::stuck ? json("stuck") : json(nullptr)},
                   {"reason", sdk::name(now.reason)},
                   {"actor", maybe(now.actor)},
                   {"started", sdk::rfc3339(now.started)},
                   {"ended", nullptr},
                   {"detail", now.cause},
                   {"times", 1},
                   {"phases", phases_json(now.phases)},
                   {"record", record_json(now.record)}});
  }
  for (auto one = state().history.rbegin(); one != state().history.rend(); ++one) out.push_back(finished_json(name_, *one));
  return out;
}

std::string Supervisor::trouble() const {
  if (!trouble_.empty() || !journal_ || journal_->trouble().empty()) return trouble_;
  return "the journal cannot be written: " + journal_->trouble();
}

std::vector<std::string> Supervisor::troubles() const {
  std::vector<std::string> out;
  if (const auto now = trouble(); !now.empty()) out.push_back(name_ + ": " + now);
  if (journal_ && !journal_->damage().empty()) out.push_back(name_ + ": the journal is damaged: " + journal_->damage());
  if (state().operation && operation().phase == Phase::stuck) out.push_back(name_ + ": stuck");
  return out;
}

}  // namespace upkeep::engine

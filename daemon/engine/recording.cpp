// SPDX-License-Identifier: Apache-2.0
// What the supervisor writes down: entries, and records for people.

#include <algorithm>

#include "core/backoff.h"
#include "engine/supervisor.h"

namespace upkeep::engine {

using core::Event;
using core::Phase;
using nlohmann::json;
using sdk::Result;
using sdk::Task;

namespace {

constexpr std::size_t kLogLines = 20;

}  // namespace

Task<Result<void>> Supervisor::try_append(core::Event event, json fields) {
  const auto before = stand();
  auto id = state().operation ? state().operation->id : std::string();
  auto appended = co_await journal_->append(event, std::move(id), std::move(fields));
  if (appended) count(before);
  if (!appended && appended.error().code == sdk::Errc::cancelled) journal_lost_ = true;
  co_return appended;
}

Task<void> Supervisor::must_append(core::Event event, json fields) {
  auto id = state().operation ? state().operation->id : std::string();  // an end takes it away
  co_await must_append_for(std::move(id), event, std::move(fields));
}

Task<void> Supervisor::must_append_for(std::string id, core::Event event, json fields) {
  const auto stood = stand();
  // Somebody else's append may have read the journal again, and found this one in it.
  const auto landed = [&] {
    if (event == Event::end) return has_ended(id, fields.value("phase", std::string()));
    return event == Event::hook && fields.at("state") == "ended" && hook_has_ended(id, fields.at("hook"));
  };
  for (int failures = 1;; ++failures) {
    if (journal_lost_) throw JournalLost("somebody else wrote the journal");
    auto appended = co_await journal_->append(event, id, fields);
    if (appended) break;
    journal_lost_ = appended.error().code == sdk::Errc::cancelled;
    if (journal_lost_) continue;
    if (!journal_->damage().empty()) throw JournalLost("the operation is not in the journal any more: " + journal_->damage());
    if (landed()) break;
    if (appended.error().code == sdk::Errc::internal && !state().operation && !state().due_hook)
      throw JournalLost("the operation is not in the journal any more");
    if (appended.error().code == sdk::Errc::internal) throw std::logic_error(appended.error().message);
    stalled_ = true;
    answer_all(tl::unexpected(Refusal{"unavailable", trouble()}));
    const auto pause = core::retry_pause(failures, host_->random().unit());
    co_await clock().sleep_for(pause);
    if (landed()) break;
  }
  stalled_ = false;
  count(stood);
  if (event != Event::phase && event != Event::end) co_return;
  const auto detail = fields.value("detail", std::string());
  const auto where = fields.value("phase", std::string());
  host_->log(sdk::LogLevel::info, "phase=" + where + (detail.empty() ? "" : " " + detail));
  json shown = {{"operation", id}, {"phase", where}, {"detail", detail}};
  emit("phase", std::move(shown));
  progress_ = sdk::Progress();
}

bool Supervisor::has_ended(const std::string& id, const std::string& phase) const {
  const auto& running = state().operation;
  if (running) return running->id == id && running->phase == Phase::stuck && phase == core::name(Phase::stuck);
  return state().last() != nullptr && state().last()->id == id;
}

bool Supervisor::hook_has_ended(const std::string& id, const std::string& name) const {
  const auto which = core::hook_from(name);
  if (which && core::after_end(*which)) return !state().due_hook || state().due_hook->call.operation != id;
  if (!which || !state().operation || operation().id != id) return false;
  const auto run = operation().hooks.find(*which);
  return run != operation().hooks.end() && run->second.ended;
}

Task<void> Supervisor::record(sdk::Topic topic, std::vector<std::string> lines) {
  if (lines.empty() || !state().operation) co_return;
  const auto& there = operation().record;
  if (std::any_of(there.begin(), there.end(), [&](const core::Record& one) { return one.topic == sdk::name(topic); })) co_return;
  json fields = {{"topic", sdk::name(topic)}, {"lines", core::bounded(std::move(lines))}};
  const auto appended = co_await try_append(Event::record, std::move(fields));
  if (!appended) host_->log(sdk::LogLevel::warn, "not recorded: " + appended.error().message);
}

// Since the restart, of each unit that is watched.
Task<void> Supervisor::record_unit_logs() {
  const auto& phases = operation().phases;
  const auto restart = std::find_if(phases.begin(), phases.end(), [](const auto& one) { return one.phase == Phase::activating; });
  if (restart == phases.end()) co_return;
  std::vector<std::string> out;
  for (const auto& unit : parts().probes->units()) {
    const auto read = host_->unit_log().lines(unit, restart->at, kLogLines);
    if (!read || read->empty()) {  // the daemon need not be in the group that may read it
      out.push_back(unit + (read ? ": nothing to be read here" : ": " + read.error().message) + "; `journalctl -u " + unit +
                    "` may know more");
      continue;
    }
    std::vector<std::string> lines;
    for (const auto& line : *read) lines.push_back(sdk::rfc3339(line.time) + " " + line.message);
    lines = core::last_lines(std::move(lines), kLogLines);
    out.push_back(unit + ", its last lines since the restart:");
    out.insert(out.end(), lines.begin(), lines.end());
  }
  const auto all = out.size();
  out = core::last_lines(std::move(out), all);
  co_await record(sdk::Topic::unit_log, std::move(out));
}

}  // namespace upkeep::engine

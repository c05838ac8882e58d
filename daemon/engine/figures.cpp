// SPDX-License-Identifier: Apache-2.0
// Where an agent and the engine stand, in numbers. Reads memory only: no disk, no network, nothing that could wait.

#include "engine/figures.h"

#include <algorithm>

#include "engine/engine.h"

namespace upkeep::engine {

using core::Phase;

std::string_view name(Setup setup) {
  switch (setup) {
    case Setup::configured:
      return "configured";
    case Setup::broken:
      return "broken";
    case Setup::orphaned:
      return "orphaned";
  }
  return "orphaned";
}

Supervisor::Stood Supervisor::stand() const {
  if (!state().operation) return {};
  const auto& now = operation();
  const bool same_boot = now.phase_boot == clock().boot_id();
  return {now.phase, same_boot ? clock().boot_now() - now.phase_boot_time : sdk::Millis(clock().now() - now.phase_at), now.started};
}

void Supervisor::count(const Stood& before) {
  if (!before.phase) return;
  const auto now = state().operation ? std::optional(operation().phase) : std::nullopt;
  if (now == before.phase) return;                      // a note, or a resume: the phase goes on
  const bool was_stuck = before.phase == Phase::stuck;  // its time is an operator's
  if (!was_stuck) shared_.counters.phases.at(static_cast<std::size_t>(*before.phase)).observe(before.spent);
  if (now == Phase::reverting) ++counters_.reverts;
  if (now && now != Phase::stuck) return;
  const auto result = now ? core::OperationResult::stuck : state().last()->result;
  ++counters_.operations.at(static_cast<std::size_t>(result));
  if (!was_stuck) shared_.counters.operation.observe(clock().now() - before.started);
}

AgentFigures Supervisor::figures() const {
  AgentFigures out;
  out.name = name_;
  out.counters = counters_;
  out.setup = configured_.mode;
  out.config_errors = configured_.errors.size();
  out.warnings = warnings().size();
  out.phase = phase();
  const auto decision = shown_decision();
  out.action = decision.action;
  out.reason = decision.reason;
  out.changes_at = decision.until;
  out.decided_at = seen_.at;
  out.target = decision_.target;
  out.inspected = seen_.inspected;
  out.installed = seen_.installed.release;
  out.at_target = seen_.installed.matches_target;
  out.held = !seen_.installed.held_by.empty();
  out.way_back = seen_.installed.way_back.how;
  const auto now = clock().now();
  const auto open = [&](const core::NamedVerdict& one) {
    const bool changed = one.verdict.changes_at && now >= *one.verdict.changes_at;
    return one.verdict.open != changed;
  };
  out.schedules_open = !seen_.verdicts.empty() && std::all_of(seen_.verdicts.begin(), seen_.verdicts.end(), open);
  if (parts_ || operation_parts_) {
    const auto& probes = *parts().probes;
    out.health = probes.health();
    for (const auto& one : probes.status())
      ++(one.state == ProbeState::ok ? out.probes_ok : one.state == ProbeState::failing ? out.probes_failing : out.probes_unknown);
  }
  if (parts_ && parts_->poller) {
    out.channel_failing = channel_error().has_value();
    if (parts_->poller->latest()) out.channel_ok = parts_->poller->latest()->at;
  }
  if (!journal_) return out;

  out.journal = journal_->figures();
  out.clock_trouble = !clock_problem().empty();
  const auto& known = state();
  out.suspended = known.wished_suspension || (known.suspension && known.suspension->in_force(now));
  out.pinned = known.pin.has_value();
  out.quarantined = known.quarantined.size();
  if (const auto tried = decision_.target ? known.attempts.find(decision_.target->str()) : known.attempts.end();
      tried != known.attempts.end())
    out.failed_attempts = tried->second.size();
  if (const auto* offered = in_force()) {
    out.offered = offered->release.version;
    out.critical_offered = out.offered && offered->release.critical;
    out.release_at = offered->read_at;
    out.release_expires = offered->release.expires;
    if (!out.channel_ok) out.channel_ok = offered->read_at;  // the daemon has not read it yet
  }
  if (known.operation) out.operation = AgentFigures::Running{operation().started, progress_.percent};
  if (known.last() != nullptr) out.last_operation = AgentFigures::Last{known.last()->result, known.last()->ended};
  return out;
}

Figures Engine::figures() {
  Figures out;
  out.version = UPKEEP_SDK_VERSION;
  out.ready = ready();
  out.clock_synchronized = shared_.host.clock().synchronized();
  out.troubles = troubles().size();
  out.events = shared_.events.published();
  out.last_reload_ok = last_reload_ok_;
  out.configured_at = configured_at_;
  out.counters = shared_.counters;
  for (const auto& [key, known] : shared_.registry.known()) {
    auto version = sdk::Version::parse(known.descriptor->version);
    out.plugins.push_back({sdk::name(key.first), key.second, version ? std::optional(*version) : std::nullopt});
  }
  find("");
  for (const auto& [name, one] : agents_) out.agents.push_back(one->figures());
  return out;
}

}  // namespace upkeep::engine

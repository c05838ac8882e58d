// SPDX-License-Identifier: Apache-2.0
// One agent in numbers. A state of a short closed list is one series a word, 0 or 1, so that alerts and averages over time
// work; the reason, of a long one, is a label. Times are points in time: how long ago they were is for the query to say.
#include "control/agent_series.h"
#include "control/metrics.h"

namespace upkeep::control {
namespace {

using Agents = std::vector<engine::AgentFigures>;

// What is known of the host is of now: nobody looks for an agent that is not in the configuration.
bool looked_at(const engine::AgentFigures& one) { return one.inspected && one.setup == engine::Setup::configured; }

std::string text(const std::optional<sdk::Version>& version) { return version ? version->str() : ""; }

void write_versions(MetricsPage& page, const Agents& agents) {
  page.gauge("upkeep_agent_version_info", "Release versions of the agent, empty where there is none or it is unknown; always 1");
  for (const auto& one : agents) {
    const auto installed = text(one.installed), target = text(one.target), offered = text(one.offered);
    page.add({{"agent", one.name}, {"installed", installed}, {"target", target}, {"offered", offered}}, true);
  }
  page.gauge("upkeep_agent_at_target", "1 when the installed version is the target; absent while that cannot be said");
  for (const auto& one : agents)
    if (looked_at(one) && one.target) page.add({{"agent", one.name}}, one.at_target);
  page.gauge("upkeep_agent_critical_offered", "1 when the release in force is critical");
  each(page, agents, [](const auto& one) { return one.critical_offered; });
  page.gauge("upkeep_agent_quarantined_versions", "Versions that failed here and are not tried again");
  each(page, agents, [](const auto& one) { return one.quarantined; });
  page.gauge("upkeep_agent_failed_attempts", "Attempts at the target that failed and count towards its quarantine");
  each(page, agents, [](const auto& one) { return one.failed_attempts; });
  page.gauge("upkeep_agent_way_back", "How the installed version could be had again after an upgrade: 1 for the way, or for none");
  for (const auto& one : agents)
    if (looked_at(one)) states(page, one, "how", sdk::WayBackHow::image, [&](auto how) { return how == one.way_back; });
}

void write_decisions(MetricsPage& page, const Agents& agents) {
  page.gauge("upkeep_agent_decision", "The last decision on the agent, as labels; the value is always 1");
  for (const auto& one : agents) page.add({{"agent", one.name}, {"action", name(one.action)}, {"reason", name(one.reason)}}, true);
  page.gauge("upkeep_agent_decision_timestamp_seconds", "When the agent was last decided on");
  each(page, agents, [](const auto& one) { return one.decided_at; });
  page.gauge("upkeep_agent_next_change_timestamp_seconds", "When the decision could change by itself, such as a window's opening");
  each(page, agents, [](const auto& one) { return one.changes_at; });
  page.gauge("upkeep_agent_schedules_open", "1 while all schedules of the agent are open, as far as last asked");
  each(page, agents, [](const auto& one) { return one.schedules_open; });
  page.gauge("upkeep_agent_suspended", "1 while new operations are suspended");
  each(page, agents, [](const auto& one) { return one.suspended; });
  page.gauge("upkeep_agent_pinned", "1 while an operator has pinned a version");
  each(page, agents, [](const auto& one) { return one.pinned; });
  page.gauge("upkeep_agent_held", "1 while the host's administrator holds the package");
  each(page, agents, [](const auto& one) { return one.held; });
  page.gauge("upkeep_agent_clock_trouble", "1 while the wall clock is not trusted, so that no window opens");
  each(page, agents, [](const auto& one) { return one.clock_trouble; });
}

}  // namespace

void write_agents(MetricsPage& page, const Agents& agents) {
  page.gauge("upkeep_agent_setup", "What the configuration says of the agent: 1 for good, errors, or nothing any more");
  for (const auto& one : agents) states(page, one, "state", engine::Setup::orphaned, [&](auto state) { return state == one.setup; });
  page.gauge("upkeep_agent_config_errors", "Errors in the agent's configuration, which disable it");
  each(page, agents, [](const auto& one) { return one.config_errors; });
  page.gauge("upkeep_agent_warnings", "Warnings that status shows");
  each(page, agents, [](const auto& one) { return one.warnings; });
  page.gauge("upkeep_agent_phase", "Where the agent stands: 1 for its phase, 0 for the others");
  for (const auto& one : agents) states(page, one, "phase", core::Phase::stuck, [&](auto phase) { return phase == one.phase; });
  write_versions(page, agents);
  write_decisions(page, agents);
  page.gauge("upkeep_agent_health", "Health of the agent as its probes, or its installer, see it: 1 for the state");
  for (const auto& one : agents) states(page, one, "state", sdk::Health::unhealthy, [&](auto state) { return state == one.health; });
  page.gauge("upkeep_agent_probes", "Health checks of the agent by what they last said");
  for (const auto& one : agents) {
    page.add({{"agent", one.name}, {"state", "ok"}}, one.probes_ok);
    page.add({{"agent", one.name}, {"state", "failing"}}, one.probes_failing);
    page.add({{"agent", one.name}, {"state", "unknown"}}, one.probes_unknown);
  }
}

}  // namespace upkeep::control

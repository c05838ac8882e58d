// SPDX-License-Identifier: Apache-2.0
// What each agent has done since the daemon started, and what its journal and its channel look like.
#include "control/agent_series.h"
#include "control/metrics.h"

namespace upkeep::control {

using Agents = std::vector<engine::AgentFigures>;

void write_channels(MetricsPage& page, const Agents& agents) {
  page.counter("upkeep_channel_polls_total", "Reads of the agent's channel; agents that share a channel count each read");
  each(page, agents, [](const auto& one) { return one.counters.polls; });
  page.counter("upkeep_channel_poll_errors_total",
               "Reads that failed, or that brought no release, by the reaction that the error asks for");
  for (const auto& one : agents)
    states(page, one, "reaction", sdk::Errc::internal,
           [&](auto code) { return one.counters.poll_errors.at(static_cast<std::size_t>(code)); });
  page.counter("upkeep_channel_read_bytes_total", "Bytes of bodies that were read from the agent's channel");
  each(page, agents, [](const auto& one) { return one.counters.poll_bytes; });
  page.gauge("upkeep_channel_failing", "1 while the last read of the agent's channel failed or brought no release");
  each(page, agents, [](const auto& one) { return one.channel_failing; });
  page.gauge("upkeep_channel_last_success_timestamp_seconds",
             "The last good read of the agent's channel; 0: never; absent when none is configured");
  for (const auto& one : agents)
    if (one.setup == engine::Setup::configured) page.add({{"agent", one.name}}, std::optional(one.channel_ok.value_or(sdk::TimePoint())));
  page.gauge("upkeep_channel_release_timestamp_seconds", "When the release in force was read first");
  each(page, agents, [](const auto& one) { return one.release_at; });
  page.gauge("upkeep_channel_release_expires_timestamp_seconds", "When the signed release in force counts no more");
  each(page, agents, [](const auto& one) { return one.release_expires; });
}

void write_operations(MetricsPage& page, const Agents& agents) {
  page.counter("upkeep_operations_total", "Operations that ended, by result; a stuck one counts again when it is resolved");
  for (const auto& one : agents)
    states(page, one, "result", core::OperationResult::stuck,
           [&](auto result) { return one.counters.operations.at(static_cast<std::size_t>(result)); });
  page.counter("upkeep_reverts_total", "Times that an operation began to go back to the former version");
  each(page, agents, [](const auto& one) { return one.counters.reverts; });
  page.counter("upkeep_hook_failures_total", "Operators' hooks that failed, by hook");
  for (const auto& one : agents)
    states(page, one, "hook", core::Hook::after_rollback,
           [&](auto hook) { return one.counters.hook_failures.at(static_cast<std::size_t>(hook)); });
  page.counter("upkeep_agent_changed_outside_total", "Changes of the installed version by others");
  each(page, agents, [](const auto& one) { return one.counters.changed_outside; });
  page.gauge("upkeep_operation_start_timestamp_seconds", "When the running, or stuck, operation began; absent while there is none");
  for (const auto& one : agents)
    if (one.operation) page.add({{"agent", one.name}}, std::optional(one.operation->started));
  page.gauge("upkeep_operation_progress_ratio", "How far the running step is, 0 to 1; absent while that is not known");
  for (const auto& one : agents)
    if (one.operation && one.operation->percent) page.add({{"agent", one.name}}, *one.operation->percent / 100.0);
  page.gauge("upkeep_last_operation_end_timestamp_seconds", "When the agent's last operation ended, with its result; from the journal");
  for (const auto& one : agents)
    if (one.last_operation)
      page.add({{"agent", one.name}, {"result", name(one.last_operation->result)}}, std::optional(one.last_operation->ended));
}

void write_journals(MetricsPage& page, const Agents& agents) {
  page.counter("upkeep_journal_appends_total", "Entries that were written to the agent's journal");
  each(page, agents, [](const auto& one) { return one.journal.appends; });
  page.counter("upkeep_journal_append_errors_total", "Entries that could not be written to the agent's journal");
  each(page, agents, [](const auto& one) { return one.journal.append_errors; });
  page.gauge("upkeep_journal_failing", "1 while the last entry could not be written: nothing is done meanwhile");
  each(page, agents, [](const auto& one) { return one.journal.failing; });
  page.gauge("upkeep_journal_damaged", "1 while the agent's journal is damaged: nothing is done until it is resolved");
  each(page, agents, [](const auto& one) { return one.journal.damaged; });
  page.gauge("upkeep_journal_entries", "Entries in the agent's journal");
  each(page, agents, [](const auto& one) { return one.journal.entries; });
  page.gauge("upkeep_journal_size_bytes", "Size of the agent's journal");
  each(page, agents, [](const auto& one) { return one.journal.bytes; });
}

}  // namespace upkeep::control

// SPDX-License-Identifier: Apache-2.0
// The page as a whole, and what concerns the daemon rather than one agent.
#include "control/metrics.h"

#include <array>
#include <string_view>

#include "core/phase.h"

namespace upkeep::control {
namespace {

using engine::Figures;

void write_daemon(MetricsPage& page, const Figures& now) {
  page.gauge("upkeep_build_info", "The running program; the value is always 1");
  page.add({{"version", now.version}}, true);
  page.gauge("upkeep_plugin_info", "A plugin that is loaded; the value is always 1");
  for (const auto& one : now.plugins) {
    const auto version = one.version ? one.version->str() : "unknown";
    page.add({{"kind", one.kind}, {"name", one.name}, {"version", version}}, true);
  }
  page.gauge("upkeep_ready", "1 when configuration, journals and socket were good once");
  page.add({}, now.ready);
  page.gauge("upkeep_troubles", "What keeps the daemon from working as it should; 0 when all is well");
  page.add({}, now.troubles);
  page.gauge("upkeep_agents", "Agents that the daemon looks after");
  page.add({}, now.agents.size());
  page.gauge("upkeep_clock_synchronized", "1 when the kernel calls the wall clock synchronised");
  page.add({}, now.clock_synchronized);

  page.counter("upkeep_config_reloads_total", "Reloads of the configuration since the start; one that failed changed nothing");
  page.add({{"result", "ok"}}, now.counters.reloads);
  page.add({{"result", "failed"}}, now.counters.failed_reloads);
  page.gauge("upkeep_config_last_reload_successful", "0 when the last reload failed: the files are not what runs");
  page.add({}, now.last_reload_ok);
  page.gauge("upkeep_config_last_reload_success_timestamp_seconds", "When the configuration in use was taken");
  page.add({}, std::optional(now.configured_at));
}

void write_durations(MetricsPage& page, const engine::DaemonCounters& counters) {
  page.histogram("upkeep_journal_append_duration_seconds", "How long writing an entry of a journal took until it was durable");
  page.add({}, counters.append);
  page.histogram("upkeep_channel_poll_duration_seconds", "How long reading a channel took, whatever came of it");
  page.add({}, counters.poll);
  page.histogram("upkeep_operation_duration_seconds", "How long operations took from their beginning to their end, by the wall clock");
  page.add({}, counters.operation);
  page.histogram("upkeep_operation_phase_duration_seconds", "How long operations stayed in a phase");
  using core::Phase;
  for (const auto phase : {Phase::preparing, Phase::applying, Phase::activating, Phase::soaking, Phase::reverting})
    page.add({{"phase", core::name(phase)}}, counters.phases.at(static_cast<std::size_t>(phase)));
}

void write_traffic(MetricsPage& page, const Traffic& traffic, std::uint64_t events) {
  page.counter("upkeep_api_requests_total", "Answers of the control API, metrics and health included, by the class of their status");
  constexpr std::array<std::string_view, 6> kClasses = {"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (const std::size_t at : {2U, 4U, 5U}) page.add({{"code", kClasses.at(at)}}, traffic.answers.at(at));
  page.counter("upkeep_events_total", "Events that were sent to those who listen, if any");
  page.add({}, events);
  page.gauge("upkeep_event_readers", "Clients that read the stream of events");
  page.add({}, traffic.readers);
  page.counter("upkeep_event_readers_dropped_total", "Readers of events that were ended for falling too far behind");
  page.add({}, traffic.readers_dropped);
}

}  // namespace

std::string metrics_page(engine::Face& face, const Traffic& traffic, const ProcessFigures& process) {
  MetricsPage page;
  const Figures now = face.figures();
  write_daemon(page, now);
  write_agents(page, now.agents);
  write_channels(page, now.agents);
  write_operations(page, now.agents);
  write_journals(page, now.agents);
  write_durations(page, now.counters);
  write_traffic(page, traffic, now.events);
  process.write(page);
  return page.take();
}

}  // namespace upkeep::control

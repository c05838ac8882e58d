// SPDX-License-Identifier: Apache-2.0
// From numbers to the page: every family, its labels, and what is left out.
#include <gtest/gtest.h>

#include <regex>

#include "control/metrics.h"
#include "support/control_world.h"

namespace upkeep::control_test {
namespace {

using control::EventQueue;
using core::OperationResult;
using engine::AgentFigures;
using engine::Setup;
using namespace std::chrono_literals;

sdk::Version version(const char* text) { return sdk::Version::parse(text).value(); }

class MetricsPage : public testing::Test {
 protected:
  std::string page() { return control::metrics_page(face, traffic, process); }
  void expect(const std::string& line) {
    EXPECT_NE(("\n" + page()).find("\n" + line + "\n"), std::string::npos) << line << " is not in\n" << page();
  }
  void expect_none(const std::string& beginning) { EXPECT_EQ(("\n" + page()).find("\n" + beginning), std::string::npos) << beginning; }
  AgentFigures& add(const char* name) {
    auto& one = face.numbers.agents.emplace_back();
    one.name = name;
    one.setup = Setup::configured;
    return one;
  }

  asio::io_context io;
  RecordingFace face{io};
  StillClock clock;
  control::Traffic traffic;
  control::ProcessFigures process{clock};
};

TEST_F(MetricsPage, TheDaemon) {
  auto& now = face.numbers;
  now.version = "1.0.0";
  now.ready = now.clock_synchronized = true;
  now.troubles = 2;
  now.events = 7;
  now.last_reload_ok = false;
  now.configured_at = clock.time;
  now.counters.reloads = 3;
  now.counters.failed_reloads = 1;
  now.plugins = {{"installer", "apt", version("1.2.3")}, {"source", "odd", std::nullopt}};
  add("web");
  expect("upkeep_build_info{version=\"1.0.0\"} 1");
  expect("upkeep_ready 1");
  expect("upkeep_clock_synchronized 1");
  expect("upkeep_troubles 2");
  expect("upkeep_agents 1");
  expect("upkeep_events_total 7");
  expect("upkeep_config_last_reload_successful 0");
  expect("upkeep_config_reloads_total{result=\"ok\"} 3");
  expect("upkeep_config_reloads_total{result=\"failed\"} 1");
  expect("upkeep_config_last_reload_success_timestamp_seconds 1799114400");
  expect("upkeep_plugin_info{kind=\"installer\",name=\"apt\",version=\"1.2.3\"} 1");
  expect("upkeep_plugin_info{kind=\"source\",name=\"odd\",version=\"unknown\"} 1");
}

TEST_F(MetricsPage, AStateOfAShortListIsASeriesAWord) {
  auto& web = add("web");
  web.phase = core::Phase::soaking;
  web.health = sdk::Health::unhealthy;
  expect("upkeep_agent_phase{agent=\"web\",phase=\"soaking\"} 1");
  expect("upkeep_agent_phase{agent=\"web\",phase=\"idle\"} 0");
  expect("upkeep_agent_phase{agent=\"web\",phase=\"stuck\"} 0");
  expect("upkeep_agent_health{agent=\"web\",state=\"unhealthy\"} 1");
  expect("upkeep_agent_health{agent=\"web\",state=\"healthy\"} 0");
  expect("upkeep_agent_setup{agent=\"web\",state=\"configured\"} 1");
  expect("upkeep_agent_setup{agent=\"web\",state=\"orphaned\"} 0");
  expect_none("upkeep_agent_way_back");  // not looked at yet
  web.inspected = true;
  web.way_back = sdk::WayBackHow::repository;
  expect("upkeep_agent_way_back{agent=\"web\",how=\"repository\"} 1");
  expect("upkeep_agent_way_back{agent=\"web\",how=\"none\"} 0");
}

TEST_F(MetricsPage, VersionsAndTheDecision) {
  auto& web = add("web");
  web.installed = version("1.2.3");
  web.offered = version("2.0.0-rc.1+b7");
  web.reason = sdk::Reason::outside_window;
  web.action = sdk::Action::wait;
  web.changes_at = clock.time + 1h;
  web.decided_at = clock.time + 500ms;
  web.critical_offered = web.suspended = web.pinned = web.held = web.clock_trouble = web.schedules_open = true;
  web.quarantined = 2;
  web.failed_attempts = 1;
  expect("upkeep_agent_version_info{agent=\"web\",installed=\"1.2.3\",target=\"\",offered=\"2.0.0-rc.1+b7\"} 1");
  expect("upkeep_agent_decision{agent=\"web\",action=\"wait\",reason=\"outside_window\"} 1");
  expect("upkeep_agent_next_change_timestamp_seconds{agent=\"web\"} 1799118000");
  expect("upkeep_agent_decision_timestamp_seconds{agent=\"web\"} 1799114400.5");
  for (const char* name : {"critical_offered", "suspended", "pinned", "held", "clock_trouble", "schedules_open"})
    expect("upkeep_agent_" + std::string(name) + "{agent=\"web\"} 1");
  expect("upkeep_agent_quarantined_versions{agent=\"web\"} 2");
  expect("upkeep_agent_failed_attempts{agent=\"web\"} 1");
}

TEST_F(MetricsPage, WhatIsNotKnownIsLeftOut) {
  auto& web = add("web");
  web.inspected = true;
  for (const char* name : {"upkeep_agent_at_target", "upkeep_agent_next_change", "upkeep_operation_start", "upkeep_operation_progress",
                           "upkeep_last_operation_end", "upkeep_channel_release"})
    expect_none(name);
  expect("upkeep_channel_last_success_timestamp_seconds{agent=\"web\"} 0");
  web.target = version("1.2.3");
  web.at_target = true;
  expect("upkeep_agent_at_target{agent=\"web\"} 1");
  web.setup = Setup::orphaned;  // what was last seen is old
  expect_none("upkeep_agent_at_target");
  expect_none("upkeep_agent_way_back");
  expect_none("upkeep_channel_last_success");
}

TEST_F(MetricsPage, OperationsChannelsAndJournals) {
  auto& web = add("web");
  web.counters.operations.at(static_cast<std::size_t>(OperationResult::rolled_back)) = 4;
  web.counters.reverts = 5;
  web.counters.polls = 9;
  web.counters.poll_errors.at(static_cast<std::size_t>(sdk::Errc::denied)) = 3;
  web.counters.poll_bytes = 600;
  web.channel_failing = true;
  web.release_expires = clock.time;
  web.operation = AgentFigures::Running{clock.time, 40};
  web.last_operation = AgentFigures::Last{OperationResult::superseded, clock.time};
  web.journal = {.appends = 11, .append_errors = 1, .entries = 10, .bytes = 4096, .damaged = true, .failing = true};
  expect("upkeep_operations_total{agent=\"web\",result=\"rolled_back\"} 4");
  expect("upkeep_operations_total{agent=\"web\",result=\"committed\"} 0");
  expect("upkeep_reverts_total{agent=\"web\"} 5");
  expect("upkeep_channel_polls_total{agent=\"web\"} 9");
  expect("upkeep_channel_poll_errors_total{agent=\"web\",reaction=\"denied\"} 3");
  expect("upkeep_channel_poll_errors_total{agent=\"web\",reaction=\"timeout\"} 0");
  expect("upkeep_channel_release_expires_timestamp_seconds{agent=\"web\"} 1799114400");
  expect("upkeep_channel_read_bytes_total{agent=\"web\"} 600");
  expect("upkeep_channel_failing{agent=\"web\"} 1");
  expect("upkeep_operation_start_timestamp_seconds{agent=\"web\"} 1799114400");
  expect("upkeep_operation_progress_ratio{agent=\"web\"} 0.4");
  expect("upkeep_last_operation_end_timestamp_seconds{agent=\"web\",result=\"superseded\"} 1799114400");
  expect("upkeep_journal_appends_total{agent=\"web\"} 11");
  expect("upkeep_journal_append_errors_total{agent=\"web\"} 1");
  expect("upkeep_journal_entries{agent=\"web\"} 10");
  expect("upkeep_journal_size_bytes{agent=\"web\"} 4096");
  expect("upkeep_journal_damaged{agent=\"web\"} 1");
  expect("upkeep_journal_failing{agent=\"web\"} 1");
}

TEST_F(MetricsPage, HistogramsAddUp) {
  auto& counters = face.numbers.counters;
  for (const auto taken : {500ms, 90'000ms, 90'000ms, 100'000'000ms}) counters.operation.observe(taken);
  counters.phases.at(static_cast<std::size_t>(core::Phase::soaking)).observe(2min);
  expect("upkeep_operation_duration_seconds_bucket{le=\"1\"} 1");
  expect("upkeep_operation_duration_seconds_bucket{le=\"60\"} 1");
  expect("upkeep_operation_duration_seconds_bucket{le=\"120\"} 3");
  expect("upkeep_operation_duration_seconds_bucket{le=\"28800\"} 3");
  expect("upkeep_operation_duration_seconds_bucket{le=\"+Inf\"} 4");
  expect("upkeep_operation_duration_seconds_count 4");
  expect("upkeep_operation_duration_seconds_sum 100180.5");
  expect("upkeep_operation_phase_duration_seconds_bucket{phase=\"soaking\",le=\"120\"} 1");
  expect("upkeep_operation_phase_duration_seconds_count{phase=\"reverting\"} 0");
}

TEST_F(MetricsPage, EveryLabelValueIsOfAClosedListAnAgentsNameOrAVersion) {
  for (int i = 0; i < 3; ++i) add(("agent-" + std::to_string(i)).c_str());
  const std::regex label("([a-z]+)=\"([^\"]*)\"");
  const std::set<std::string> open = {"agent", "version", "installed", "target", "offered", "le", "name"};
  std::set<std::string> kinds;
  const auto text = page();
  for (std::sregex_iterator at(text.begin(), text.end(), label); at != std::sregex_iterator(); ++at) kinds.insert((*at)[1]);
  for (const auto& kind : kinds)
    EXPECT_TRUE(
        open.contains(kind) ||
        std::set<std::string>({"state", "phase", "action", "reason", "result", "reaction", "how", "code", "kind", "hook"}).contains(kind))
        << kind;
}

TEST_F(MetricsPage, TheProcessUnderTheNamesThatAllProgramsShare) {
  const auto value = [&](const std::string& name) {
    const auto text = page();
    const auto at = text.find("\n" + name + " ");
    return at == std::string::npos ? -1.0 : std::stod(text.substr(at + name.size() + 2));
  };
  EXPECT_GT(value("process_resident_memory_bytes"), 1e6);
  EXPECT_GT(value("process_virtual_memory_bytes"), value("process_resident_memory_bytes"));
  EXPECT_GE(value("process_cpu_seconds_total"), 0);
  EXPECT_GE(value("process_open_fds"), 3);
  EXPECT_GT(value("process_max_fds"), value("process_open_fds"));
  const auto started = value("process_start_time_seconds");
  clock.time += 24h;
  EXPECT_EQ(value("process_start_time_seconds"), started) << "must not move when the clock is set";
}

TEST_F(MetricsPage, ReadersOfEventsComeAndGoAndAreDropped) {
  {
    EventQueue slow(face, traffic), other(face, traffic);
    EXPECT_EQ(traffic.readers, 2u);
    char buffer[65536];
    for (std::size_t i = 0; i <= EventQueue::kMost; ++i) {
      face.publish({{"event", "e"}});
      while (other.read(buffer, sizeof buffer) > 0) {
      }
    }
    face.publish({{"event", "e"}});
  }
  EXPECT_EQ(traffic.readers, 0u);
  EXPECT_EQ(traffic.readers_dropped, 1u);
  expect("upkeep_event_readers_dropped_total 1");
}

}  // namespace
}  // namespace upkeep::control_test

// SPDX-License-Identifier: Apache-2.0
// How long the pure rules take: a decision, the fold of a journal, a window's verdict, the comparison of versions.

#include <benchmark/benchmark.h>

#include "core/agent_state.h"
#include "support/window.h"
#include "unit/decide_facts.h"

namespace upkeep::core {
namespace {

using nlohmann::json;

// A host that has been running for a while: two schedules, some versions in quarantine, a policy of its own.
World lived_in() {
  World world;
  world.add_schedule(true, "2027-01-04T14:00:00Z", "blackout over", "window#2");
  world.facts.policy.require_way_back = RequireWayBack::always;
  for (int patch = 0; patch < 8; ++patch) world.facts.quarantined["1.9." + std::to_string(patch)] = "unhealthy: example.service failed";
  world.facts.last_error = "https://updates.example.com/v1/current/critical: status 503";
  return world;
}

void decide_as(benchmark::State& state, World world, sdk::Reason expected) {
  if (world.decide().reason != expected) {
    state.SkipWithError("another decision than the one to be measured");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(decide(world.facts));
  state.SetItemsProcessed(state.iterations());
}

void decide_up_to_date(benchmark::State& state) {
  World world = lived_in();
  world.install("2.3.4-1");
  world.installed.matches_target = true;
  decide_as(state, std::move(world), sdk::Reason::up_to_date);
}
BENCHMARK(decide_up_to_date);

void decide_outside_window(benchmark::State& state) {
  World world = lived_in();
  world.facts.schedules.front().verdict.open = false;
  decide_as(state, std::move(world), sdk::Reason::outside_window);
}
BENCHMARK(decide_outside_window);

void decide_window_open(benchmark::State& state) { decide_as(state, lived_in(), sdk::Reason::window_open); }
BENCHMARK(decide_window_open);

// A year of upgrades as the engine journals them; ten entries each.
std::string journal(std::size_t entries) {
  std::string out;
  std::uint64_t sequence = 0;
  const auto add = [&](Event event, json fields, const std::string& operation = "") {
    Entry entry;
    entry.sequence = ++sequence;
    entry.time = sdk::TimePoint(std::chrono::seconds(1'800'000'000 + 600 * static_cast<std::int64_t>(sequence)));
    entry.boot = "0c2b66f9-7a37-4e36-a6a5-6de3a1b7b3d1";
    entry.boot_time = sdk::BootTime(600'000 * sequence);
    entry.operation = operation;
    entry.event = event;
    entry.fields = std::move(fields);
    out += encode(entry) + "\n";
  };
  const json settings = {{"installer", {{"use", "apt"}, {"package", "example-agent"}, {"restart", "example-agent.service"}}},
                         {"probes", json::array({{{"use", "unit"}, {"unit", "example-agent.service"}}})},
                         {"soak", "2m"}};
  add(Event::installed, {{"version", "1.0.0-1"}, {"by", "first"}});
  for (int round = 1; sequence < entries; ++round) {
    const std::string from = "1.0." + std::to_string(round - 1), to = "1.0." + std::to_string(round);
    const std::string id = "20270104T120000000Z-" + std::to_string(round);
    add(Event::release, {{"origin", "https://updates.example.com/v1/stable"},
                         {"etag", "1\netag:\"6745c2f1-7\"\netag:\"6745c2f1-3\""},
                         {"version", to + "\n"},
                         {"critical", "no\n"},
                         {"critical_note", ""},
                         {"confirmed", true},
                         {"read_at", "2027-01-15T08:00:00Z"}});
    add(Event::begin,
        {{"from", from + "-1"},
         {"back_to", from + "-1"},
         {"target", to},
         {"reason", "window_open"},
         {"actor", ""},
         {"downgrade", false},
         {"settings", settings}},
        id);
    add(Event::phase,
        {{"phase", "applying"},
         {"detail", "example-agent " + from + "-1 -> " + to + "-1"},
         {"to", to + "-1"},
         {"baseline", json::object()}},
        id);
    add(Event::note, {{"bytes", "/4711_abcdefab"}}, id);
    add(Event::phase, {{"phase", "activating"}, {"detail", ""}, {"before_restart", {{"example-agent.service", "5f3c"}}}}, id);
    add(Event::phase, {{"phase", "soaking"}, {"detail", "for 2m"}}, id);
    add(Event::end, {{"result", "committed"}, {"phase", "committed"}, {"detail", "healthy for 2m"}, {"counted", false}}, id);
    add(Event::suspended, {{"actor", "olga (uid 1000)"}, {"reason", "change freeze"}});
    add(Event::resumed, {{"actor", "olga (uid 1000)"}});
    add(Event::unquarantined, {{"version", "9.9." + std::to_string(round % 50)}, {"actor", "olga (uid 1000)"}});
  }
  return out;
}

// From the file's bytes to the agent's state, as at every start.
void fold_of_10000_entries(benchmark::State& state) {
  const std::string bytes = journal(10'000);
  ReadJournal read;
  for (auto _ : state) {
    read = read_journal(bytes);
    const auto folded = fold(read.entries);
    if (!read.damage.empty() || read.entries.size() < 10'000 || !folded) {
      state.SkipWithError(folded ? read.damage.c_str() : folded.error().message.c_str());
      return;
    }
    benchmark::DoNotOptimize(folded->next_sequence);
    state.PauseTiming();
    read = ReadJournal();  // a daemon keeps them
    state.ResumeTiming();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(fold_of_10000_entries)->Unit(benchmark::kMillisecond);

void window_verdict(benchmark::State& state) {
  const test::TestWindow window(
      "days = ['Tue#2', 'Thu']\nstart = '02:00'\nlength = '1h'\ntime_zone = 'Europe/Berlin'\nblackout = ['2027-12-20/2028-01-02']\n");
  sdk::TimePoint at = test::utc("2027-01-04T12:00");
  for (auto _ : state) {
    benchmark::DoNotOptimize(window.schedule->verdict(at, nullptr));
    at += std::chrono::minutes(7);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(window_verdict);

void package_version_of_a_release(benchmark::State& state) {
  const auto target = version("14.3.33");
  for (auto _ : state) benchmark::DoNotOptimize(sdk::accepts("", target, "1:14.3.33-1+b2"));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(package_version_of_a_release);

}  // namespace
}  // namespace upkeep::core

BENCHMARK_MAIN();

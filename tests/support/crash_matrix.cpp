// SPDX-License-Identifier: Apache-2.0
#include "support/crash_matrix.h"

#include <algorithm>

#include "support/kube_journal.h"
#include "support/verb_order.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 6> kFaults = {"none", "before", "torn", "after", "landed_but_error", "not_landed_error"};

End end_of(const Life& life) {
  End out;
  out.installed = life.world.installed + (life.world.running == life.world.installed ? "" : " but runs " + life.world.running);
  const auto& last = life.status["last_operation"];
  if (!last.is_null()) out.result = last["result"];
  for (const auto& version : life.status["quarantined"])
    out.quarantined += (out.quarantined.empty() ? "" : ",") + version.get<std::string>();
  out.reason = life.status["decision"]["reason"];
  return out;
}

}  // namespace

std::string Point::text() const {
  const auto what = place.empty() ? "write " + std::to_string(write) + " " + std::string(kFaults.at(static_cast<std::size_t>(fault)))
                                  : place + " #" + std::to_string(nth);
  return what + (dies == Where::machine ? ", the machine" : "");
}

Scenario scenario(const std::string& name) {
  for (auto& one : scenarios())
    if (one.name == name) return one;
  throw std::runtime_error("no scenario " + name);
}

Trial begin(const Scenario& scenario) {
  Trial run;
  scenario.make(run.world);
  run.disk = demo_configuration(scenario.adjust);
  if (scenario.until) {
    run.world.story.emplace_back("life");
    Rig rig(run.world, run.disk);
    const bool there = rig.until([&] {
      Life life{run.world, rig, run.disk, rig.status()};
      return scenario.until(life);
    });
    if (!there) throw std::runtime_error(scenario.name + " does not even begin");
  }
  run.writes_before = run.world.writes;
  run.world.passed.clear();
  return run;
}

void live(const Scenario& scenario, Trial& run) {
  run.died = false;
  run.world.story.emplace_back("life");
  try {
    Rig rig(run.world, run.disk);
    const bool over = rig.until(
        [&] {
          if (rig.gave_up) return true;
          if (!rig.engine().status("demo")) return false;  // it stands by
          Life life{run.world, rig, run.disk, rig.status()};
          if (scenario.act) scenario.act(life);
          run.end = end_of(life);
          const bool legal = std::find(scenario.legal.begin(), scenario.legal.end(), run.end) != scenario.legal.end();
          return legal && life.status["operation"].is_null();
        },
        24h);
    run.died = rig.gave_up.has_value();
    run.ended = over && !run.died;
    if (run.ended) run.history = rig.history();
  } catch (const Death&) {
    run.died = true;
  }
}

void arm(Trial& run, const Point& point) {
  auto& world = run.world;
  world.struck = 0;
  world.fault_at = point.place.empty() ? world.writes + point.write : 0;
  world.fault = point.fault;
  world.die_in = point.place;
  world.die_in_count = point.nth;
  run.writes_before = world.writes;
  world.passed.clear();
}

void rise(Trial& run, const Point& point) {
  if (point.dies == Where::machine) {
    run.world.reboot();
    if (run.world.state == "configmap") replace_pod(run.world);
  } else {
    run.world.boot += 1s;
    run.world.now += 1s;
  }
  run.world.fault_at = 0;
  run.world.die_in.clear();
  run.writes_before = run.world.writes;
  run.world.passed.clear();
}

std::vector<Point> points(const Trial& run) {
  std::vector<Point> out;
  for (const auto dies : {Where::process, Where::machine}) {
    for (int write = 1; write <= run.world.writes - run.writes_before; ++write)
      for (const auto fault : {WriteFault::die_before, WriteFault::die_torn, WriteFault::die_after})
        out.push_back({write, fault, "", 1, dies});
    for (const auto& [place, times] : run.world.passed)
      for (int nth = 1; nth <= times; ++nth) out.push_back({0, WriteFault::none, place, nth, dies});
  }
  for (int write = 1; write <= run.world.writes - run.writes_before; ++write)
    for (const auto fault : {WriteFault::landed_but_error, WriteFault::not_landed_error})
      out.push_back({write, fault, "", 1, Where::process});
  return out;
}

std::string judge(const Scenario& scenario, const Trial& run) {
  const auto& world = run.world;
  if (!run.ended) return "no legal end: " + run.end.text();
  if (world.half_installed) return "half installed";
  for (const auto& verb : world.verbs)
    if (verb.starts_with("WRONG")) return verb;
  if (const auto faults = out_of_order(world.story); !faults.empty()) return faults.front();
  std::map<std::string, int> applies;
  for (const auto& verb : world.verbs)
    if (verb.starts_with("apply ") && ++applies[verb] > scenario.most_applies) return verb + " too often";
  const auto read = core::read_journal(journal_bytes(world));
  if (!read.damage.empty() || read.torn) return "the journal is torn or damaged: " + read.damage;
  const auto state = core::fold(read.entries);
  if (!state) return "the journal does not fold: " + state.error().message;
  if (const auto owes = owed(world.story); !owes.empty() && !scenario.owes_at_its_end) return owes.front();
  return "";
}

}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// What the crash matrix lives through, and how each may end.
#include "support/crash_matrix.h"

namespace upkeep::test {
namespace {

using engine::Verb;
using namespace std::chrono_literals;

void good(World& world) { world.version = "2.3.4"; }
void bad(World& world) {
  world.version = "3.0.0";
  world.bad = {"3.0.0-1"};
}
// Longer than the channel goes unread; each minute of it costs the matrix seconds.
void long_soak(core::AgentSettings& settings) {
  settings.poll = 30s;
  settings.soak = 100s;
}
// Programs of their own names.
void hooks(core::AgentSettings& settings) {
  for (const auto hook : {core::Hook::before_apply, core::Hook::after_apply, core::Hook::after_commit, core::Hook::after_rollback})
    settings.hooks[hook].command = {"/hooks/" + std::string(core::name(hook))};
}
void hooks_work(World& world) {
  for (const auto* name : {"before_apply", "after_apply", "after_commit", "after_rollback"})
    world.programs["/hooks/" + std::string(name)].exit_code = 0;
}
bool soaks(const Life& life, const char* version) { return life.in("soaking") && life.status["operation"]["to"] == version; }

// Operators ask until they are answered that it is done.
void rollback_later(Life& life) {
  if (life.status["operation"].is_null() && life.world.installed == "2.3.4-1" && life.status["decision"]["reason"] == "up_to_date")
    (void)life.rig.ask(Verb::rollback);
}
void rollback_in_soak(Life& life) {
  if (soaks(life, "2.3.4-1")) (void)life.rig.ask(Verb::rollback);
}
void suspend_in(Life& life, const char* phase) {
  for (int tries = 0; tries < 2 && life.in(phase) && life.rig.status()["suspended"].is_null(); ++tries) (void)life.rig.ask(Verb::suspend);
}
void critical(Life& life) {
  if (!soaks(life, "2.3.4-1")) return;
  life.world.version = "2.3.5";
  life.world.critical = "yes";
}
void withdraw(Life& life) {
  if (soaks(life, "2.3.4-1")) life.world.version = "1.2.3";
}
void remove_agent(Life& life) {
  if (!life.in("soaking") || life.disk.agents.empty()) return;
  life.disk.agents.clear();
  life.rig.configuration = life.disk;
  (void)life.rig.reload();
}
// With these settings the new version would never be proven.
void reload_in_apply(Life& life) {
  if (!life.in("applying") || life.disk.agents[0].probes.size() > 1) return;
  core::ProbeSettings probe;
  probe.use = "command";
  probe.command = {"/bin/false"};
  life.disk.agents[0].probes.push_back(probe);
  life.disk.agents[0].soak = 5min;
  life.rig.configuration = life.disk;
  (void)life.rig.reload();
}
void resolve(Life& life) {
  if (!life.in("stuck")) return;
  engine::Command command;
  command.verb = Verb::resolve;
  command.as = "failed";
  command.actor.name = "olga";
  (void)life.rig.ask(command);
}

bool committed(Life& life) { return life.status["operation"].is_null() && life.world.installed == "2.3.4-1"; }
bool up_to_date(Life& life) { return life.status["decision"]["reason"] == "up_to_date"; }

}  // namespace

std::vector<Scenario> scenarios() {
  std::vector<Scenario> all;
  all.push_back({"good", {{"2.3.4-1", "committed", "", "up_to_date"}}, good});
  all.push_back({"bad", {{"1.2.3-1", "rolled_back", "3.0.0", "quarantined"}}, bad});
  all.push_back({"rollback", {{"1.2.3-1", "committed", "2.3.4", "quarantined"}}, good, committed, rollback_later});
  all.push_back({"rollback_in_soak", {{"1.2.3-1", "rolled_back", "2.3.4", "quarantined"}}, good, {}, rollback_in_soak});
  all.push_back({"critical", {{"2.3.5-1", "committed", "", "up_to_date"}}, good, {}, critical, long_soak});
  auto bad_critical = [](World& world) {
    good(world);
    world.bad = {"2.3.5-1"};
  };
  all.push_back({"bad_critical", {{"1.2.3-1", "rolled_back", "2.3.5", "quarantined"}}, bad_critical, {}, critical, long_soak});
  all.push_back(
      {"suspend_in_soak", {{"2.3.4-1", "committed", "", "suspended"}}, good, {}, [](Life& life) { suspend_in(life, "soaking"); }});
  auto slow_prepare = [](World& world) { world.prepare_takes = 10s; };
  all.push_back({"suspend_in_prepare",
                 {{"1.2.3-1", "refused", "", "suspended"}, {"1.2.3-1", "failed", "", "suspended"}},
                 slow_prepare,
                 up_to_date,
                 [](Life& life) {
                   life.world.version = "2.3.4";
                   suspend_in(life, "preparing");
                 }});
  auto slow_apply = [](World& world) {
    good(world);
    world.apply_takes = 10s;
  };
  all.push_back({"reload", {{"2.3.4-1", "committed", "", "up_to_date"}}, slow_apply, {}, reload_in_apply});
  all.push_back({"removed", {{"2.3.4-1", "committed", "", "orphaned"}}, good, {}, remove_agent});
  all.back().owes_at_its_end = true;
  all.push_back({"withdrawn", {{"1.2.3-1", "withdrawn", "", "up_to_date"}}, good, {}, withdraw, long_soak});
  auto no_way_back = [](World& world) {
    bad(world);
    world.verb_errors.emplace("revert", sdk::Error(sdk::Errc::unsupported, "1.2.3-1 is nowhere any more"));
  };
  all.push_back({"no_way_back", {{"3.0.0-1", "rolled_back", "3.0.0", "up_to_date"}}, no_way_back, {}, resolve});
  // Forced once, whatever happens: an operation that was interrupted before it touched anything is over.
  auto wished = [](World& world) {
    good(world);
    world.wishes = {{sdk::Wished::force, "2.3.4", "kubectl-annotate", "annotation force of the test", "uid 2.3.4"},
                    {sdk::Wished::suspend, "freeze", "helm", "annotation suspend of the test", ""}};
  };
  all.push_back({"wished", {{"2.3.4-1", "committed", "", "suspended"}, {"1.2.3-1", "failed", "", "suspended"}}, wished});
  auto wished_other = [](World& world) {
    world.wishes = {{sdk::Wished::force, "2.3.5", "kubectl-annotate", "annotation force of the test", "uid 2.3.5"},
                    {sdk::Wished::suspend, "freeze", "helm", "annotation suspend of the test", ""}};
  };
  all.push_back({"wished_other", {{"1.2.3-1", "", "", "suspended"}}, wished_other});
  auto refuses = [](World& world) {
    bad(world);
    world.verb_errors.emplace("apply", sdk::Error(sdk::Errc::invalid, "its postinst fails"));
  };
  all.push_back({"unchanged", {{"1.2.3-1", "failed", "3.0.0", "quarantined"}}, refuses});
  // What is interrupted must be installed again, and the first time it does not even need an interruption. Two more, and it is
  // given up; the automaton knows when that is due.
  auto torn = [](World& world) {
    good(world);
    world.repairable = false;
    world.tears["apply"] = 1;
  };
  all.push_back({"torn", {{"2.3.4-1", "committed", "", "up_to_date"}, {"1.2.3-1", "rolled_back", "2.3.4", "quarantined"}}, torn});
  all.back().most_applies = core::kMaxResumes + 1;
  auto torn_back = [](World& world) {
    bad(world);
    world.repairable = false;
    world.tears["revert"] = 1;
  };
  all.push_back({"torn_back", {{"1.2.3-1", "rolled_back", "3.0.0", "quarantined"}}, torn_back});
  auto good_hooks = [](World& world) {
    good(world);
    hooks_work(world);
  };
  all.push_back({"hooks", {{"2.3.4-1", "committed", "", "up_to_date"}}, good_hooks, {}, {}, hooks});
  auto bad_hooks = [](World& world) {
    bad(world);
    hooks_work(world);
  };
  all.push_back({"hooks_bad", {{"1.2.3-1", "rolled_back", "3.0.0", "quarantined"}}, bad_hooks, {}, {}, hooks});
  auto hook_refuses = [](World& world) {
    good(world);
    hooks_work(world);
    world.programs["/hooks/before_apply"].exit_code = 3;
  };
  all.push_back({"hook_refuses", {{"1.2.3-1", "refused", "", "refused"}}, hook_refuses, {}, {}, hooks});
  return all;
}

}  // namespace upkeep::test

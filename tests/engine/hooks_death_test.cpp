// SPDX-License-Identifier: Apache-2.0
// The daemon dies before, in the middle of and after every append and every hook of a good and of a bad upgrade. Each hook
// that is due has run at least once for its operation, and after_rollback never without a before_apply that had begun.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using core::Hook;
using namespace std::chrono_literals;

void all_hooks(core::AgentSettings& settings) {
  for (const auto hook : {Hook::before_apply, Hook::after_apply, Hook::after_commit, Hook::after_rollback})
    settings.hooks[hook].command = {"/hooks/" + std::string(core::name(hook))};
}

void make(World& world, bool good) {
  world.version = good ? "2.3.4" : "3.0.0";
  world.bad = {"3.0.0-1"};
  for (const auto* name : {"before_apply", "after_apply", "after_commit", "after_rollback"})
    world.programs["/hooks/" + std::string(name)].exit_code = 0;
}

// What ran, by operation.
std::map<std::string, std::vector<std::string>> by_operation(const World& world) {
  std::map<std::string, std::vector<std::string>> out;
  for (const auto& one : world.ran) out[one.environment.at("UPKEEP_OPERATION")].push_back(one.argv.front().substr(7));
  return out;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Runs until all is over or it dies; `history` is that of the end.
bool live(World& world, bool good, nlohmann::json& history) {
  try {
    Rig rig(world, all_hooks);
    const bool ended = rig.until([&] { return rig.settled() && rig.reason() == (good ? "up_to_date" : "quarantined"); }, 24h);
    history = rig.history();
    return ended;
  } catch (const Death&) {
    return false;
  }
}

void check(const World& world, const nlohmann::json& history, bool good, const std::string& where) {
  EXPECT_EQ(world.running, good ? "2.3.4-1" : "1.2.3-1") << where;
  const auto ran = by_operation(world);
  std::set<std::string> known;
  for (const auto& operation : history) {
    const std::string id = operation["id"], result = operation["result"];
    known.insert(id);
    const auto found = ran.find(id);
    const auto names = found == ran.end() ? std::vector<std::string>() : found->second;
    EXPECT_EQ(has(names, "after_commit"), result == "committed") << where;
    // before_apply may have been about to begin, which counts: what it did has to be undone.
    const bool undo = result == "rolled_back" || (result != "committed" && has(names, "before_apply"));
    EXPECT_TRUE(!undo || has(names, "after_rollback")) << where;
    EXPECT_TRUE(result != "committed" || !has(names, "after_rollback")) << where;
    // Twice at most: the one that was cut off, and the one that made good for it.
    for (const auto& name : names) EXPECT_LE(std::count(names.begin(), names.end(), name), 2) << where << " " << name;
  }
  for (const auto& [id, names] : ran) EXPECT_TRUE(known.contains(id)) << where << ": " << id << " is in no history";
}

void die_everywhere(bool good) {
  int writes = 0;
  {
    World world;
    make(world, good);
    nlohmann::json history;
    ASSERT_TRUE(live(world, good, history));
    check(world, history, good, "undisturbed");
    writes = world.writes;
  }
  int points = 0;
  const auto die_at = [&](const std::string& where, const std::function<void(World&)>& arm) {
    World world;
    make(world, good);
    arm(world);
    nlohmann::json history;
    bool ended = false;
    for (int lives = 0; lives < 3 && !ended; ++lives) ended = live(world, good, history);
    EXPECT_TRUE(ended) << where;
    if (ended) check(world, history, good, where);
    ++points;
  };
  for (int write = 1; write <= writes; ++write)
    for (const auto fault : {WriteFault::die_before, WriteFault::die_torn, WriteFault::die_after, WriteFault::landed_but_error})
      die_at("write " + std::to_string(write) + "/" + std::to_string(static_cast<int>(fault)), [&](World& world) {
        world.fault_at = write;
        world.fault = fault;
      });
  for (const auto* name : {"before_apply", "after_apply", "after_commit", "after_rollback"})
    for (const std::string when : {"run", "ran"}) die_at(when + " " + name, [&](World& world) { world.die_in = when + " /hooks/" + name; });
  testing::Test::RecordProperty("points", points);
  EXPECT_GE(points, 50);
}

TEST(HooksDeath, AGoodUpgradeLosesNoHook) { die_everywhere(true); }
TEST(HooksDeath, ABadUpgradeLosesNoHook) { die_everywhere(false); }

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// The daemon dies before, in the middle of and after every append and every verb, of a good and of a bad upgrade, and dies
// again while it recovers. It is built anew from the bytes that are left. The end must be the right one each time.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;

struct Scenario {
  const char* name;
  bool good;
};

void make(World& world, const Scenario& scenario) {
  world.version = scenario.good ? "2.3.4" : "3.0.0";
  world.bad = {"3.0.0-1"};
}

bool over(const Scenario& scenario, World& world, Rig& rig) {
  if (!rig.settled()) return false;
  if (scenario.good) return world.installed == "2.3.4-1" && rig.reason() == "up_to_date";
  return rig.reason() == "quarantined";
}

// Runs until the end or a death; returns whether it died.
bool live(const Scenario& scenario, World& world, bool& ended) {
  Rig* rig = nullptr;
  try {
    Rig one(world);
    rig = &one;
    ended = rig->until([&] { return over(scenario, world, *rig); }, 24h);
    return false;
  } catch (const Death&) {
    return true;
  }
}

void check_end(const Scenario& scenario, World& world, const std::string& where) {
  const auto wanted = scenario.good ? "2.3.4-1" : "1.2.3-1";
  EXPECT_EQ(world.installed, wanted) << where;
  EXPECT_EQ(world.running, wanted) << where;
  EXPECT_FALSE(world.half_installed) << where;
  for (const auto& verb : world.verbs) EXPECT_FALSE(verb.starts_with("WRONG")) << where << ": " << verb;
  if (scenario.good) {
    EXPECT_EQ(std::count(world.verbs.begin(), world.verbs.end(), "revert 1.2.3-1"), 0) << where;
  } else {
    EXPECT_LE(std::count(world.verbs.begin(), world.verbs.end(), "apply 3.0.0-1"), 3) << where;
  }
}

// Where to die: the nth journal write in one of its ways, or a place in a verb.
struct Point {
  int write = 0;
  WriteFault fault = WriteFault::none;
  std::string verb;
  [[nodiscard]] std::string text() const {
    return verb.empty() ? "write " + std::to_string(write) + "/" + std::to_string(static_cast<int>(fault)) : verb;
  }
};

void arm(World& world, const Point& point) {
  world.fault_at = point.verb.empty() ? world.writes + point.write : 0;
  world.fault = point.fault;
  world.die_in = point.verb;
  world.die_in_count = 1;
}

std::vector<Point> points(int writes) {
  std::vector<Point> out;
  for (int write = 1; write <= writes; ++write)
    for (const auto fault :
         {WriteFault::die_before, WriteFault::die_torn, WriteFault::die_after, WriteFault::landed_but_error, WriteFault::not_landed_error})
      out.push_back({write, fault, ""});
  for (const auto* verb : {"prepare:before", "apply:before", "apply:middle", "apply:after", "verify:before", "activate:before",
                           "activate:after", "revert:before", "revert:middle", "revert:after"})
    out.push_back({0, WriteFault::none, verb});
  return out;
}

int undisturbed_writes(const Scenario& scenario) {
  World world;
  make(world, scenario);
  bool ended = false;
  EXPECT_FALSE(live(scenario, world, ended));
  EXPECT_TRUE(ended);
  check_end(scenario, world, "undisturbed");
  return world.writes;
}

class CrashMatrix : public testing::TestWithParam<Scenario> {};

TEST_P(CrashMatrix, DyingOnceAnywhereEndsWell) {
  const auto& scenario = GetParam();
  const auto all = points(undisturbed_writes(scenario));
  for (const auto& point : all) {
    World world;
    make(world, scenario);
    arm(world, point);
    bool ended = false;
    for (int lives = 0; lives < 3 && !ended; ++lives) live(scenario, world, ended);
    EXPECT_TRUE(ended) << point.text();
    check_end(scenario, world, point.text());
  }
  RecordProperty("points", static_cast<int>(all.size()));
  EXPECT_GE(all.size(), 40U);
}

TEST_P(CrashMatrix, DyingAgainDuringTheRecoveryEndsWell) {
  const auto& scenario = GetParam();
  const auto all = points(undisturbed_writes(scenario));
  const bool everything = std::getenv("UPKEEP_LONG") != nullptr;
  int pairs = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = everything ? 0 : i % 5; j < all.size(); j += everything ? 1 : 5) {
      World world;
      make(world, scenario);
      arm(world, all[i]);
      bool ended = false;
      live(scenario, world, ended);
      if (!ended) arm(world, all[j]);
      for (int lives = 0; lives < 4 && !ended; ++lives) live(scenario, world, ended);
      const auto where = all[i].text() + " then " + all[j].text();
      EXPECT_TRUE(ended) << where;
      check_end(scenario, world, where);
      ++pairs;
    }
  }
  RecordProperty("pairs", pairs);
  EXPECT_GE(pairs, 300);
}

TEST_P(CrashMatrix, DyingAtTheSamePlaceEveryTimeEndsToo) {
  const auto& scenario = GetParam();
  for (const auto* place : {"apply:before", "apply:middle", "apply:after", "activate:before", "activate:after", "verify:before",
                            "revert:before", "revert:middle"}) {
    World world;
    make(world, scenario);
    bool ended = false;
    int deaths = 0;
    for (; deaths < 40 && !ended; ++deaths) {
      world.die_in = place;
      world.die_in_count = 1;
      Rig* rig = nullptr;
      try {
        Rig one(world);
        rig = &one;
        ended = rig->until([&] { return rig->settled(); }, 24h);
      } catch (const Death&) {
      }
    }
    EXPECT_TRUE(ended) << place;
    EXPECT_LT(deaths, 40) << place;
  }
}

INSTANTIATE_TEST_SUITE_P(Upgrades, CrashMatrix, testing::Values(Scenario{"good", true}, Scenario{"bad", false}),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace upkeep::test

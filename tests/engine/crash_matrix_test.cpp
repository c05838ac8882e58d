// SPDX-License-Identifier: Apache-2.0
// The daemon dies before, in the middle of and after every append and every verb, alone or with its machine, and dies again
// in each point of its recovery; appends fail and have landed, or have not. It is built anew from the bytes that are left.
// The end is a legal one each time, and every verb came in a legal order. Sampled unless UPKEEP_LONG is set.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "support/crash_matrix.h"
#include "support/kube_journal.h"
#include "support/verb_order.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;

// Under the sanitizers each life costs four times as much, and what is new in them is found in any third of the points.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kEvery = 3;
#else
constexpr std::size_t kEvery = 1;
#endif
constexpr std::size_t kEverySecond = 149 / kEvery;
bool everything() { return std::getenv("UPKEEP_LONG") != nullptr; }

// Over all scenarios, for tests/bench.
std::map<std::string, int> g_counted;

class CrashMatrix : public testing::TestWithParam<Scenario> {
 protected:
  // To the end, without another fault.
  void recover(Trial& run, const Point& last, const std::string& where) const {
    const auto& scenario = GetParam();
    for (int lives = 0; lives < 3 && !run.ended; ++lives) {
      if (run.died) rise(run, last);
      live(scenario, run);
    }
    const auto wrong = judge(scenario, run);
    EXPECT_EQ(wrong, "") << scenario.name << ": " << where << "\n" << (wrong.empty() ? "" : run.history.dump());
  }
  void count(const std::string& kind, int many = 1) {
    counts_[kind] += many;
    g_counted[kind] += many;
  }
  void TearDown() override {
    for (const auto& [kind, many] : counts_) RecordProperty(kind, many);
  }
  // An enumeration that loses its points must not go unnoticed.
  static void TearDownTestSuite() {
    if (testing::UnitTest::GetInstance()->test_to_run_count() < static_cast<int>(scenarios().size())) return;  // filtered
    const int points = g_counted["append_points"] + g_counted["verb_points"];
    for (const auto& [kind, many] : g_counted) RecordProperty(kind, many);
    RecordProperty("kill_points", points);
    const char* shards = std::getenv("GTEST_TOTAL_SHARDS");  // as many processes share the scenarios
    const int all = 500 / std::max(shards ? std::atoi(shards) : 1, 1);
    EXPECT_GE(points, all);
    EXPECT_GE(g_counted["recovery_points"], all);
  }
  std::map<std::string, int> counts_;
};

TEST_P(CrashMatrix, EveryDeathEndsWell) {
  const auto& scenario = GetParam();
  const auto start = begin(scenario);
  auto undisturbed = start;
  live(scenario, undisturbed);
  ASSERT_EQ(judge(scenario, undisturbed), "") << scenario.name << " undisturbed\n" << undisturbed.history.dump(1);

  std::size_t at = 0, next = 0;  // of the second deaths: each of the points in turn, over all recoveries
  for (const auto& first : points(undisturbed)) {
    if (!everything() && at++ % kEvery != 0) continue;
    auto run = start;
    arm(run, first);
    Trial broken = run;  // as the first fault leaves it; a run that goes on has no such copy
    if (!first.kills()) {
      run.world.after_error = [&run] {
        run.writes_before = run.world.writes;
        run.world.passed.clear();
      };
    }
    live(scenario, run);
    ASSERT_EQ(run.world.struck, 1) << scenario.name << ": " << first.text() << " was never reached";
    ASSERT_EQ(run.died, first.kills());
    count(first.kind() + "_points");
    if (run.died) {
      rise(run, first);
      broken = run;
      live(scenario, run);
    }
    recover(run, first, first.text());

    for (const auto& second : points(run)) {
      if (!everything() && next++ % kEverySecond != 0) continue;
      auto again = broken;
      if (first.kills()) {
        arm(again, second);
      } else {
        arm(again, first);
        again.world.after_error = [&again, &second] { arm(again, second); };
      }
      live(scenario, again);
      ASSERT_EQ(again.world.struck, 1) << first.text() << " then " << second.text() << " was never reached";
      count("recovery_points");
      recover(again, second, first.text() + " then " + second.text());
    }
    if (HasFailure()) break;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, CrashMatrix, testing::ValuesIn(scenarios()), [](const auto& one) { return one.param.name; });

// The same with the journal in a cluster: whoever rises after its machine's death is another pod.
std::vector<Scenario> in_cluster() {
  const std::set<std::string> names = {"good", "bad", "torn"};
  std::vector<Scenario> out;
  for (auto& one : scenarios()) {
    if (!everything() && !names.contains(one.name)) continue;
    one.make = [make = one.make](World& world) {
      make(world);
      live_in_cluster(world);
    };
    out.push_back(std::move(one));
  }
  return out;
}
INSTANTIATE_TEST_SUITE_P(InCluster, CrashMatrix, testing::ValuesIn(in_cluster()), [](const auto& one) { return one.param.name; });

// An upgrade that takes the daemon or its machine down in the same place every time.
class CrashLoop : public testing::TestWithParam<Scenario> {};

TEST_P(CrashLoop, EndsInQuarantineOrIsSurvived) {
  const auto& scenario = GetParam();
  const auto start = begin(scenario);
  auto undisturbed = start;
  live(scenario, undisturbed);
  for (const auto& [place, times] : undisturbed.world.passed) {
    if (place.starts_with("done") || place.starts_with("keep")) continue;  // nothing is open there, and nothing is lost
    for (const auto dies : {Where::process, Where::machine}) {
      auto run = start;
      const Point point{0, WriteFault::none, place, 1, dies};
      int lives = 0;
      for (bool again = true; again && lives < 60; ++lives) {
        arm(run, point);
        live(scenario, run);
        again = run.died;
        if (!again) break;
        rise(run, point);
        run.world.now += 2h;  // back-off
      }
      EXPECT_LT(lives, 60) << scenario.name << ": " << point.text();
      const bool back = run.world.installed == "1.2.3-1" && run.world.running == "1.2.3-1";
      const bool condemned = run.end.quarantined == run.world.version;
      EXPECT_TRUE(run.ended || (condemned && (back || run.end.reason == "stuck")))
          << scenario.name << ": " << point.text() << " ends as " << run.end.text();
      const auto faults = out_of_order(run.world.story);
      EXPECT_TRUE(faults.empty()) << faults.front();
    }
  }
}

std::vector<Scenario> by_itself() {
  auto all = scenarios();
  const std::set<std::string> names = {"good", "bad", "unchanged", "torn", "hooks"};
  std::erase_if(all, [&](const Scenario& one) { return !names.contains(one.name); });
  return all;
}
INSTANTIATE_TEST_SUITE_P(Of, CrashLoop, testing::ValuesIn(by_itself()), [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace upkeep::test

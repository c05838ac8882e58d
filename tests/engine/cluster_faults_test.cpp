// SPDX-License-Identifier: Apache-2.0
// The journal is in a cluster whose API server goes wrong at each append: it answers late, twice, or with an error, done or not, it
// cuts the connection, or is gone for two minutes. The end is a legal one each time, and no verb came without its record.
#include <gtest/gtest.h>

#include <cstdlib>

#include "support/crash_matrix.h"
#include "support/kube_journal.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;
using How = KubeFault::How;

struct Wrong {
  std::string name;
  How how;
  int status = 0;
  sdk::Millis delay{0};
  sdk::Millis gone{0};
};

std::vector<Wrong> wrongs() {
  return {{"late", How::late, 0, 3s},
          {"later_than_anybody_waits", How::late, 0, 30s},
          {"lands_late", How::lands_late, 0, 3s},
          {"lands_much_later", How::lands_late, 0, 20s},
          {"twice", How::twice},
          {"conflict", How::answer, 409},
          {"done_but_conflict", How::done_answer, 409},
          {"gone_version", How::answer, 410},
          {"too_many", How::answer, 429},
          {"error", How::answer, 500},
          {"done_but_error", How::done_answer, 500},
          {"refused", How::refuse},
          {"cut_after_accepting", How::cut},
          {"gone_for_two_minutes", How::refuse, 0, 0s, 2min},
          {"done_and_gone_for_two_minutes", How::cut, 0, 0s, 2min}};
}

class ClusterFaults : public testing::TestWithParam<Wrong> {
 protected:
  static Trial trial_of(const Scenario& scenario) {
    auto in_cluster = scenario;
    in_cluster.make = [make = scenario.make](World& world) {
      make(world);
      live_in_cluster(world);
    };
    return begin(in_cluster);
  }
};

TEST_P(ClusterFaults, AtEachAppendEndWell) {
  const auto& wrong = GetParam();
  std::vector<std::string> names = {"good", "bad"};
  if (std::getenv("UPKEEP_LONG") != nullptr) names.insert(names.end(), {"torn", "hooks", "rollback_in_soak", "critical"});
  for (const auto& name : names) {
    // What an operator asked for in vain is not asked again there once the soak is over.
    if (wrong.gone > 0s && name == "rollback_in_soak") continue;
    const auto scene = scenario(name);
    const auto start = trial_of(scene);
    auto undisturbed = start;
    live(scene, undisturbed);
    ASSERT_EQ(judge(scene, undisturbed), "") << name << " undisturbed\n" << undisturbed.history.dump(1);
    const int writes = undisturbed.world.writes;
    ASSERT_GE(writes, 6);
    for (int write = 1; write <= writes; ++write) {
      auto run = start;
      run.world.fault_at = write;
      KubeFault fault;
      fault.how = wrong.how;
      fault.method = "PUT";
      fault.part = "/configmaps/upkeep-demo";
      fault.status = wrong.status;
      fault.delay = wrong.delay;
      run.world.kube_fault = fault;
      run.world.kube_gone = wrong.gone;
      for (int lives = 0; lives < 6 && !run.ended; ++lives) {
        if (run.died) {
          run.world.story.emplace_back("life");
          run.world.boot += 1s;
          run.world.now += 1s;
        }
        live(scene, run);
        if (!run.died) break;
      }
      ASSERT_EQ(run.world.struck, 1) << name << " write " << write;
      EXPECT_EQ(judge(scene, run), "") << name << " write " << write << "\n" << run.history.dump(1);
      if (HasFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Of, ClusterFaults, testing::ValuesIn(wrongs()), [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// A hook after an operation's end that takes the daemon, or its machine, down each time (a command that restarts the daemon is
// enough) is given up in the end, and said to be; before, it runs again in each life.
#include <gtest/gtest.h>

#include "support/crash_matrix.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;

class HooksDeath : public testing::TestWithParam<const char*> {};

TEST_P(HooksDeath, AHookThatNeverComesToItsEndIsGivenUpAndSaid) {
  const auto lived = scenario(GetParam());
  const std::string name = lived.name == "hooks" ? "after_commit" : "after_rollback";
  for (const auto dies : {Where::process, Where::machine}) {
    auto run = begin(lived);
    const Point point{0, WriteFault::none, "run /hooks/" + name, 1, dies};
    int deaths = 0;
    for (; deaths < 20 && !run.ended; ++deaths) {
      arm(run, point);
      live(lived, run);
      if (!run.died) break;
      rise(run, point);
    }
    run.world.die_in.clear();
    EXPECT_EQ(deaths, core::kMaxResumes + 1);
    EXPECT_EQ(judge(lived, run), "");
    Rig rig(run.world, run.disk);
    ASSERT_TRUE(rig.until([&] { return rig.settled(); }));
    const auto given_up = "hook " + name + ": given up, it was interrupted again and again";
    EXPECT_NE(rig.status()["warnings"].dump().find(given_up), std::string::npos) << rig.status();
    // And nothing stands still for it.
    run.world.version = "2.3.5";
    EXPECT_TRUE(rig.until([&] { return run.world.running == "2.3.5-1" && rig.last_result() == "committed"; }, 1h)) << rig.status();
  }
}

INSTANTIATE_TEST_SUITE_P(Of, HooksDeath, testing::Values("hooks", "hooks_bad"), [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// The workload as others see and change it: containers that move together, annotations that ask, a watch that wakes.
#include "unit/kube_installer.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

TEST_F(KubeInstaller, ContainersMoveTogether) {
  edit([](json& set) { set["spec"]["template"]["spec"]["containers"][1]["image"] = "r.test/proxy:v1.2.3"; });
  auto& it = installer("also = [\"proxy\"]\n");
  const auto target = sdk::Version::parse("1.2.3").value();
  const auto seen = run_task(it.inspect(&target));
  EXPECT_EQ(seen->version, "r.test/app:1.2.3 proxy=r.test/proxy:v1.2.3");
  EXPECT_TRUE(seen->matches_target);
  auto both = change();
  both.from = seen->version;
  const auto plan = run_task(it.prepare(both));
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->to, "r.test/app:2.0.0 proxy=r.test/proxy:v2.0.0");
  both.to = plan->to;
  ASSERT_TRUE(run_task(it.apply(both, note, "")));
  EXPECT_EQ(image(1), "r.test/proxy:v2.0.0");
  edit([](json& set) { set["spec"]["template"]["spec"]["containers"][1]["image"] = "r.test/proxy:1.0.0"; });
  const auto now = sdk::Version::parse("2.0.0").value();
  EXPECT_FALSE(run_task(it.inspect(&now))->matches_target) << "one of them has stayed behind";
}

TEST_F(KubeInstaller, AForceIsTakenOnceAndOnlyThatOne) {
  edit([](json& set) { set["metadata"]["annotations"] = {{"upkeep.dev/force", "2.0.0"}, {"upkeep.dev/suspend", "holidays"}}; });
  auto& it = installer();
  const auto wishes = run_task(it.inspect(nullptr))->wishes;
  ASSERT_EQ(wishes.size(), 2U);
  EXPECT_EQ(wishes[0].kind, sdk::Wished::suspend);
  EXPECT_EQ(wishes[0].text, "holidays");
  EXPECT_EQ(wishes[1].text, "2.0.0");
  edit([](json& set) { set["metadata"]["annotations"]["upkeep.dev/force"] = "3.0.0"; });
  ASSERT_TRUE(run_task(it.taken(wishes[1])));
  EXPECT_EQ(annotation("upkeep.dev/force"), "3.0.0") << "that is another wish";
  ASSERT_TRUE(run_task(it.taken(run_task(it.inspect(nullptr))->wishes[1])));
  EXPECT_EQ(annotation("upkeep.dev/force"), "");
  EXPECT_EQ(annotation("upkeep.dev/suspend"), "holidays");
}

TEST_F(KubeInstaller, AChangeOfTheWorkloadWakes) {
  auto& it = installer();
  ASSERT_TRUE(run_task(it.inspect(nullptr)));
  int sleeps = 0;
  host.controllers = [&] {
    if (++sleeps == 3) edit([](json& set) { set["metadata"]["annotations"] = {{"x", "y"}}; });
  };
  EXPECT_TRUE(run_task(it.changed()));
  EXPECT_EQ(sleeps, 3);
  host.server.forget_changes();
  edit([](json& set) { set["metadata"]["annotations"] = {{"x", "z"}}; });
  host.server.forget_changes();
  EXPECT_TRUE(run_task(it.changed())) << "too old: whatever there is now is looked at";
}

TEST_F(KubeInstaller, AWatchThatIsRefusedIsTriedAgain) {
  auto& it = installer();
  for (const auto& [refusals, least] : {std::pair(1, sdk::Millis(5s)), std::pair(2, sdk::Millis(10min))}) {
    ASSERT_TRUE(run_task(it.inspect(nullptr)));
    edit([refusals = refusals](json& set) { set["metadata"]["annotations"] = {{"x", std::to_string(refusals)}}; });
    fault(How::answer, "GET", 403, refusals);
    const auto began = host.boot;
    EXPECT_TRUE(run_task(it.changed()));
    EXPECT_GE(host.boot - began, least);
    EXPECT_LT(host.boot - began, 2 * least);
  }
}

}  // namespace
}  // namespace upkeep::test

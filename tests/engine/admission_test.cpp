// SPDX-License-Identifier: Apache-2.0
// A schedule that stores whom it has admitted (a lease) hears the same words each time.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;
using sdk::Result;
using sdk::Task;

std::vector<std::string> g_heard;
bool g_admit_hangs = false;
int g_held = 0;                           // permits that are renewed now
std::vector<std::string> g_renewed;       // for whom
std::optional<sdk::Millis> g_lost_after;  // that it was held
bool g_lapses = false;

std::string text(const sdk::Operation& operation) {
  return operation.id + " " + operation.agent + " " + operation.from + " " + operation.to;
}

class Lease : public sdk::Schedule {
 public:
  explicit Lease(sdk::Host& host) : host_(host) {}
  sdk::Verdict verdict(sdk::TimePoint /*at*/, const sdk::Release* /*release*/) const override { return {true, std::nullopt, ""}; }
  Task<Result<sdk::Admission>> admit(const sdk::Operation& operation) override {
    g_heard.push_back(text(operation));
    while (g_admit_hangs) {
      const sdk::Millis pause = 1h;
      co_await host_.clock().sleep_for(pause);
    }
    co_return Result<sdk::Admission>(sdk::Admission());
  }
  Task<Result<void>> hold(const sdk::Operation& operation) override {
    struct Held {
      Held() { ++g_held; }
      ~Held() { --g_held; }
      Held(const Held&) = delete;
      Held& operator=(const Held&) = delete;
    } held;
    g_renewed.push_back(text(operation));
    const sdk::Millis pause = 5s;
    for (sdk::Millis since{0}; !g_lost_after || since < *g_lost_after; since += pause) co_await host_.clock().sleep_for(pause);
    co_return sdk::fail(sdk::Errc::busy, "another has it");
  }
  [[nodiscard]] std::optional<sdk::BootTime> lapses() const override { return g_lapses ? std::optional(sdk::BootTime(0)) : std::nullopt; }
  Task<Result<void>> done(const sdk::Operation& operation) override {
    g_heard.push_back(text(operation));
    co_return Result<void>();
  }

 private:
  sdk::Host& host_;
};

Result<std::unique_ptr<sdk::Schedule>> make(sdk::Host& host, const sdk::Config& /*config*/) { return std::make_unique<Lease>(host); }
const sdk::Descriptor kLease = {.name = "lease", .summary = "one at a time", .make = sdk::Factory<sdk::Schedule>(&make)};

TEST(Admission, NamesTheSameOperationFromTheGateThroughARestartToTheEnd) {
  World world;
  world.version = "2.3.4";
  world.die_in = "apply:after";
  g_heard.clear();
  const auto with_lease = [](core::AgentSettings& settings) { settings.schedules[0].use = "lease"; };
  try {
    Rig rig(world, with_lease);
    ASSERT_TRUE(rig.shared().registry.add(kLease));
    rig.until([] { return false; }, 1h);
  } catch (const Death&) {
  }
  Rig rig(world, with_lease);
  ASSERT_TRUE(rig.shared().registry.add(kLease));
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 1h)) << rig.status();
  rig.pass(1min);
  const auto id = rig.history()[0]["id"].get<std::string>();
  ASSERT_GE(g_heard.size(), 3U) << "admitted, admitted again, done";
  for (const auto& one : g_heard) EXPECT_EQ(one, id + " demo 1.2.3-1 2.3.4");
}

class Permit : public testing::Test {
 protected:
  Permit() {
    world.version = "2.3.4";
    g_held = 0;
    g_renewed.clear();
    g_lost_after.reset();
    g_admit_hangs = false;
    g_lapses = false;
  }
  std::unique_ptr<Rig> daemon(const std::function<void(core::AgentSettings&)>& adjust = {}) {
    auto out = std::make_unique<Rig>(world, [&](core::AgentSettings& settings) {
      settings.schedules[0].use = "lease";
      if (adjust) adjust(settings);
    });
    EXPECT_TRUE(out->shared().registry.add(kLease));
    return out;
  }
  [[nodiscard]] bool applied() const {
    return std::any_of(world.verbs.begin(), world.verbs.end(), [](const std::string& one) { return one.starts_with("apply"); });
  }
  World world;
};

TEST_F(Permit, WhoeverDoesNotAnswerKeepsNoBadVersionInPlace) {
  world.bad = {"2.3.4-1"};
  world.verb_errors.emplace("revert", sdk::Error(sdk::Errc::transient, "not now"));
  {
    const auto rig = daemon();
    ASSERT_TRUE(rig->until([&] { return rig->phase() == "reverting"; }, 10min)) << rig->status();
  }
  world.verb_errors.clear();
  g_admit_hangs = true;
  const auto rig = daemon();
  EXPECT_TRUE(rig->until([&] { return rig->last_result() == "rolled_back"; }, 2min)) << rig->status();
}

TEST_F(Permit, OfAStuckOperationIsHeldAfterARestartToo) {
  world.bad = {"2.3.4-1"};
  world.verb_errors.emplace("revert", sdk::Error(sdk::Errc::denied, "never"));
  {
    const auto rig = daemon();
    ASSERT_TRUE(rig->until([&] { return rig->phase() == "stuck"; }, 10min)) << rig->status();
    EXPECT_EQ(g_held, 1);
  }
  const auto rig = daemon();
  EXPECT_TRUE(rig->until([&] { return g_held == 1; }, 1min)) << rig->status();
}

TEST_F(Permit, IsHeldFromTheGateToTheEndOfTheOperation) {
  const auto rig = daemon();
  ASSERT_TRUE(rig->until([&] { return rig->phase() == "soaking"; }, 10min)) << rig->status();
  EXPECT_EQ(g_held, 1);
  ASSERT_TRUE(rig->until([&] { return rig->last_result() == "committed"; }, 10min)) << rig->status();
  rig->settle();
  EXPECT_EQ(g_held, 0);
  EXPECT_EQ(g_renewed, std::vector<std::string>{rig->history()[0]["id"].get<std::string>() + " demo 1.2.3-1 2.3.4"});
}

TEST_F(Permit, ThatIsLostBeforeApplyRefusesTheOperation) {
  const auto slow_hook = [](core::AgentSettings& settings) { settings.hooks[core::Hook::before_apply].command = {"/bin/true"}; };
  world.run_takes = 30s;
  g_lost_after = 10s;
  const auto rig = daemon(slow_hook);
  ASSERT_TRUE(rig->until([&] { return rig->last_result() == "refused"; }, 10min)) << rig->status();
  EXPECT_EQ(rig->history()[0]["detail"], "the permit of lease was lost: another has it");
  EXPECT_FALSE(applied());
  EXPECT_EQ(rig->reason(), "admission") << rig->status();
  g_lost_after.reset();
  EXPECT_TRUE(rig->until([&] { return rig->last_result() == "committed"; }, 10min)) << rig->status();
}

TEST_F(Permit, ThatIsLostAfterwardsStopsNothing) {
  world.apply_takes = 1min;
  g_lost_after = 10s;
  const auto rig = daemon();
  ASSERT_TRUE(rig->until([&] { return rig->last_result() == "committed"; }, 10min)) << rig->status();
  EXPECT_EQ(rig->history().size(), 1U);
}

TEST_F(Permit, ThatIsLostAtOnceEachTimeIsAskedForEveryTwoSeconds) {
  auto rig = daemon();
  ASSERT_TRUE(rig->until([&] { return rig->phase() == "soaking"; }, 10min)) << rig->status();
  rig.reset();
  g_lapses = true;
  g_lost_after = 0s;
  g_renewed.clear();
  const auto next_life = daemon();
  ASSERT_TRUE(next_life->until([&] { return next_life->last_result() == "committed"; }, 10min)) << next_life->status();
  EXPECT_GE(g_renewed.size(), 20U);
  EXPECT_LE(g_renewed.size(), 32U);
}

TEST_F(Permit, IsHeldAgainAfterARestartInEachPhaseThatGoesOn) {
  for (const std::string phase : {"applying", "activating", "soaking", "reverting"}) {
    world = World();
    world.version = "2.3.4";
    if (phase == "applying") world.apply_takes = 1min;
    if (phase == "activating") world.verb_errors.emplace("activate", sdk::Error(sdk::Errc::transient, "not now"));
    if (phase == "reverting") {
      world.bad = {"2.3.4-1"};
      world.verb_errors.emplace("revert", sdk::Error(sdk::Errc::transient, "not now"));
    }
    {
      const auto rig = daemon();
      ASSERT_TRUE(rig->until([&] { return rig->phase() == phase; }, 10min)) << phase << rig->status();
      EXPECT_EQ(g_held, 1) << phase;
    }
    EXPECT_EQ(g_held, 0) << phase;
    world.transactions = 0;
    if (phase == "applying") world.half_installed = false, world.installed = "2.3.4-1";
    const auto rig = daemon();
    ASSERT_TRUE(rig->until([&] { return g_held == 1; }, 1min)) << phase << rig->status();
    world.verb_errors.clear();
    ASSERT_TRUE(rig->until([&] { return rig->last_result() == (phase == "reverting" ? "rolled_back" : "committed"); }, 1h)) << phase;
    rig->settle();
    EXPECT_EQ(g_held, 0) << phase;
  }
}

}  // namespace
}  // namespace upkeep::test

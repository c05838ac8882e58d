// SPDX-License-Identifier: Apache-2.0
// The real clock sleeps for real, a few milliseconds at a time: it is the thing under test.

#include <gtest/gtest.h>
#include <sys/timex.h>

#include "io/clock.h"
#include "support/real_loop.h"

namespace upkeep::io {
namespace {

using namespace std::chrono_literals;
using test::RealLoop;

// Moves the wall clock by a nanosecond, which the kernel counts as setting it. false: no permission.
bool nudge_wall_clock(long nanoseconds) {
  timex change{};
  change.modes = ADJ_SETOFFSET | ADJ_NANO;
  change.time.tv_sec = nanoseconds < 0 ? -1 : 0;
  change.time.tv_usec = nanoseconds < 0 ? 1'000'000'000 + nanoseconds : nanoseconds;
  return adjtimex(&change) >= 0;
}

struct IoClock : testing::Test {
  RealLoop loop;
  RealClock clock{loop.executor()};
};

TEST_F(IoClock, SleepForEndsAfterThatMuchBootTimeAndNotBefore) {
  const auto before = clock.boot_now();
  loop.run(clock.sleep_for(15ms));
  EXPECT_GE(clock.boot_now() - before, 15ms);
  EXPECT_LT(clock.boot_now() - before, 10s);
}

TEST_F(IoClock, SleepUntilEndsWhenTheWallClockIsThere) {
  const auto when = clock.now() + 15ms;
  loop.run(clock.sleep_until(when));
  EXPECT_GE(clock.now(), when);
}

TEST_F(IoClock, WhatHasPassedIsNotWaitedFor) {
  loop.run(clock.sleep_for(0ms));
  loop.run(clock.sleep_for(-1h));
  loop.run(clock.sleep_until(clock.now() - 1h));
  loop.run(clock.sleep_until(sdk::TimePoint(-1h)));  // before 1970
}

TEST_F(IoClock, SleepersWakeInTheOrderOfTheirTimesNotOfTheirCalls) {
  const auto late = loop.start(clock.sleep_for(20ms));
  const auto early = loop.start(clock.sleep_for(5ms));
  loop.until([&] { return early->done; });
  EXPECT_FALSE(late->done);
  loop.until([&] { return late->done; });
}

TEST_F(IoClock, SettingTheClockWakesEverySleeperAgainAndAgain) {
  for (const long step : {1L, -1L}) {
    const auto wall = loop.start(clock.sleep_until(clock.now() + 1h));
    const auto boot = loop.start(clock.sleep_for(1h));
    loop.settle();
    ASSERT_FALSE(wall->done || boot->done);
    if (!nudge_wall_clock(step)) GTEST_SKIP() << "setting the clock needs CAP_SYS_TIME";
    loop.until([&] { return wall->done && boot->done; });
  }
}

TEST_F(IoClock, TimesBeyondWhatTheKernelCanCountAreJustFarAway) {
  const auto boot = loop.start(clock.sleep_for(sdk::Millis::max()));
  const auto wall = loop.start(clock.sleep_until(sdk::TimePoint::max()));
  loop.run(clock.sleep_for(5ms));
  EXPECT_FALSE(boot->done || wall->done);
}

TEST_F(IoClock, ACancelledSleeperIsGoneAndTheOthersSleepOn) {
  const auto cancelled = loop.start(clock.sleep_for(1h));
  const auto other = loop.start(clock.sleep_for(10ms));
  loop.settle();
  cancelled->cancel();
  loop.until([&] { return cancelled->done; });
  EXPECT_FALSE(other->done);
  loop.until([&] { return other->done; });
}

TEST(IoClockLifetime, ASleeperMayOutliveTheClockAndTheLoop) {
  RealLoop loop;
  {
    RealClock clock(loop.executor());
    loop.start(clock.sleep_for(1h));
    loop.settle();
  }
  loop.settle();
}

TEST_F(IoClock, NamesThisBoot) {
  EXPECT_EQ(clock.boot_id().size(), 36U);
  EXPECT_EQ(clock.boot_id(), clock.boot_id());
  timespec t{};
  clock_gettime(CLOCK_BOOTTIME, &t);
  EXPECT_NEAR(static_cast<double>(clock.boot_now().count()), static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6,
              5e3);
}

TEST_F(IoClock, SaysOfTheKernelWhetherTheClockIsSynchronised) {
  timex state{};
  ASSERT_GE(adjtimex(&state), 0);
  EXPECT_EQ(clock.synchronized(), (state.status & STA_UNSYNC) == 0);
}

}  // namespace
}  // namespace upkeep::io

// SPDX-License-Identifier: Apache-2.0
// When the wall clock is not believed.
#include "core/clock_problem.h"

#include <gtest/gtest.h>

namespace upkeep::core {
namespace {

using namespace std::chrono_literals;

TEST(ClockProblem, BehindThisProgramOrBehindTheJournalUnlessTheKernelVouches) {
  const sdk::TimePoint noon = *sdk::parse_rfc3339("2026-11-29T12:00:00Z");
  EXPECT_EQ(clock_problem({noon, false, noon - 1h, noon - 1h}), "");
  EXPECT_EQ(clock_problem({noon, false, noon, noon}), "");
  EXPECT_EQ(clock_problem({noon, true, noon + 1s, noon - 1h}),
            "the wall clock says 2026-11-29T12:00:00Z, which is before this program was built (2026-11-29T12:00:01Z)");
  EXPECT_EQ(clock_problem({noon, false, noon - 1h, noon + 1s}),
            "the wall clock says 2026-11-29T12:00:00Z, which is before the journal's last entry (2026-11-29T12:00:01Z), and the kernel "
            "does not call it synchronised");
  EXPECT_EQ(clock_problem({noon, true, noon - 1h, noon + 1s}), "");  // set back, by somebody who knows
}

}  // namespace
}  // namespace upkeep::core

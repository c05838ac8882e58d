// SPDX-License-Identifier: Apache-2.0
#include "core/clock_problem.h"

namespace upkeep::core {

std::string clock_problem(const WallClock& clock) {
  const bool of_before_us = clock.now < clock.build_date;
  if (!of_before_us && (clock.now >= clock.last_recorded || clock.synchronized)) return "";
  return "the wall clock says " + sdk::rfc3339(clock.now) + ", which is before " +
         (of_before_us
              ? "this program was built (" + sdk::rfc3339(clock.build_date) + ")"
              : "the journal's last entry (" + sdk::rfc3339(clock.last_recorded) + "), and the kernel does not call it synchronised");
}

}  // namespace upkeep::core

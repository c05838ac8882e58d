// SPDX-License-Identifier: Apache-2.0
#include "core/clock_problem.h"

namespace upkeep::core {

std::string clock_problem(const WallClock& clock) {
  const auto says = "the wall clock says " + sdk::rfc3339(clock.now) + ", which is before ";
  if (clock.now < clock.build_date) return says + "this program was built (" + sdk::rfc3339(clock.build_date) + ")";
  if (clock.now < clock.last_recorded && !clock.synchronized)
    return says + "the journal's last entry (" + sdk::rfc3339(clock.last_recorded) + "), and the kernel does not call it synchronised";
  return "";
}

}  // namespace upkeep::core

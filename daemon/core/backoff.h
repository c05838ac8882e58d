// SPDX-License-Identifier: Apache-2.0
#pragma once
// How long to wait before the next attempt. `unit` is a random number in [0, 1).

#include "sdk/time.h"

namespace upkeep::core {

// Failed attempt number n (1, 2, …): doubles from `first` to `most`, then between half and all of that.
[[nodiscard]] sdk::Millis backoff(int n, sdk::Millis first, sdk::Millis most, double unit);
// base ± 10 %.
[[nodiscard]] sdk::Millis jitter(sdk::Millis base, double unit);

}  // namespace upkeep::core

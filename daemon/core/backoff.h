// SPDX-License-Identifier: Apache-2.0
#pragma once
// How long to wait before the next attempt. `unit` is a random number in [0, 1).

#include "sdk/result.h"
#include "sdk/time.h"

namespace upkeep::core {

// Failed attempt number n (1, 2, …): doubles from `first` to `most`, then between half and all of that.
[[nodiscard]] sdk::Millis backoff(int n, sdk::Millis first, sdk::Millis most, double unit);
// What is simply tried again: from a second to a minute.
inline constexpr sdk::Millis kLongestRetry = std::chrono::minutes(1);
[[nodiscard]] sdk::Millis retry_pause(int n, double unit);
// As long as the other side asked for, or as our own back-off says: whichever is longer.
[[nodiscard]] sdk::Millis pause_after(const sdk::Error& error, sdk::Millis own);
// base ± 10 %.
[[nodiscard]] sdk::Millis jitter(sdk::Millis base, double unit);

}  // namespace upkeep::core

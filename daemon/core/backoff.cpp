// SPDX-License-Identifier: Apache-2.0
#include "core/backoff.h"

#include <algorithm>

namespace upkeep::core {
namespace {

sdk::Millis scaled(sdk::Millis base, double factor) {
  return sdk::Millis(static_cast<std::int64_t>(static_cast<double>(base.count()) * factor));
}

}  // namespace

sdk::Millis backoff(int n, sdk::Millis first, sdk::Millis most, double unit) {
  sdk::Millis full = std::min(first, most);
  for (int i = 1; i < n && full < most; ++i) full = full > most / 2 ? most : full * 2;
  return scaled(full, 0.5 + unit / 2);
}

sdk::Millis retry_pause(int n, double unit) { return backoff(n, std::chrono::seconds(1), kLongestRetry, unit); }

sdk::Millis pause_after(const sdk::Error& error, sdk::Millis own) {
  return error.retry_after ? std::max<sdk::Millis>(*error.retry_after, own) : own;
}

sdk::Millis jitter(sdk::Millis base, double unit) { return scaled(base, 0.9 + 0.2 * unit); }

}  // namespace upkeep::core

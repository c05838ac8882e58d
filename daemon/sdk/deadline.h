// SPDX-License-Identifier: Apache-2.0
#pragma once
// Waiting for something that may never come. Nothing outside is trusted to answer.

#include <asio/experimental/awaitable_operators.hpp>
#include <optional>
#include <utility>
#include <variant>

#include "sdk/host.h"

namespace upkeep::sdk {

// Returns when the boot time has come; a clock that was set meanwhile wakes sleepers early.
inline Task<void> sleep_past(Clock& clock, BootTime when) {
  while (clock.boot_now() < when) {
    const Millis left = when - clock.boot_now();
    co_await clock.sleep_for(left);
  }
}

// What `work` answers, or nullopt when it has not answered by then; it is cancelled in that case. The deadline is one
// wait around the whole work, not around each of its steps, so that no message falls between two waits.
template <typename T>
Task<std::optional<T>> before(Clock& clock, BootTime when, Task<T> work) {
  using namespace asio::experimental::awaitable_operators;
  std::variant<T, std::monostate> first = co_await (std::move(work) || sleep_past(clock, when));
  if (first.index() != 0) co_return std::nullopt;
  co_return std::optional<T>(std::move(std::get<0>(first)));
}

}  // namespace upkeep::sdk

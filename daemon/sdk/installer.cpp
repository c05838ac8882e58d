// SPDX-License-Identifier: Apache-2.0
#include "sdk/installer.h"

#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace upkeep::sdk {

std::string shown(const PlanItem& item) {
  return item.package + " " + (item.from.empty() ? "(new)" : item.from) + " -> " + (item.to.empty() ? "(removed)" : item.to);
}

Task<Result<void>> Installer::fetch(const Change& /*change*/) { co_return Result<void>(); }
Task<Result<void>> Installer::keep() { co_return Result<void>(); }

Task<Result<void>> Installer::changed() {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer never(executor, asio::steady_timer::time_point::max());
  co_await never.async_wait(asio::use_awaitable);  // ends by cancellation only, which throws past us
  co_return Result<void>();
}

}  // namespace upkeep::sdk

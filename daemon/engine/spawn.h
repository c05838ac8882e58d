// SPDX-License-Identifier: Apache-2.0
#pragma once
// Starts a coroutine that nobody waits for. An exception out of it is a bug: it ends the program (asio::detached would hide it).

#include <asio/any_io_executor.hpp>
#include <asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "sdk/task.h"

namespace upkeep::engine {

inline void spawn(const asio::any_io_executor& executor, sdk::Task<void> task) {
  asio::co_spawn(executor, std::move(task), [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  });
}

}  // namespace upkeep::engine

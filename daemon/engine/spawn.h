// SPDX-License-Identifier: Apache-2.0
#pragma once
// Starts a coroutine that nobody waits for. An exception out of it is a bug: it ends the program (asio::detached would hide it).

#include <asio/any_io_executor.hpp>

#include "sdk/task.h"

namespace upkeep::engine {

void spawn(const asio::any_io_executor& executor, sdk::Task<void> task);

}  // namespace upkeep::engine

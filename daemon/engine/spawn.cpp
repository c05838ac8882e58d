// SPDX-License-Identifier: Apache-2.0
#include "engine/spawn.h"

#include <asio/co_spawn.hpp>
#include <exception>
#include <utility>

namespace upkeep::engine {

void spawn(const asio::any_io_executor& executor, sdk::Task<void> task) {
  asio::co_spawn(executor, std::move(task), [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  });
}

}  // namespace upkeep::engine

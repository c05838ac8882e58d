// SPDX-License-Identifier: Apache-2.0
#include "support/start_task.h"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>

namespace upkeep::test {

void start_task(const asio::any_io_executor& executor, sdk::Task<void> task, std::function<void(std::exception_ptr)> ended) {
  asio::co_spawn(executor, std::move(task), std::move(ended));
}

void start_task(const asio::any_io_executor& executor, sdk::Task<void> task, asio::cancellation_slot cancelled,
                std::function<void(std::exception_ptr)> ended) {
  asio::co_spawn(executor, std::move(task), asio::bind_cancellation_slot(cancelled, std::move(ended)));
}

}  // namespace upkeep::test

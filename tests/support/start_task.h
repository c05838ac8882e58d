// SPDX-License-Identifier: Apache-2.0
#pragma once
// A coroutine's start and its result. What Asio makes of a start is compiled once, not in each test for each type of result.

#include <asio/any_io_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

#include "sdk/task.h"

namespace upkeep::test {

// `ended` is called with what came out of the coroutine: an exception, or nullptr.
void start_task(const asio::any_io_executor& executor, sdk::Task<void> task, std::function<void(std::exception_ptr)> ended);
// One that can be cancelled.
void start_task(const asio::any_io_executor& executor, sdk::Task<void> task, asio::cancellation_slot cancelled,
                std::function<void(std::exception_ptr)> ended);

// `result` must outlive the coroutine.
template <typename T>
sdk::Task<void> keep_result(sdk::Task<T> task, std::optional<T>& result) {
  T value = co_await std::move(task);
  result.emplace(std::move(value));
}

}  // namespace upkeep::test

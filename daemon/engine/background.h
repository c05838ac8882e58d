// SPDX-License-Identifier: Apache-2.0
#pragma once
// A coroutine that runs beside its owner until it is cancelled. The coroutine must keep alive what it uses.

#include <asio/any_io_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <memory>

#include "sdk/task.h"

namespace upkeep::engine {

class Background {
 public:
  Background(const asio::any_io_executor& executor, sdk::Task<void> task);
  // Not by the destructor: when a program ends its coroutines are gone before their owners, and there is nothing to cancel.
  void cancel() { cancel_->emit(asio::cancellation_type::terminal); }

 private:
  std::shared_ptr<asio::cancellation_signal> cancel_;
};

}  // namespace upkeep::engine

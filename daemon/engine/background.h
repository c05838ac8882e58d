// SPDX-License-Identifier: Apache-2.0
#pragma once
// A coroutine that runs beside its owner until it is cancelled. The coroutine must keep alive what it uses.

#include <asio/any_io_executor.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <memory>
#include <utility>

#include "sdk/task.h"

namespace upkeep::engine {

class Background {
 public:
  Background(const asio::any_io_executor& executor, sdk::Task<void> task) : cancel_(std::make_shared<asio::cancellation_signal>()) {
    // The handler keeps the signal, which must live as long as the coroutine.
    asio::co_spawn(executor, std::move(task),
                   asio::bind_cancellation_slot(cancel_->slot(), [keep = cancel_](const std::exception_ptr&) {}));
  }
  // Not by the destructor: when a program ends its coroutines are gone before their owners, and there is nothing to cancel.
  void cancel() { cancel_->emit(asio::cancellation_type::terminal); }

 private:
  std::shared_ptr<asio::cancellation_signal> cancel_;
};

}  // namespace upkeep::engine

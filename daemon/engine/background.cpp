// SPDX-License-Identifier: Apache-2.0
#include "engine/background.h"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <exception>
#include <utility>

namespace upkeep::engine {

Background::Background(const asio::any_io_executor& executor, sdk::Task<void> task)
    : cancel_(std::make_shared<asio::cancellation_signal>()) {
  // The handler keeps the signal, which must live as long as the coroutine.
  asio::co_spawn(executor, std::move(task), asio::bind_cancellation_slot(cancel_->slot(), [keep = cancel_](const std::exception_ptr&) {}));
}

}  // namespace upkeep::engine

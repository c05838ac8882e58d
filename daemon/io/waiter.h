// SPDX-License-Identifier: Apache-2.0
#pragma once
// Lets one coroutine wait for something that a callback of a foreign library reports. notify() never resumes the coroutine
// at once: it runs from the loop, when the library's callback has returned.

#include <asio/awaitable.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "sdk/task.h"

namespace upkeep::io {

enum class Woken { notified, expired, cancelled };

// Belongs to the frame of the coroutine that waits, or lives longer than it. One waits at a time.
class Waiter {
 public:
  using SteadyTime = asio::steady_timer::time_point;

  explicit Waiter(const asio::any_io_executor& executor) : timer_(executor) {}

  // Remembered when nobody waits yet.
  void notify() {
    notified_ = true;
    timer_.cancel();
  }

  // `cancelled`: the coroutine was asked to stop; its next co_await throws.
  sdk::Task<Woken> wait(SteadyTime deadline = SteadyTime::max()) {
    asio::error_code ec;
    if (!notified_) {
      timer_.expires_at(deadline);
      co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    }
    if (std::exchange(notified_, false)) co_return Woken::notified;
    co_return ec ? Woken::cancelled : Woken::expired;
  }

 private:
  asio::steady_timer timer_;
  bool notified_ = false;
};

}  // namespace upkeep::io

// SPDX-License-Identifier: Apache-2.0
#pragma once
// A condition to wait for on the one thread. A notification that comes while nobody waits is kept, so none is lost.

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <memory>
#include <vector>

#include "sdk/task.h"

namespace upkeep::engine {

class Wake {
 public:
  // Wakes all who wait, or the next who will.
  void notify() {
    set_ = true;
    for (auto* timer : waiting_) timer->cancel();
  }

  sdk::Task<void> wait() {
    if (!set_) {
      asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
      waiting_.push_back(&timer);
      struct Leave {  // also when the coroutine is cancelled
        std::vector<asio::steady_timer*>& list;
        asio::steady_timer* timer;
        ~Leave() { std::erase(list, timer); }
      } leave{waiting_, &timer};
      asio::error_code ignored;
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    set_ = false;
  }

 private:
  std::vector<asio::steady_timer*> waiting_;
  bool set_ = false;
};

}  // namespace upkeep::engine

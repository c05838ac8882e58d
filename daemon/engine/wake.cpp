// SPDX-License-Identifier: Apache-2.0
#include "engine/wake.h"

#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace upkeep::engine {

void Wake::notify() {
  set_ = true;
  for (auto* timer : waiting_) timer->cancel();
}

sdk::Task<void> Wake::wait() {
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

}  // namespace upkeep::engine

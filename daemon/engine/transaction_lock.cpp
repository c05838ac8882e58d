// SPDX-License-Identifier: Apache-2.0
#include "engine/transaction_lock.h"

#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace upkeep::engine {

sdk::Task<TransactionLock::Locked> TransactionLock::acquire(std::string agent, bool first) {
  if (auto give_way = std::exchange(give_way_, nullptr)) give_way();  // perhaps on the spot
  if (!holder_.empty()) {
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    Waiter waiter{agent, &timer};
    const auto place = waiting_.insert(first ? waiting_.begin() : waiting_.end(), &waiter);
    struct Leave {  // cancelled while waiting, or after it was handed over
      TransactionLock& lock;
      Waiter& waiter;
      std::list<Waiter*>::iterator place;
      ~Leave() {
        if (!waiter.served) lock.waiting_.erase(place);
        if (waiter.served && !waiter.taken) lock.pass_on();
      }
    } leave{*this, waiter, place};
    asio::error_code ignored;
    while (!waiter.served) co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    waiter.taken = true;
  } else {
    holder_ = agent;
  }
  co_return Locked(this);
}

void TransactionLock::pass_on() {
  holder_.clear();
  yields_ = false;
  give_way_ = nullptr;
  if (waiting_.empty()) return;
  auto* next = waiting_.front();
  waiting_.pop_front();
  holder_ = next->agent;
  next->served = true;
  next->timer->cancel();
}

}  // namespace upkeep::engine

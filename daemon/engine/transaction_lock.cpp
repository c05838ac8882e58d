// SPDX-License-Identifier: Apache-2.0
#include "engine/transaction_lock.h"

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace upkeep::engine {

std::string TransactionLock::holder() const {
  if (holders_.size() < at_once_) return "";
  const auto yielding =
      static_cast<std::size_t>(std::count_if(holders_.begin(), holders_.end(), [](const auto& one) { return one.yields; }));
  if (yielding == 0) return holders_.front().agent;
  return waiting_.size() < yielding ? "" : waiting_.front()->agent;
}

std::optional<TransactionLock::Locked> TransactionLock::try_acquire(std::string agent, std::function<void()> give_way) {
  if (holders_.size() >= at_once_) return std::nullopt;
  holders_.push_back({std::move(agent), true, std::move(give_way)});
  return Locked(this, std::prev(holders_.end()));
}

sdk::Task<TransactionLock::Locked> TransactionLock::acquire(std::string agent, bool first) {
  if (holders_.size() >= at_once_) {
    const auto asked = std::find_if(holders_.begin(), holders_.end(), [](const auto& one) { return one.give_way != nullptr; });
    if (asked != holders_.end()) std::exchange(asked->give_way, nullptr)();  // perhaps on the spot
  }
  if (holders_.size() < at_once_) {
    holders_.push_back({std::move(agent)});
    co_return Locked(this, std::prev(holders_.end()));
  }
  asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  Waiter waiter{std::move(agent), &timer, std::nullopt};
  const auto place = waiting_.insert(first ? waiting_.begin() : waiting_.end(), &waiter);
  struct Leave {  // cancelled while waiting, or after it was handed over
    TransactionLock& lock;
    Waiter& waiter;
    std::list<Waiter*>::iterator place;
    ~Leave() {
      if (!waiter.served) lock.waiting_.erase(place);
      if (waiter.served && !waiter.taken) lock.pass_on(*waiter.served);
    }
  } leave{*this, waiter, place};
  asio::error_code ignored;
  while (!waiter.served) co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  waiter.taken = true;
  co_return Locked(this, *waiter.served);
}

void TransactionLock::pass_on(std::list<Holder>::iterator place) {
  holders_.erase(place);
  if (waiting_.empty()) return;
  auto* next = waiting_.front();
  waiting_.pop_front();
  holders_.push_back({next->agent});
  next->served = std::prev(holders_.end());
  next->timer->cancel();
}

}  // namespace upkeep::engine

// SPDX-License-Identifier: Apache-2.0
#include "engine/look_limit.h"

#include <asio/experimental/awaitable_operators.hpp>

namespace upkeep::engine {

sdk::Task<LookLimit::Turn> LookLimit::take(sdk::Clock& clock, bool first) {
  using namespace asio::experimental::awaitable_operators;
  if (taken_ < kAtOnce) {
    ++taken_;
    co_return Turn(this);
  }
  Waiter waiter;
  const auto place = waiting_.insert(first ? waiting_.begin() : waiting_.end(), &waiter);
  struct Leave {  // let in because nothing moved, cancelled, or cancelled after it was let in
    LookLimit& limit;
    Waiter& waiter;
    std::list<Waiter*>::iterator place;
    ~Leave() {
      if (!waiter.served) limit.waiting_.erase(place);
      if (waiter.served && !waiter.taken) limit.pass_on();
    }
  } leave{*this, waiter, place};
  auto moved = clock.boot_now();
  for (auto seen = moves_; !waiter.served;) {
    const auto left = moved + kStall - clock.boot_now();
    if (left <= sdk::Millis(0)) {
      ++taken_;
      ++moves_;
      break;
    }
    co_await (clock.sleep_for(left) || waiter.let_in.wait());
    if (seen != std::exchange(seen, moves_)) moved = clock.boot_now();
  }
  waiter.taken = true;
  co_return Turn(this);
}

void LookLimit::pass_on() {
  ++moves_;
  if (waiting_.empty()) {
    --taken_;
    return;
  }
  auto* next = waiting_.front();
  waiting_.pop_front();
  next->served = true;
  next->let_in.notify();
}

}  // namespace upkeep::engine

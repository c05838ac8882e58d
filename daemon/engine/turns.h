// SPDX-License-Identifier: Apache-2.0
#pragma once
// At most so many of something at once, the others in line: looking at an agent forks programs or asks a server, and many
// agents have the same reason to look in the same moment. What never ends keeps its place, but not the line.

#include <asio/experimental/awaitable_operators.hpp>
#include <list>
#include <utility>

#include "engine/wake.h"
#include "sdk/host.h"

namespace upkeep::engine {

class Turns {
 public:
  static constexpr int kAtOnce = 8;
  // When nobody has ended for so long, one more is let in.
  static constexpr sdk::Millis kStall = std::chrono::minutes(1);

  // Had as long as it lives.
  class Turn {
   public:
    explicit Turn(Turns* turns) : turns_(turns) {}
    Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turns_ != nullptr) turns_->pass_on();
    }

   private:
    Turns* turns_;
  };

  // `first`: before all who wait.
  sdk::Task<Turn> take(sdk::Clock& clock, bool first) {
    using namespace asio::experimental::awaitable_operators;
    if (taken_ < kAtOnce) {
      ++taken_;
      co_return Turn(this);
    }
    Waiter waiter;
    const auto place = waiting_.insert(first ? waiting_.begin() : waiting_.end(), &waiter);
    struct Leave {  // let in because nothing moved, cancelled, or cancelled after it was let in
      Turns& turns;
      Waiter& waiter;
      std::list<Waiter*>::iterator place;
      ~Leave() {
        if (!waiter.served) turns.waiting_.erase(place);
        if (waiter.served && !waiter.taken) turns.pass_on();
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

 private:
  struct Waiter {
    Wake let_in;
    bool served = false, taken = false;
  };

  void pass_on() {
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

  std::list<Waiter*> waiting_;
  int taken_ = 0;
  std::uint64_t moves_ = 0;  // that somebody ended, or was let in besides
};

}  // namespace upkeep::engine

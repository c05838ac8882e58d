// SPDX-License-Identifier: Apache-2.0
#pragma once
// What several coroutines do, and only one at a time; the others wait, in no promised order.

#include <utility>

#include "engine/wake.h"

namespace upkeep::engine {

class OneAtATime {
 public:
  // Had as long as it lives.
  class Turn {
   public:
    explicit Turn(OneAtATime* of) : of_(of) {}
    Turn(Turn&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (of_ == nullptr) return;
      of_->taken_ = false;
      of_->free_.notify();
    }

   private:
    OneAtATime* of_;
  };

  [[nodiscard]] bool taken() const { return taken_; }
  sdk::Task<Turn> take() {
    while (taken_) co_await free_.wait();
    taken_ = true;
    co_return Turn(this);
  }

 private:
  bool taken_ = false;
  Wake free_;
};

}  // namespace upkeep::engine

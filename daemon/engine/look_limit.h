// SPDX-License-Identifier: Apache-2.0
#pragma once
// At most so many of something at once, the others in line: looking at an agent forks programs or asks a server, and many
// agents have the same reason to look in the same moment. What never ends keeps its place, but not the line.

#include <list>
#include <utility>

#include "engine/wake.h"
#include "sdk/host.h"

namespace upkeep::engine {

class LookLimit {
 public:
  static constexpr int kAtOnce = 8;
  // When nobody has ended for so long, one more is let in.
  static constexpr sdk::Millis kStall = std::chrono::minutes(1);

  // Had as long as it lives.
  class Turn {
   public:
    explicit Turn(LookLimit* limit) : limit_(limit) {}
    Turn(Turn&& other) noexcept : limit_(std::exchange(other.limit_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (limit_ != nullptr) limit_->pass_on();
    }

   private:
    LookLimit* limit_;
  };

  // `first`: before all who wait.
  sdk::Task<Turn> take(sdk::Clock& clock, bool first);

 private:
  struct Waiter {
    Wake let_in;
    bool served = false, taken = false;
  };

  void pass_on();

  std::list<Waiter*> waiting_;
  int taken_ = 0;
  std::uint64_t moves_ = 0;  // that somebody ended, or was let in besides
};

}  // namespace upkeep::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once
// A condition to wait for on the one thread. A notification that comes while nobody waits is kept, so none is lost.

#include <asio/steady_timer.hpp>
#include <vector>

#include "sdk/task.h"

namespace upkeep::engine {

class Wake {
 public:
  // Wakes all who wait, or the next who will.
  void notify();
  sdk::Task<void> wait();

 private:
  std::vector<asio::steady_timer*> waiting_;
  bool set_ = false;
};

}  // namespace upkeep::engine

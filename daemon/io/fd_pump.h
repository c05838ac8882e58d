// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a foreign library joins the loop: one readable descriptor and a function that handles what is there. The descriptor
// stays the library's own; dropping the pump only stops the watching, and may happen inside the function.

#include <asio/any_io_executor.hpp>
#include <functional>
#include <memory>

namespace upkeep::io {

class FdPump {
 public:
  // Calls `pump` whenever `fd` is readable, until this object is dropped. `fd` must stay open for that long.
  FdPump(const asio::any_io_executor& executor, int fd, std::function<void()> pump);
  ~FdPump();
  FdPump(const FdPump&) = delete;
  FdPump& operator=(const FdPump&) = delete;

 private:
  struct State;
  static void arm(const std::shared_ptr<State>& state);
  std::shared_ptr<State> state_;
};

}  // namespace upkeep::io

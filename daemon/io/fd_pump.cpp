// SPDX-License-Identifier: Apache-2.0
#include "io/fd_pump.h"

#include <asio/posix/stream_descriptor.hpp>
#include <utility>

namespace upkeep::io {

struct FdPump::State {
  State(const asio::any_io_executor& executor, int fd, std::function<void()> pump_) : descriptor(executor, fd), pump(std::move(pump_)) {}
  asio::posix::stream_descriptor descriptor;
  std::function<void()> pump;
  bool stopped = false;
};

FdPump::FdPump(const asio::any_io_executor& executor, int fd, std::function<void()> pump)
    : state_(std::make_shared<State>(executor, fd, std::move(pump))) {
  arm(state_);
}

FdPump::~FdPump() {
  state_->stopped = true;
  state_->descriptor.release();  // the destructor would close a descriptor that is not ours
}

void FdPump::arm(const std::shared_ptr<State>& state) {
  // Weak, because the handler of a dropped pump still runs once, with operation_aborted.
  state->descriptor.async_wait(asio::posix::stream_descriptor::wait_read, [weak = std::weak_ptr(state)](const asio::error_code& ec) {
    const auto alive = weak.lock();
    if (ec || !alive || alive->stopped) return;
    alive->pump();
    if (!alive->stopped) arm(alive);
  });
}

}  // namespace upkeep::io

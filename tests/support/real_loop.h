// SPDX-License-Identifier: Apache-2.0
#pragma once
// A real event loop for tests of the real outside: runs tasks to their end, or starts them and cancels them. Whatever takes
// longer than half a minute is a failure, not a hang.

#include <asio/cancellation_signal.hpp>
#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "sdk/task.h"
#include "support/start_task.h"

namespace upkeep::test {

// A task that runs. Its value is there once it is done; a cancelled one may have ended with an exception.
template <typename T>
struct Started {
  std::optional<T> value;
  std::exception_ptr thrown;
  bool done = false;
  asio::cancellation_signal signal;
  void cancel() { signal.emit(asio::cancellation_type::terminal); }
};

class RealLoop {
 public:
  asio::io_context context;

  [[nodiscard]] asio::any_io_executor executor() { return context.get_executor(); }

  template <typename T>
  std::shared_ptr<Started<T>> start(sdk::Task<T> task) {
    auto started = std::make_shared<Started<T>>();
    start_task(executor(), keep_result(std::move(task), started->value), started->signal.slot(), [started](std::exception_ptr thrown) {
      started->thrown = thrown;
      started->done = true;
    });
    return started;
  }

  std::shared_ptr<Started<bool>> start(sdk::Task<void> task) { return start(done_after(std::move(task))); }

  template <typename T>
  auto run(sdk::Task<T> task) {
    auto started = start(std::move(task));
    until([&] { return started->done; });
    if (started->thrown) std::rethrow_exception(started->thrown);
    return std::move(*started->value);
  }

  // Looks again after everything that happens, and every few milliseconds, for what happens elsewhere.
  void until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      if (context.stopped()) context.restart();
      context.run_one_for(std::chrono::milliseconds(2));
      if (std::chrono::steady_clock::now() >= deadline) throw std::logic_error("nothing happened for 30 seconds");
    }
  }

  // Lets everything happen that is ready now.
  void settle() {
    if (context.stopped()) context.restart();
    for (int i = 0; i < 100 && context.poll() > 0; ++i) {
    }
  }

 private:
  static sdk::Task<bool> done_after(sdk::Task<void> task) {
    co_await std::move(task);
    co_return true;
  }
};

}  // namespace upkeep::test

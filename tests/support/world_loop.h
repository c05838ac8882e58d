// SPDX-License-Identifier: Apache-2.0
#pragma once
// Coroutines on a World without an engine: time passes only when nothing else can happen. Several pods may share the World.

#include <asio/io_context.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "sdk/plugin.h"
#include "support/fake_world.h"
#include "support/kube_http.h"
#include "support/start_task.h"

namespace upkeep::test {

class WorldLoop {
 public:
  // The view of a plugin in that pod; outlived by nothing that uses it.
  std::unique_ptr<sdk::Host> pod(const std::string& name, const std::string& agent) {
    make_pod(world.files, world.environment, name);
    return fake_host(world, clock_, agent, nullptr);
  }
  // To its end, or until that much time has passed: nullopt.
  template <typename T>
  std::optional<T> run(sdk::Task<T> task, sdk::Millis longest = std::chrono::hours(1)) {
    std::optional<T> result;
    asio::cancellation_signal stop;
    bool over = false;
    start_task(io_.get_executor(), keep_result(std::move(task), result), stop.slot(), [&](std::exception_ptr) { over = true; });
    pass(longest, [&] { return over; });
    if (!over) stop.emit(asio::cancellation_type::terminal);
    pass(longest, [&] { return over; });
    if (!over) throw std::logic_error("the coroutine cannot be cancelled");
    return result;
  }
  // Beside what is run next.
  void start(sdk::Task<void> task, asio::cancellation_slot cancelled, std::function<void()> ended = nullptr) {
    start_task(io_.get_executor(), std::move(task), cancelled, [ended = std::move(ended)](std::exception_ptr) {
      if (ended) ended();
    });
  }
  void pass(
      sdk::Millis time, const std::function<bool()>& until = [] { return false; }) {
    const auto end = world.boot + time;
    while (true) {
      io_.restart();
      while (io_.poll() > 0) {
      }
      if (until()) return;
      const auto next = clock_.next();
      if (!next || *next > end) break;
      clock_.advance_to(*next);
    }
    clock_.advance_to(end);
  }

  World world;

 private:
  FakeClock clock_{world};
  asio::io_context io_{1};
};

}  // namespace upkeep::test

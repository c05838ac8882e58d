// SPDX-License-Identifier: Apache-2.0
#pragma once
// The machine's clocks. Two timers of the kernel serve all sleepers: one on boot time, which counts suspend, and one on wall
// time, which also says when somebody sets the clock; then every sleeper wakes.

#include <asio/any_io_executor.hpp>
#include <memory>

#include "sdk/host.h"

namespace upkeep::io {

class RealClock : public sdk::Clock {
 public:
  explicit RealClock(const asio::any_io_executor& executor);
  ~RealClock() override;

  [[nodiscard]] sdk::TimePoint now() const override;
  [[nodiscard]] sdk::BootTime boot_now() const override;
  [[nodiscard]] std::string boot_id() const override;
  [[nodiscard]] bool synchronized() const override;
  sdk::Task<void> sleep_for(sdk::Millis duration) override;
  sdk::Task<void> sleep_until(sdk::TimePoint when) override;

 private:
  struct Sleeper;
  class Timers;
  static sdk::Task<void> sleep(std::shared_ptr<Timers> timers, Sleeper sleeper);
  std::shared_ptr<Timers> timers_;  // also held by whoever sleeps
};

}  // namespace upkeep::io

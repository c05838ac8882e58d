// SPDX-License-Identifier: Apache-2.0
#pragma once
// The system bus by sd-bus. It connects when it is first used, and again after a loss; subscriptions end with a loss.

#include <asio/any_io_executor.hpp>
#include <memory>

#include "sdk/bus.h"

namespace upkeep::io {

class BusConnection;

class SdBus : public sdk::Bus {
 public:
  explicit SdBus(const asio::any_io_executor& executor);
  ~SdBus() override;
  sdk::Task<sdk::Result<sdk::BusMessage>> call(sdk::BusCall call) override;
  // Signals are taken from the owner of the sender's name only: anybody may send us a signal that looks like another's.
  sdk::Task<sdk::Result<std::unique_ptr<sdk::BusSignals>>> subscribe(sdk::BusMatch match) override;

 private:
  std::shared_ptr<BusConnection> connection_;  // also held by whoever waits
};

}  // namespace upkeep::io

// SPDX-License-Identifier: Apache-2.0
#include "io/bus.h"

#include "io/bus_call.h"
#include "io/bus_connection.h"
#include "io/bus_signals.h"

namespace upkeep::io {

using sdk::Result;
using sdk::Task;

SdBus::SdBus(const asio::any_io_executor& executor) : connection_(std::make_shared<BusConnection>(executor)) {}
SdBus::~SdBus() = default;

Task<Result<sdk::BusMessage>> SdBus::call(sdk::BusCall call) { return call_method(connection_, std::move(call)); }

Task<Result<std::unique_ptr<sdk::BusSignals>>> SdBus::subscribe(sdk::BusMatch match) {
  return subscribe_signals(connection_, std::move(match));
}

}  // namespace upkeep::io

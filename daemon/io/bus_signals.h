// SPDX-License-Identifier: Apache-2.0
#pragma once
// One subscription: the match at the bus, and the queue of what arrived.

#include <memory>

#include "io/bus_connection.h"
#include "sdk/bus.h"

namespace upkeep::io {

[[nodiscard]] sdk::Task<sdk::Result<std::unique_ptr<sdk::BusSignals>>> subscribe_signals(std::shared_ptr<BusConnection> connection,
                                                                                         sdk::BusMatch match);

}  // namespace upkeep::io

// SPDX-License-Identifier: Apache-2.0
#pragma once
// One method call, from sending it to its answer.

#include <memory>

#include "io/bus_connection.h"
#include "sdk/bus.h"

namespace upkeep::io {

[[nodiscard]] sdk::Task<sdk::Result<sdk::BusMessage>> call_method(std::shared_ptr<BusConnection> connection, sdk::BusCall call);

}  // namespace upkeep::io

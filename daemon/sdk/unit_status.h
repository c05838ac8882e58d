// SPDX-License-Identifier: Apache-2.0
#pragma once
// What systemd says of a unit, asked over the bus.

#include <string>

#include "sdk/host.h"

namespace upkeep::sdk {

struct UnitStatus {
  std::string path;            // D-Bus object path
  std::string load;            // loaded, not-found, …
  std::string active;          // active, inactive, failed, activating, …
  std::string sub;             // running, auto-restart, …
  std::string invocation;      // hexadecimal; another one after each start; empty: never started
  std::uint64_t restarts = 0;  // automatic ones since the last start on request
  std::string type;            // of a service: notify, simple, …
  std::string said;            // its STATUS= of late
};

// Errors: the bus or systemd cannot be asked now, or the unit's name is refused.
Task<Result<UnitStatus>> unit_status(Host& host, std::string unit);

// Signals of changed properties of any unit; systemd sends them once somebody has subscribed.
Task<Result<std::unique_ptr<BusSignals>>> unit_signals(Host& host, std::string unit_path);

}  // namespace upkeep::sdk

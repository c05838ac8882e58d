// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the daemon tells the service manager. Without one (no NOTIFY_SOCKET) all of it does nothing.

#include <optional>
#include <string_view>

#include "sdk/time.h"

namespace upkeep::io {

void notify_ready();
void notify_status(std::string_view text);  // one line
void notify_watchdog();
void notify_reloading();  // to be followed by notify_ready
void notify_stopping();

// How often notify_watchdog is due: half of what the service manager tolerates. nullopt: it does not watch us.
[[nodiscard]] std::optional<sdk::Millis> watchdog_interval();

}  // namespace upkeep::io

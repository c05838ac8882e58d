// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the daemon tells the service manager. Without one (no NOTIFY_SOCKET) all of it does nothing.

#include <optional>
#include <string_view>

#include "sdk/time.h"

namespace upkeep::io {

void notify_ready();
void notify_status(std::string_view text);  // one line
void notify_reloading();                    // to be followed by notify_ready
void notify_stopping();

// Says "still alive" twice in the time that the service manager tolerates, however often its keeper wakes for other reasons.
class Watchdog {
 public:
  explicit Watchdog(sdk::BootTime now);
  // Says it when it is due, and returns in how long it is due again. nullopt: nobody watches us.
  std::optional<sdk::Millis> keep(sdk::BootTime now);

 private:
  std::optional<sdk::Millis> interval_;
  sdk::BootTime said_;
};

}  // namespace upkeep::io

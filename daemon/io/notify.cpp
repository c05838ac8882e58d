// SPDX-License-Identifier: Apache-2.0
#include "io/notify.h"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace upkeep::io {

void notify_ready() { sd_notify(0, "READY=1"); }

void notify_status(std::string_view text) {
  std::string line = "STATUS=" + std::string(text);
  std::replace(line.begin(), line.end(), '\n', ' ');  // a line end would begin another assignment
  sd_notify(0, line.c_str());
}

void notify_reloading() {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch());
  sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count())).c_str());
}

void notify_stopping() { sd_notify(0, "STOPPING=1"); }

Watchdog::Watchdog(sdk::BootTime now) : said_(now) {
  std::uint64_t micros = 0;
  if (sd_watchdog_enabled(0, &micros) > 0) interval_ = std::chrono::duration_cast<sdk::Millis>(std::chrono::microseconds(micros / 2));
}

std::optional<sdk::Millis> Watchdog::keep(sdk::BootTime now) {
  if (!interval_) return std::nullopt;
  if (now - said_ >= *interval_) {
    sd_notify(0, "WATCHDOG=1");
    said_ = now;
  }
  return said_ + *interval_ - now;
}

}  // namespace upkeep::io

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Wall time, boot time and durations, and their text forms.

#include <chrono>
#include <string>
#include <string_view>

#include "sdk/result.h"

namespace upkeep::sdk {

using Millis = std::chrono::milliseconds;
// Wall time, UTC.
using TimePoint = std::chrono::sys_time<Millis>;
// Time since the machine booted, suspend included (CLOCK_BOOTTIME); comparable within one boot only.
using BootTime = Millis;

// RFC 3339 in UTC, "2027-01-05T02:00:00Z"; milliseconds are written when not zero.
[[nodiscard]] std::string rfc3339(TimePoint time);
// Reads any RFC 3339 time with an offset or Z, years 1970 to 9999.
[[nodiscard]] Result<TimePoint> parse_rfc3339(std::string_view text);

// "90s", "2m", "1h30m", "7d", "500ms": units ms, s, m, h, d, each at most once and in falling order; "0" is zero. At most 3650 days.
[[nodiscard]] Result<Millis> parse_duration(std::string_view text);
// For people and configuration: "1h30m", "45s", "0s"; parse_duration reads it back.
[[nodiscard]] std::string format_duration(Millis duration);

}  // namespace upkeep::sdk

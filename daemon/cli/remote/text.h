// SPDX-License-Identifier: Apache-2.0
#pragma once
// Text for people: values out of the API's documents, times as one speaks of them.

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "cli/terminal.h"

namespace upkeep::cli {

// Tolerant reads: a field that is not there, is null or has another type is empty. Newer daemons may leave things out.
[[nodiscard]] std::string text(const nlohmann::json& object, const char* name);
[[nodiscard]] nlohmann::json member(const nlohmann::json& object, const char* name);

using Clock = std::chrono::system_clock;
// RFC 3339 in UTC, as the API writes it.
[[nodiscard]] std::optional<Clock::time_point> parse_time(const std::string& text);
// The two largest units, but no seconds beside hours or days: "3h 12m", "1m 5s", "0s".
[[nodiscard]] std::string duration_text(std::chrono::seconds duration);
// "in 3h 12m", "2d 4h ago", "now".
[[nodiscard]] std::string relative(Clock::time_point time, Clock::time_point now);
// "2027-01-05T02:00:00Z (in 3h 12m)"; empty when the text is.
[[nodiscard]] std::string with_relative(const std::string& time, Clock::time_point now);
// "90s", "5m", "1h30m", "2d".
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace upkeep::cli

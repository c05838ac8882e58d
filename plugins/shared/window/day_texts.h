// SPDX-License-Identifier: Apache-2.0
#pragma once
// The small texts of a window's configuration: days, dates, times of day. Each reader gives nullopt for what it cannot
// read; what to say about it is the caller's.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace upkeep::shared::window {

// "Mon", "monday", "Tue#2", "tuesday#-1".
struct DayText {
  unsigned weekday = 0;                    // C encoding, Sunday = 0
  int nth = 0;                             // 1…5 or -1…-5; 0: every one
  [[nodiscard]] std::string text() const;  // "Tue#2"
};
[[nodiscard]] std::optional<DayText> parse_day(std::string_view text);

// "2027-01-05", a day that exists, years 1970 to 2200.
[[nodiscard]] std::optional<std::chrono::local_days> parse_date(std::string_view text);

// "02:00"; 24:00 is the end of the day.
[[nodiscard]] std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text);
[[nodiscard]] std::string time_of_day(std::chrono::minutes since_midnight);  // modulo one day

}  // namespace upkeep::shared::window

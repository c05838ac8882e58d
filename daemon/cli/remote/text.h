// SPDX-License-Identifier: Apache-2.0
#pragma once
// Text for people: values out of the API's documents, times as one speaks of them, colours where there is a terminal.

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace upkeep::cli {

// Tolerant reads: a field that is not there, is null or has another type is empty. Newer daemons may leave things out.
[[nodiscard]] std::string text(const nlohmann::json& object, const char* name);
[[nodiscard]] nlohmann::json member(const nlohmann::json& object, const char* name);

// Control characters become spaces: texts come from packages and servers, and must not steer the terminal.
[[nodiscard]] std::string printable(std::string_view text);

using Clock = std::chrono::system_clock;
// RFC 3339 in UTC, as the API writes it.
[[nodiscard]] std::optional<Clock::time_point> parse_time(const std::string& text);
// "in 3h 12m", "2d 4h ago", "now".
[[nodiscard]] std::string relative(Clock::time_point time, Clock::time_point now);
// "2027-01-05T02:00:00Z (in 3h 12m)"; empty when the text is.
[[nodiscard]] std::string with_relative(const std::string& time, Clock::time_point now);
// "90s", "5m", "1h30m", "2d".
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

[[nodiscard]] bool is_terminal(int fd);

// Colours of standard output: none unless it is a terminal and NO_COLOR is not set.
class Style {
 public:
  Style();
  [[nodiscard]] std::string bold(const std::string& text) const { return paint("1", text); }
  [[nodiscard]] std::string good(const std::string& text) const { return paint("32", text); }
  [[nodiscard]] std::string bad(const std::string& text) const { return paint("31", text); }
  [[nodiscard]] std::string attention(const std::string& text) const { return paint("33", text); }

 private:
  [[nodiscard]] std::string paint(const char* code, const std::string& text) const;
  bool on_;
};

}  // namespace upkeep::cli

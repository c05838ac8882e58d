// SPDX-License-Identifier: Apache-2.0
#include "cli/remote/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace upkeep::cli {

using nlohmann::json;
using std::chrono::seconds;

std::string text(const json& object, const char* name) {
  if (!object.is_object()) return "";
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

json member(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? json() : *found;
}

std::optional<Clock::time_point> parse_time(const std::string& text) {
  std::tm parts{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr || (*rest != 'Z' && *rest != '.')) return std::nullopt;
  return Clock::from_time_t(timegm(&parts));
}

std::string duration_text(seconds duration) {
  struct Unit {
    long length;
    const char* name;
  };
  constexpr std::array<Unit, 4> kUnits{{{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}}};
  const long left = std::max(duration.count(), 0L);
  for (std::size_t i = 0; i + 1 < kUnits.size(); ++i) {
    if (left < kUnits[i].length) continue;
    const long smaller = left % kUnits[i].length / kUnits[i + 1].length;
    return std::to_string(left / kUnits[i].length) + kUnits[i].name +
           (smaller == 0 ? "" : " " + std::to_string(smaller) + kUnits[i + 1].name);
  }
  return std::to_string(left) + "s";
}

std::string relative(Clock::time_point time, Clock::time_point now) {
  const bool ahead = time > now;
  const auto distance = std::chrono::duration_cast<seconds>(ahead ? time - now : now - time);
  if (distance == seconds(0)) return "now";
  // No seconds beside minutes: nobody waits that exactly.
  const std::string out = duration_text(distance < std::chrono::hours(1) && distance >= std::chrono::minutes(1)
                                            ? std::chrono::floor<std::chrono::minutes>(distance)
                                            : distance);
  return ahead ? "in " + out : out + " ago";
}

std::string with_relative(const std::string& time, Clock::time_point now) {
  const auto parsed = parse_time(time);
  return printable(time) + (parsed ? " (" + relative(*parsed, now) + ")" : "");
}

std::optional<seconds> parse_duration(std::string_view text) {
  long total = 0;
  long smaller_than = 86400 * 1000L;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    long number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data() + text.size() || number < 0 || number > 100'000) return std::nullopt;
    const long unit = *end == 'd' ? 86400 : *end == 'h' ? 3600 : *end == 'm' ? 60 : *end == 's' ? 1 : 0;
    if (unit == 0 || unit >= smaller_than) return std::nullopt;
    smaller_than = unit;
    total += number * unit;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  }
  return seconds(total);
}

}  // namespace upkeep::cli

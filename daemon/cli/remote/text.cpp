// SPDX-License-Identifier: Apache-2.0
#include "cli/remote/text.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
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

std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return out;
}

std::optional<Clock::time_point> parse_time(const std::string& text) {
  std::tm parts{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr || (*rest != 'Z' && *rest != '.')) return std::nullopt;
  return Clock::from_time_t(timegm(&parts));
}

std::string relative(Clock::time_point time, Clock::time_point now) {
  const bool ahead = time > now;
  long left = std::chrono::duration_cast<seconds>(ahead ? time - now : now - time).count();
  if (left == 0) return "now";
  struct Unit {
    long length;
    const char* name;
  };
  constexpr std::array<Unit, 4> kUnits{{{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}}};
  std::string out;
  for (std::size_t i = 0; i < kUnits.size(); ++i) {
    if (left < kUnits[i].length) continue;
    out = std::to_string(left / kUnits[i].length) + kUnits[i].name;
    left %= kUnits[i].length;
    // The next smaller unit too, but no seconds beside minutes: nobody waits that exactly.
    if (i + 2 < kUnits.size() && left >= kUnits[i + 1].length)
      out += " " + std::to_string(left / kUnits[i + 1].length) + kUnits[i + 1].name;
    break;
  }
  return ahead ? "in " + out : out + " ago";
}

std::string with_relative(const std::string& time, Clock::time_point now) {
  const auto parsed = parse_time(time);
  return parsed ? time + " (" + relative(*parsed, now) + ")" : time;
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

bool is_terminal(int fd) {
  const char* kind = std::getenv("TERM");
  return isatty(fd) == 1 && kind != nullptr && std::strcmp(kind, "dumb") != 0;
}

Style::Style() {
  const char* none = std::getenv("NO_COLOR");
  on_ = is_terminal(STDOUT_FILENO) && (none == nullptr || *none == '\0');
}

std::string Style::paint(const char* code, const std::string& text) const {
  return on_ ? std::string("\x1b[") + code + "m" + text + "\x1b[0m" : text;
}

}  // namespace upkeep::cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/windows.h"

#include <unistd.h>

#include <ctime>
#include <iostream>

#include "cli/calendar.h"
#include "cli/terminal.h"

namespace upkeep::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kCalendarWidth = 80;
constexpr auto kDefaultSpan = std::chrono::hours(14 * 24);

// RFC 3339 with any offset; fractions of a second are left out.
std::optional<TimePoint> parse(const std::string& text) {
  std::tm parts{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) return std::nullopt;
  if (*rest == '.')
    while (*++rest >= '0' && *rest <= '9') continue;
  auto out = std::chrono::system_clock::from_time_t(timegm(&parts));
  int hours_ahead = 0, minutes_ahead = 0;
  if ((*rest == '+' || *rest == '-') && std::sscanf(rest + 1, "%2d:%2d", &hours_ahead, &minutes_ahead) == 2) {
    const auto ahead = std::chrono::minutes(hours_ahead * 60 + minutes_ahead);
    return *rest == '+' ? out - ahead : out + ahead;
  }
  return *rest == 'Z' || *rest == 'z' ? std::optional(out) : std::nullopt;
}

std::string text_of(const json& object, const char* name) {
  return object.contains(name) && object[name].is_string() ? object[name].get<std::string>() : "";
}

std::string list(const json& windows) {
  std::string out;
  for (const auto& window : windows) {
    const std::string end = text_of(window, "end");
    std::string names;
    for (const auto& name : window.value("schedules", json::array()))
      if (name.is_string()) names += (names.empty() ? "" : ", ") + name.get<std::string>();
    out += printable(text_of(window, "start") + "  to  " + (end.empty() ? "no known end" : end) + "  (" + names + ")") + "\n";
  }
  return out.empty() ? "no schedule is open in that time\n" : out;
}

std::optional<std::string> calendar(const json& document, const json& windows, const ScheduleOptions& options) {
  Calendar out;
  out.now = std::chrono::system_clock::now();
  out.from = options.from.empty() ? out.now : parse(options.from).value_or(out.now);
  out.until = options.until.empty() ? out.from + kDefaultSpan : parse(options.until).value_or(out.from + kDefaultSpan);
  out.zone = text_of(document, "time_zone");
  for (const auto& window : windows) {
    const auto start = parse(text_of(window, "start"));
    if (!start) return std::nullopt;
    out.windows.push_back({*start, parse(text_of(window, "end"))});
  }
  return calendar_text(out, Style());
}

}  // namespace

void show_windows(const json& document, const ScheduleOptions& options, const Context& context) {
  if (context.json) return context.print_json(document);
  json windows = json::array();
  if (document.contains("windows") && document["windows"].is_array())
    for (const auto& window : document["windows"])
      if (window.is_object()) windows.push_back(window);
  const bool has_room = is_terminal(STDOUT_FILENO) && columns(STDOUT_FILENO) >= kCalendarWidth;
  const auto drawn = has_room ? calendar(document, windows, options) : std::nullopt;
  std::cout << (drawn ? *drawn : list(windows));
}

}  // namespace upkeep::cli

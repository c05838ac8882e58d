// SPDX-License-Identifier: Apache-2.0
#include "cli/calendar.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>

namespace upkeep::cli {
namespace {

using std::chrono::minutes;
using Clock = std::chrono::system_clock;

constexpr std::size_t kMostDays = 40;
constexpr std::size_t kCells = 48;
constexpr int kMinutesOfCell = 30;
// Two cells an hour, so that the numbers stand above their hours.
constexpr const char* kHours = "0     3     6     9     12    15    18    21    ";

enum class Cell { outside, closed, open };  // outside: before the first moment, behind the last, or skipped by the clocks

struct Day {
  std::tm date{};
  TimePoint first, end;  // of what is shown of it
  std::array<Cell, kCells> cells{};
  bool clocks_change = false;
};

bool is_zone(const std::string& name) {
  const bool plain = !name.empty() && name.front() != '/' && name.find("..") == std::string::npos &&
                     std::all_of(name.begin(), name.end(), [](unsigned char c) {
                       return std::isalnum(c) != 0 || std::string_view("_+-/").find(static_cast<char>(c)) != std::string_view::npos;
                     });
  struct stat file {};
  return plain && stat(("/usr/share/zoneinfo/" + name).c_str(), &file) == 0 && S_ISREG(file.st_mode);
}

// The C library knows all zones; this program has one thread and shows one schedule.
std::string set_zone(const std::string& wanted) {
  const std::string zone = is_zone(wanted) ? wanted : "UTC";
  setenv("TZ", (":" + zone).c_str(), 1);
  tzset();
  return zone;
}

std::tm local(TimePoint at) {
  const std::time_t seconds = Clock::to_time_t(at);
  std::tm out{};
  localtime_r(&seconds, &out);
  return out;
}

std::string formatted(const std::tm& at, const char* format) {
  char text[64];
  return {text, std::strftime(text, sizeof text, format, &at)};
}

bool same_day(const std::tm& a, const std::tm& b) { return a.tm_year == b.tm_year && a.tm_yday == b.tm_yday; }

bool overlaps(const OpenWindow& window, TimePoint from, TimePoint until) {
  return window.start < until && (!window.end || *window.end > from);
}

// Minute by minute, so that whatever the clocks do on a day is right by itself.
std::vector<Day> days_of(const Calendar& calendar) {
  std::vector<Day> days;
  auto window = calendar.windows.begin();
  for (auto at = std::chrono::floor<minutes>(calendar.from); at < calendar.until; at += minutes(1)) {
    const std::tm here = local(at);
    if (days.empty() || !same_day(days.back().date, here)) {
      if (days.size() == kMostDays) return {};
      days.push_back({here, at, at, {}, false});
    }
    Day& day = days.back();
    day.clocks_change = day.clocks_change || here.tm_gmtoff != day.date.tm_gmtoff;
    day.end = at + minutes(1);
    while (window != calendar.windows.end() && window->end && *window->end <= at) ++window;
    const bool open = window != calendar.windows.end() && overlaps(*window, at, day.end);
    Cell& cell = day.cells[static_cast<std::size_t>((here.tm_hour * 60 + here.tm_min) / kMinutesOfCell)];
    cell = open ? Cell::open : std::max(cell, Cell::closed);
  }
  return days;
}

// "02:00-03:00", "from 22:00", "until 03:00", "all day"; with how many more there are.
std::string in_words(const Day& day, const Calendar& calendar) {
  const bool first_day = day.first <= calendar.from;
  std::string out;
  std::size_t more = 0;
  for (const OpenWindow& window : calendar.windows) {
    if (!overlaps(window, day.first, day.end)) continue;
    if (!out.empty()) {
      ++more;
      continue;
    }
    const bool before = window.start < day.first && !first_day;
    const bool after = !window.end || *window.end >= day.end;
    const std::string start = formatted(local(window.start), "%H:%M");
    if (after && (before || start == "00:00")) {
      out = "all day";
    } else if (after && window.end && *window.end == day.end) {
      out = start + "-24:00";
    } else if (after) {
      out = "from " + start;
    } else {
      const std::string end = formatted(local(*window.end), "%H:%M");
      out = before ? "until " + end : start + "-" + end;
    }
  }
  return out.empty() || more == 0 ? out : out + " +" + std::to_string(more);
}

std::string strip(const Day& day, const Style& style) {
  std::string out;
  for (std::size_t i = 0; i < kCells;) {
    std::size_t end = i;
    while (end < kCells && day.cells[end] == day.cells[i]) ++end;
    const std::size_t count = end - i;
    out += day.cells[i] == Cell::open     ? style.good(std::string(count, '#'))
           : day.cells[i] == Cell::closed ? style.faint(std::string(count, '.'))
                                          : std::string(count, ' ');
    i = end;
  }
  return out;
}

std::string span(std::chrono::system_clock::duration length) {
  const auto all = std::chrono::ceil<minutes>(length).count();
  std::string out;
  for (const auto& [size, name] : {std::pair(24 * 60L, "d"), std::pair(60L, "h"), std::pair(1L, "m")})
    if (const long count = name[0] == 'd' ? all / size : name[0] == 'h' ? all % (24 * 60) / size : all % 60; count > 0)
      out += (out.empty() ? "" : " ") + std::to_string(count) + name;
  return out.empty() ? "0m" : out;
}

std::string next_opening(const Calendar& calendar) {
  const auto moment = [](TimePoint at) { return formatted(local(at), "%a %d %b, %H:%M"); };
  for (const OpenWindow& window : calendar.windows) {
    if (window.end && *window.end <= calendar.now) continue;
    if (window.start <= calendar.now)
      return "Open now, " + (window.end ? "until " + moment(*window.end) + " (for another " + span(*window.end - calendar.now) + ")."
                                        : "and no end of it is known.");
    return "Opens next on " + moment(window.start) + " (in " + span(window.start - calendar.now) + "), " +
           (window.end ? "for " + span(*window.end - window.start) + "." : "and no end of it is known.");
  }
  return calendar.windows.empty() ? "Not open at any time in these days." : "Not open again in these days.";
}

}  // namespace

std::optional<std::string> calendar_text(const Calendar& calendar, const Style& style) {
  const std::string zone = set_zone(calendar.zone);
  const auto days = days_of(calendar);
  if (days.empty()) return std::nullopt;
  const std::tm today = local(calendar.now);
  std::string out = "Upgrades may start where # stands. Times are " + zone + ".\n" + formatted(days.front().date, "%Y-%m-%d") + " to " +
                    formatted(days.back().date, "%Y-%m-%d") + ":\n\n" + std::string(14, ' ') + style.faint(kHours) + "\n";
  for (const Day& day : days) {
    const bool is_today = same_day(day.date, today);
    const std::string date = formatted(day.date, "%a %d %b");
    std::string row = (is_today ? "> " + style.bold(date) : "  " + date) + " |" + strip(day, style) + "|";
    if (const std::string words = in_words(day, calendar); !words.empty()) row += " " + words;
    out += row + "\n";
  }
  out += "\n" + next_opening(calendar) + "\n";
  for (const Day& day : days)
    if (day.clocks_change) out += "On " + formatted(day.date, "%a %d %b") + " the clocks change.\n";
  return out;
}

}  // namespace upkeep::cli

// SPDX-License-Identifier: Apache-2.0
#include "shared/window/window_config.h"

#include <algorithm>

#include "sdk/text.h"
#include "shared/window/day_texts.h"

namespace upkeep::shared::window {

using namespace std::chrono;
using sdk::Config;
using sdk::quoted;

namespace {

// Collects issues below one table.
class Issues {
 public:
  Issues(std::vector<sdk::ConfigIssue>& out, std::string prefix) : out_(out), prefix_(std::move(prefix)) {}
  void add(const Config& at, std::string_view path, std::string message) {
    out_.push_back({at.place(), prefix_ + std::string(path), std::move(message)});
  }

 private:
  std::vector<sdk::ConfigIssue>& out_;
  std::string prefix_;
};

// Calls `each` with the text, node and path of every element of a list of texts; says so when there are none or too many.
template <typename Each>
void for_each_text(const Config& table, std::string_view key, Issues& issues, Each each) {
  const Config* list = table.find(key);
  const auto* items = list ? std::get_if<Config::Array>(&list->value()) : nullptr;
  if (!items) return;
  if (items->empty()) issues.add(*list, key, "is empty; leave it out");
  if (items->size() > kMostDays) return issues.add(*list, key, "has more than " + std::to_string(kMostDays) + " entries");
  for (std::size_t i = 0; i < items->size(); ++i) {
    if (const auto* text = std::get_if<std::string>(&(*items)[i].value()))
      each(*text, (*items)[i], std::string(key) + "[" + std::to_string(i) + "]");
  }
}

// The days of a window, as text: what it was given, in short.
std::string read_days(const Config& table, Window& window, Issues& issues) {
  std::string text;
  const auto append = [&](const std::string& day) { text += (text.empty() ? "" : ",") + day; };
  for_each_text(table, "days", issues, [&](const std::string& entry, const Config& at, const std::string& path) {
    const auto day = parse_day(entry);
    if (!day) {
      return issues.add(at, path, quoted(entry) + " is no day; write Mon, Tuesday, Tue#2 (the second of the month) or Tue#-1 (the last)");
    }
    append(day->text());
    if (day->nth == 0)
      window.weekdays[day->weekday] = true;
    else
      window.nth.emplace_back(day->weekday, day->nth);
  });
  for_each_text(table, "dates", issues, [&](const std::string& entry, const Config& at, const std::string& path) {
    const auto date = parse_date(entry);
    if (!date) return issues.add(at, path, quoted(entry) + " is no date; write 2027-01-05");
    window.dates.push_back(*date);
    if (window.dates.size() <= 3) append(entry);
  });
  if (window.dates.size() > 3) text += " and " + std::to_string(window.dates.size() - 3) + " more";
  std::sort(window.dates.begin(), window.dates.end());
  if (!table.has("days") && !table.has("dates")) {
    window.weekdays.fill(true);
    text = "daily";
  }
  return text;
}

void read_length(const Config& table, Window& window, Issues& issues) {
  const Config* length = table.find("length");
  const Config* end = table.find("end");
  if (!length && !end) return issues.add(table, "length", "is missing; give length or end");
  if (length && end) return issues.add(*end, "end", "stands beside length; give one of them");
  if (length) {
    const sdk::Millis wanted = table.duration("length");
    window.length = floor<seconds>(wanted);
    if (window.length < minutes(1) || wanted > days(7)) issues.add(*length, "length", "must be from 1m to 7d");
    return;
  }
  const auto time = parse_time_of_day(table.text("end"));
  if (!time) return issues.add(*end, "end", quoted(table.text("end")) + " is no time of day; write 03:00");
  window.end = *time > window.start ? *time : *time + hours(24);
}

Window read_window(const Config& table, Issues& issues) {
  Window window;
  const std::string days = read_days(table, window, issues);
  if (const Config* start = table.find("start")) {
    const auto time = parse_time_of_day(table.text("start"));
    if (!time || *time == hours(24))
      issues.add(*start, "start", quoted(table.text("start")) + " is no time of day; write 02:00");
    else
      window.start = *time;
  } else {
    issues.add(table, "start", "is missing; for a schedule that is open at any time write always = true");
  }
  read_length(table, window, issues);
  window.text = days + " " + time_of_day(window.start);
  if (window.length == seconds(0))
    window.text += "-" + time_of_day(window.end);
  else if (window.length < hours(24) && window.length % minutes(1) == seconds(0))
    window.text += "-" + time_of_day(window.start + floor<minutes>(window.length));
  else
    window.text += " for " + sdk::format_duration(window.length);
  return window;
}

void read_blackouts(const Config& config, Calendar& calendar, Issues& issues) {
  for_each_text(config, "blackout", issues, [&](const std::string& entry, const Config& at, const std::string& path) {
    const auto slash = entry.find('/');
    const auto first = parse_date(entry.substr(0, slash));
    const auto last = slash == std::string::npos ? first : parse_date(entry.substr(slash + 1));
    if (!first || !last) return issues.add(at, path, quoted(entry) + " is no date and no range; write 2027-12-24 or 2027-12-20/2028-01-02");
    if (*last < *first) return issues.add(at, path, quoted(entry) + " ends before it begins");
    calendar.blackouts.push_back({*first, *last, entry});
  });
}

// The windows of the schedule: the one in the table itself, or those of [[schedule.windows]].
void read_windows(const Config& config, Calendar& calendar, std::vector<sdk::ConfigIssue>& out) {
  Issues issues(out, "");
  const Config* own = nullptr;  // a key of the table's own window
  std::string own_key;
  for (const char* key : {"days", "dates", "start", "length", "end"}) {
    if (!own && (own = config.find(key))) own_key = key;
  }
  const Config* list = config.find("windows");
  const bool always = config.flag("always"), never = config.flag("never");
  if (always && never) return issues.add(*config.find("never"), "never", "contradicts always");
  if (always || never) {
    calendar.mode = always ? Calendar::Mode::always : Calendar::Mode::never;
    const std::string word = always ? "always" : "never";
    if (own) issues.add(*own, own_key, "has no meaning beside " + word + " = true");
    if (list) issues.add(*list, "windows", "has no meaning beside " + word + " = true");
    calendar.text = word;
    return;
  }
  if (own && list) return issues.add(*own, own_key, "stands beside [[schedule.windows]]; put it into one of those windows");
  if (!list) {
    calendar.windows.push_back(read_window(config, issues));
    calendar.text = "window " + calendar.windows.front().text;
    return;
  }
  const auto tables = config.tables("windows");
  if (tables.empty()) issues.add(*list, "windows", "is empty; for a schedule that never opens write never = true");
  if (tables.size() > kMostWindows) return issues.add(*list, "windows", "has more than " + std::to_string(kMostWindows) + " windows");
  for (std::size_t i = 0; i < tables.size(); ++i) {
    Issues below(out, "windows[" + std::to_string(i) + "].");
    calendar.windows.push_back(read_window(*tables[i], below));
    if (i < 3) calendar.text += (i == 0 ? "windows " : "; ") + calendar.windows.back().text;
  }
  if (tables.size() > 3) calendar.text += "; and " + std::to_string(tables.size() - 3) + " more,";
}

}  // namespace

bool Window::starts_on(local_days day) const {
  const weekday today(day);
  if (weekdays[today.c_encoding()]) return true;
  if (std::binary_search(dates.begin(), dates.end(), day)) return true;
  if (nth.empty()) return false;
  const year_month_day date(day);
  const unsigned d = static_cast<unsigned>(date.day());
  const unsigned last_day = static_cast<unsigned>(year_month_day_last(date.year() / date.month() / last).day());
  const int from_start = static_cast<int>((d - 1) / 7) + 1, from_end = -static_cast<int>((last_day - d) / 7) - 1;
  return std::any_of(nth.begin(), nth.end(), [&](const auto& entry) {
    return entry.first == today.c_encoding() && (entry.second == from_start || entry.second == from_end);
  });
}

Calendar read_calendar(const Config& config, std::vector<sdk::ConfigIssue>& issues) {
  Calendar calendar;
  calendar.time_zone = config.text("time_zone", "UTC");
  read_windows(config, calendar, issues);
  Issues own(issues, "");
  read_blackouts(config, calendar, own);
  calendar.text += " " + calendar.time_zone;
  return calendar;
}

}  // namespace upkeep::shared::window

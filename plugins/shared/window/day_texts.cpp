// SPDX-License-Identifier: Apache-2.0
#include "shared/window/day_texts.h"

#include <array>
#include <cstdio>

#include "sdk/text.h"

namespace upkeep::shared::window {

using namespace std::chrono;

namespace {

constexpr std::array<std::string_view, 7> kDays = {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};

int digits(std::string_view text) {
  const auto number = sdk::parse_number(text);
  return number && *number <= 9999 ? static_cast<int>(*number) : -1;
}

}  // namespace

std::optional<DayText> parse_day(std::string_view text) {
  DayText day;
  if (const auto hash = text.find('#'); hash != std::string_view::npos) {
    std::string_view nth = text.substr(hash + 1);
    const bool from_the_end = nth.starts_with('-');
    if (from_the_end) nth.remove_prefix(1);
    day.nth = nth.size() == 1 ? digits(nth) : -1;
    if (day.nth < 1 || day.nth > 5) return std::nullopt;
    if (from_the_end) day.nth = -day.nth;
    text = text.substr(0, hash);
  }
  const std::string lower = sdk::lower(text.substr(0, 16));
  for (unsigned i = 0; i < kDays.size(); ++i) {
    if (lower == kDays[i] || lower == kDays[i].substr(0, 3)) {
      day.weekday = i;
      return day;
    }
  }
  return std::nullopt;
}

std::string DayText::text() const {
  std::string out(kDays[weekday].substr(0, 3));
  out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return nth == 0 ? out : out + "#" + std::to_string(nth);
}

std::optional<local_days> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int y = digits(text.substr(0, 4)), m = digits(text.substr(5, 2)), d = digits(text.substr(8, 2));
  if (y < 1970 || y > 2200 || m < 0 || d < 0) return std::nullopt;
  const year_month_day date = year(y) / m / d;
  if (!date.ok()) return std::nullopt;
  return local_days(date);
}

std::optional<minutes> parse_time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const int h = digits(text.substr(0, 2)), m = digits(text.substr(3, 2));
  if (h < 0 || m < 0 || m > 59 || h * 60 + m > 24 * 60) return std::nullopt;
  return hours(h) + minutes(m);
}

std::string time_of_day(minutes since_midnight) {
  const int m = static_cast<int>(since_midnight.count() % (24 * 60));
  std::array<char, 16> out{};
  std::snprintf(out.data(), out.size(), "%02d:%02d", m / 60, m % 60);
  return out.data();
}

}  // namespace upkeep::shared::window

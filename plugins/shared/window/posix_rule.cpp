// SPDX-License-Identifier: Apache-2.0
// The footer of a zone file: a POSIX TZ string with the extensions of RFC 8536 (hours from -167 to 167 in a rule's time).

#include <algorithm>
#include <array>
#include <optional>

#include "shared/window/zone.h"

namespace upkeep::shared::window {

using namespace std::chrono;

namespace {

// A day of the year and a time on it, in local time: "M3.5.0/3", "J60", "59/-2".
struct YearlyRule {
  enum class Kind { month_week_day, julian_without_leap_day, zero_based } kind = Kind::month_week_day;
  unsigned month = 1, week = 1, day = 0;  // of month_week_day; else `day` is the day of the year
  seconds time = hours(2);

  [[nodiscard]] local_seconds in(year y) const {
    const local_days new_year(y / January / 1);
    switch (kind) {
      case Kind::month_week_day: {
        const weekday wanted(day);
        const auto m = y / std::chrono::month(month);
        const local_days found = week == 5 ? local_days(m / wanted[last]) : local_days(m / wanted[week]);
        return found + time;
      }
      case Kind::julian_without_leap_day:
        return new_year + days(day - 1 + (y.is_leap() && day >= 60 ? 1 : 0)) + time;
      case Kind::zero_based:
        break;
    }
    return new_year + days(day) + time;
  }
};

// Reads from the front; after a mistake `ok` is false and everything reads as zero.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool done() const { return text_.empty(); }

  bool eat(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void need(char c) { ok_ = eat(c) && ok_; }

  unsigned number(unsigned low, unsigned high) {
    unsigned value = 0, digits = 0;
    for (; !text_.empty() && text_.front() >= '0' && text_.front() <= '9' && digits < 4; ++digits) {
      value = value * 10 + static_cast<unsigned>(text_.front() - '0');
      text_.remove_prefix(1);
    }
    if (digits == 0 || value < low || value > high) ok_ = false;
    return ok_ ? value : low;
  }

  // [+-]hh[:mm[:ss]]
  seconds time(unsigned most_hours) {
    const bool negative = eat('-');
    if (!negative) eat('+');
    seconds value = hours(number(0, most_hours));
    if (eat(':')) value += minutes(number(0, 59));
    if (eat(':')) value += seconds(number(0, 59));
    return negative ? -value : value;
  }

  // "CET" or "<+0330>"; what it says does not matter here.
  void name() {
    const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    std::size_t length = 0;
    if (eat('<')) {
      length = std::min(text_.find('>'), text_.size());
      text_.remove_prefix(length);
      need('>');
    } else {
      while (length < text_.size() && letter(text_[length])) ++length;
      text_.remove_prefix(length);
    }
    if (length < 3) ok_ = false;
  }

  YearlyRule rule() {
    YearlyRule rule;
    if (eat('M')) {
      rule.month = number(1, 12);
      need('.');
      rule.week = number(1, 5);
      need('.');
      rule.day = number(0, 6);
    } else if (eat('J')) {
      rule.kind = YearlyRule::Kind::julian_without_leap_day;
      rule.day = number(1, 365);
    } else {
      rule.kind = YearlyRule::Kind::zero_based;
      rule.day = number(0, 365);
    }
    if (eat('/')) rule.time = time(167);
    return rule;
  }

 private:
  std::string_view text_;
  bool ok_ = true;
};

void add(std::vector<OffsetChange>& changes, sys_seconds at, seconds offset) {
  if (at == changes.back().at) {
    changes.back().offset = offset;  // summer time all year ends and begins at one instant
  } else if (at > changes.back().at && offset != changes.back().offset) {
    changes.push_back({at, offset});
  }
}

}  // namespace

sdk::Result<void> extend_by_posix_rule(std::string_view rule, std::vector<OffsetChange>& changes) {
  const auto bad = [&] {
    return sdk::fail(sdk::Errc::invalid, "time zone file has a footer that is no rule: " + std::string(rule.substr(0, 60)));
  };
  Reader reader(rule);
  reader.name();
  const seconds standard = -reader.time(24);
  if (reader.done()) return reader.ok() ? sdk::Result<void>() : bad();

  reader.name();
  const bool has_offset = !reader.eat(',');
  const seconds summer = has_offset ? -reader.time(24) : standard + hours(1);
  if (has_offset) reader.need(',');
  const YearlyRule begin = reader.rule();
  reader.need(',');
  const YearlyRule end = reader.rule();
  if (!reader.ok() || !reader.done()) return bad();

  const sys_seconds last_known = changes.back().at;
  const int first_year = last_known == sys_seconds::min() ? 1970 : static_cast<int>(year_month_day(floor<days>(last_known)).year());
  for (int y = first_year; y <= kLastYear; ++y) {
    // Each rule's time is in the local time that it ends.
    const sys_seconds to_summer((begin.in(year(y)) - standard).time_since_epoch());
    const sys_seconds to_standard((end.in(year(y)) - summer).time_since_epoch());
    if (to_summer < to_standard) {
      add(changes, to_summer, summer);
      add(changes, to_standard, standard);
    } else {
      add(changes, to_standard, standard);
      add(changes, to_summer, summer);
    }
  }
  return {};
}

}  // namespace upkeep::shared::window

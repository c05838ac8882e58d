// SPDX-License-Identifier: Apache-2.0
#include "sdk/time.h"

#include <optional>

#include "sdk/text.h"

namespace upkeep::sdk {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Reads a text from the left; after the first thing that does not fit, everything else fails too.
class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  // Exactly that many digits.
  int number(std::size_t digits) {
    int out = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_.empty() || !is_digit(rest_.front())) good_ = false;
      if (!good_) return 0;
      out = out * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return out;
  }
  // One of these characters.
  char one_of(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) good_ = false;
    if (!good_) return '\0';
    char out = rest_.front();
    rest_.remove_prefix(1);
    return out;
  }
  // Optional "." and digits, cut to milliseconds.
  Millis fraction() {
    if (!good_ || rest_.empty() || rest_.front() != '.') return Millis(0);
    rest_.remove_prefix(1);
    if (rest_.empty() || !is_digit(rest_.front())) good_ = false;
    int out = 0;
    int digits = 0;
    for (; !rest_.empty() && is_digit(rest_.front()); rest_.remove_prefix(1), ++digits) {
      if (digits < 3) out = out * 10 + (rest_.front() - '0');
    }
    for (; digits < 3; ++digits) out *= 10;
    return Millis(out);
  }
  // "Z", "+hh:mm" or "-hh:mm".
  minutes offset() {
    char sign = one_of("Zz+-");
    if (sign != '+' && sign != '-') return minutes(0);
    int hour = number(2);
    one_of(":");
    int minute = number(2);
    if (hour > 23 || minute > 59) good_ = false;
    return minutes((hour * 60 + minute) * (sign == '-' ? -1 : 1));
  }
  [[nodiscard]] bool done() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

std::optional<TimePoint> read(std::string_view text) {
  Reader in(text);
  int year = in.number(4);
  in.one_of("-");
  int month = in.number(2);
  in.one_of("-");
  int day = in.number(2);
  in.one_of("Tt ");
  int hour = in.number(2);
  in.one_of(":");
  int minute = in.number(2);
  in.one_of(":");
  int second = in.number(2);
  Millis fraction = in.fraction();
  minutes offset = in.offset();
  std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                   std::chrono::day(static_cast<unsigned>(day)));
  if (!in.done() || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  TimePoint whole = std::chrono::sys_days(date) + hours(hour) + minutes(minute) - offset + seconds(second);
  // A leap second is the last one of a day in UTC; here it is the first of the next.
  if (second == 60 && std::chrono::floor<days>(whole) != whole) return std::nullopt;
  constexpr TimePoint kFirst = std::chrono::sys_days(std::chrono::year(1970) / 1 / 1);
  constexpr TimePoint kEnd = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1);
  if (whole < kFirst || whole >= kEnd) return std::nullopt;
  return whole + fraction;
}

// With leading zeros; not printf, which would be most of what a decision costs.
void append_digits(std::string& out, int number, std::size_t digits) {
  const std::size_t end = out.size() + digits;
  out.resize(end);
  for (std::size_t i = 1; i <= digits; ++i, number /= 10) out[end - i] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::string rfc3339(TimePoint time) {
  auto day = std::chrono::floor<days>(time);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss<Millis> clock(time - day);
  const int year = static_cast<int>(date.year());
  std::string out;
  if (year >= 0 && year <= 9999)
    append_digits(out, year, 4);
  else
    out = std::to_string(year);  // no RFC 3339, but the truth
  append_digits(out += '-', static_cast<int>(static_cast<unsigned>(date.month())), 2);
  append_digits(out += '-', static_cast<int>(static_cast<unsigned>(date.day())), 2);
  append_digits(out += 'T', static_cast<int>(clock.hours().count()), 2);
  append_digits(out += ':', static_cast<int>(clock.minutes().count()), 2);
  append_digits(out += ':', static_cast<int>(clock.seconds().count()), 2);
  if (clock.subseconds().count() != 0) append_digits(out += '.', static_cast<int>(clock.subseconds().count()), 3);
  return out + "Z";
}

Result<TimePoint> parse_rfc3339(std::string_view text) {
  auto time = read(text);
  if (!time) return fail(Errc::invalid, quoted(text) + " is no RFC 3339 time, like 2027-01-05T02:00:00Z or 2027-01-05T03:00:00+01:00");
  return *time;
}

}  // namespace upkeep::sdk

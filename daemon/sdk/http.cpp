// SPDX-License-Identifier: Apache-2.0
#include "sdk/http.h"

#include <algorithm>
#include <array>

#include "sdk/text.h"

namespace upkeep::sdk {
namespace {

using std::chrono::seconds;
constexpr seconds kLongestRetryAfter = std::chrono::hours(1);

}  // namespace

std::optional<TimePoint> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const auto* month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  if (month == kMonths.end()) return std::nullopt;
  auto number = std::to_string(month - kMonths.begin() + 1);
  if (number.size() == 1) number.insert(0, "0");
  auto iso =
      std::string(text.substr(12, 4)) + "-" + number + "-" + std::string(text.substr(5, 2)) + "T" + std::string(text.substr(17, 8)) + "Z";
  auto time = parse_rfc3339(iso);
  return time ? std::optional(*time) : std::nullopt;
}

namespace {

std::optional<seconds> retry_after(std::string_view text, TimePoint now) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_digit)) {
    auto most = static_cast<std::uint64_t>(kLongestRetryAfter.count());
    return seconds(std::min(parse_number(text).value_or(most), most));  // more digits than a number holds: long
  }
  auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  return std::clamp(std::chrono::ceil<seconds>(*date - now), seconds(0), kLongestRetryAfter);
}

Errc reaction(int status) {
  if (status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599)) return Errc::transient;
  if (status == 401 || status == 403) return Errc::denied;
  return Errc::invalid;
}

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

Error http_error(const HttpResponse& response, std::string_view what, TimePoint now) {
  Error error(reaction(response.status), std::string(what) + ": the server answered with status " + std::to_string(response.status));
  if (error.code != Errc::transient) return error;
  error.retry_after = retry_after(trimmed(response.header("retry-after")), now);
  if (error.retry_after) error.message += " and asks to wait " + format_duration(*error.retry_after);
  return error;
}

}  // namespace upkeep::sdk

// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>
#include <optional>

#include "sdk/text.h"
#include "sdk/time.h"

namespace upkeep::sdk {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t millis;
};
// In falling order.
constexpr std::array<Unit, 5> kUnits = {{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::int64_t kLongest = 3650 * kUnits[0].millis;

tl::unexpected<Error> no_duration(std::string_view text, std::string_view why) {
  return fail(Errc::invalid, quoted(text) + " is no duration: " + std::string(why));
}

}  // namespace

Result<Millis> parse_duration(std::string_view text) {
  if (text == "0") return Millis(0);
  if (text.empty()) return no_duration(text, "it is empty");
  std::int64_t sum = 0;
  std::size_t next_unit = 0;
  for (std::string_view rest = text; !rest.empty();) {
    std::size_t digits = 0;
    while (digits < rest.size() && is_digit(rest[digits])) ++digits;
    std::size_t letters = digits;
    while (letters < rest.size() && is_letter(rest[letters])) ++letters;
    std::string_view unit = rest.substr(digits, letters - digits);
    if (digits == 0 || unit.empty()) return no_duration(text, R"(write whole numbers with a unit, like "90s" or "1h30m")");
    std::size_t i = 0;
    while (i < kUnits.size() && kUnits[i].name != unit) ++i;
    if (i == kUnits.size()) return no_duration(text, "units are ms, s, m, h and d");
    if (i < next_unit) return no_duration(text, "each unit stands at most once, the larger first");
    auto number = parse_number(rest.substr(0, digits));
    if (!number || *number > static_cast<std::uint64_t>(kLongest / kUnits[i].millis)) return no_duration(text, "it is longer than 3650d");
    sum += static_cast<std::int64_t>(*number) * kUnits[i].millis;
    if (sum > kLongest) return no_duration(text, "it is longer than 3650d");
    next_unit = i + 1;
    rest.remove_prefix(letters);
  }
  return Millis(sum);
}

std::string format_duration(Millis duration) {
  if (duration.count() == 0) return "0s";
  std::string out = duration.count() < 0 ? "-" : "";
  // Through unsigned, so that the most negative value has an absolute one.
  auto rest = static_cast<std::uint64_t>(duration.count());
  if (duration.count() < 0) rest = 0 - rest;
  for (const Unit& unit : kUnits) {
    auto size = static_cast<std::uint64_t>(unit.millis);
    if (rest >= size) out += std::to_string(rest / size) + std::string(unit.name);
    rest %= size;
  }
  return out;
}

}  // namespace upkeep::sdk

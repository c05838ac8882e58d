// SPDX-License-Identifier: Apache-2.0
#include "sdk/version.h"

#include <algorithm>

#include "sdk/text.h"

namespace upkeep::sdk {
namespace {

constexpr std::size_t kLongest = 128;

bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

// Takes the part before the separator (or all) off the front.
std::string_view take_until(std::string_view& rest, char separator) {
  std::size_t at = std::min(rest.find(separator), rest.size());
  std::string_view part = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return part;
}

// Semver: a number has no leading zero.
std::optional<std::uint64_t> parse_part(std::string_view text) {
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return parse_number(text);
}

bool good_identifier(std::string_view text, bool numbers_without_leading_zero) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || is_letter(c) || c == '-'; })) return false;
  return !(numbers_without_leading_zero && text.size() > 1 && text.front() == '0' && all_digits(text));
}

// Identifiers with dots between them, at least one.
bool good_identifiers(std::string_view text, bool numbers_without_leading_zero) {
  if (text.empty() || text.back() == '.') return false;
  while (!text.empty()) {
    if (!good_identifier(take_until(text, '.'), numbers_without_leading_zero)) return false;
  }
  return true;
}

// Numbers of any length, without leading zeros, compare by length first.
std::strong_ordering compare_identifiers(std::string_view a, std::string_view b) {
  bool a_number = all_digits(a);
  bool b_number = all_digits(b);
  if (a_number != b_number) return a_number ? std::strong_ordering::less : std::strong_ordering::greater;
  if (a_number && a.size() != b.size()) return a.size() <=> b.size();
  return a <=> b;
}

std::strong_ordering compare_prereleases(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return b.size() <=> a.size();  // a version without one is above all that have one
  while (!a.empty() && !b.empty()) {
    if (auto order = compare_identifiers(take_until(a, '.'), take_until(b, '.')); order != 0) return order;
  }
  return a.size() <=> b.size();
}

}  // namespace

Result<Version> Version::parse(std::string_view text) {
  auto refuse = [text] { return fail(Errc::invalid, quoted(text) + " is no semantic version, like 1.2.3 or 2.0.0-rc.1"); };
  if (text.size() > kLongest) return refuse();
  std::string_view rest = text;
  if (rest.starts_with('v')) rest.remove_prefix(1);

  Version out;
  if (std::size_t plus = rest.find('+'); plus != std::string_view::npos) {
    out.build_ = rest.substr(plus + 1);
    if (!good_identifiers(out.build_, false)) return refuse();
    rest = rest.substr(0, plus);
  }
  if (std::size_t dash = rest.find('-'); dash != std::string_view::npos) {
    out.prerelease_ = rest.substr(dash + 1);
    if (!good_identifiers(out.prerelease_, true)) return refuse();
    rest = rest.substr(0, dash);
  }
  if (std::count(rest.begin(), rest.end(), '.') != 2) return refuse();
  auto major = parse_part(take_until(rest, '.'));
  auto minor = parse_part(take_until(rest, '.'));
  auto patch = parse_part(rest);
  if (!major || !minor || !patch) return refuse();
  out.major_ = *major;
  out.minor_ = *minor;
  out.patch_ = *patch;
  return out;
}

std::string Version::str() const {
  std::string out = std::to_string(major_) + "." + std::to_string(minor_) + "." + std::to_string(patch_);
  if (!prerelease_.empty()) out += "-" + prerelease_;
  if (!build_.empty()) out += "+" + build_;
  return out;
}

std::strong_ordering operator<=>(const Version& a, const Version& b) {
  if (auto order = a.major_ <=> b.major_; order != 0) return order;
  if (auto order = a.minor_ <=> b.minor_; order != 0) return order;
  if (auto order = a.patch_ <=> b.patch_; order != 0) return order;
  return compare_prereleases(a.prerelease_, b.prerelease_);
}

}  // namespace upkeep::sdk

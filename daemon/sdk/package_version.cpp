// SPDX-License-Identifier: Apache-2.0
// How the versions of packages relate to release versions.

#include <algorithm>

#include "sdk/text.h"
#include "sdk/version.h"

namespace upkeep::sdk {
namespace {

// "1:2.3.4-1" → "2.3.4-1"
std::string_view without_epoch(std::string_view text) {
  std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return text;
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), is_digit) ? text.substr(colon + 1) : text;
}

// A revision begins with a digit; what begins with a letter is a pre-release.
std::string_view without_revision(std::string_view text) {
  std::size_t dash = text.rfind('-');
  if (dash == std::string_view::npos || dash + 1 == text.size() || !is_digit(text[dash + 1])) return text;
  return text.substr(0, dash);
}

// Letters, digits and these signs, the first no sign, at most 128.
bool is_word(std::string_view text, std::string_view signs) {
  const auto plain = [](char c) { return is_digit(c) || is_letter(c); };
  return !text.empty() && text.size() <= 128 && plain(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return plain(c) || signs.find(c) != std::string_view::npos; });
}

std::string filled(std::string_view version_template, const Version& target) {
  constexpr std::string_view kSlot = "{version}";
  std::string out(version_template);
  std::string version = target.str();
  for (std::size_t at = out.find(kSlot); at != std::string::npos; at = out.find(kSlot, at + version.size())) {
    out.replace(at, kSlot.size(), version);
  }
  return out;
}

}  // namespace

bool is_package_version(std::string_view text) { return is_word(text, ".+-:~_^"); }
bool is_package_name(std::string_view text) { return is_word(text, "+._-"); }

std::optional<Version> release_of(std::string_view package_version) {
  if (!is_package_version(package_version)) return std::nullopt;
  std::string_view upstream = without_revision(without_epoch(package_version));
  std::string text(upstream.substr(0, upstream.find('+')));  // what packagers add ("+dfsg~1") need not be semver's build metadata
  std::size_t tilde = text.find('~');
  if (tilde != std::string::npos && text.find('-') == std::string::npos) text[tilde] = '-';
  auto version = Version::parse(text);
  return version ? std::optional(*version) : std::nullopt;
}

bool accepts(std::string_view version_template, const Version& target, std::string_view package_version) {
  if (!is_package_version(package_version)) return false;
  if (!version_template.empty()) return package_version == filled(version_template, target);
  return package_version == target.str() || release_of(package_version) == target;
}

std::optional<std::string> choose_package_version(std::string_view version_template, const Version& target,
                                                  const std::vector<std::string>& offered) {
  if (!version_template.empty()) {
    std::string version = filled(version_template, target);
    return is_package_version(version) ? std::optional(version) : std::nullopt;
  }
  if (std::find(offered.begin(), offered.end(), target.str()) != offered.end()) return target.str();
  auto newest = std::find_if(offered.begin(), offered.end(), [&](const std::string& version) { return accepts("", target, version); });
  return newest != offered.end() ? std::optional(*newest) : std::nullopt;
}

}  // namespace upkeep::sdk

// SPDX-License-Identifier: Apache-2.0
#include "shared/channel/cursor.h"

#include <algorithm>

namespace upkeep::shared::channel {

namespace {

constexpr std::size_t kMostValidator = 500;
constexpr std::string_view kFormat = "1\n";  // then the two validators, a newline between them

bool fits(std::string_view validator) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return validator.size() <= kMostValidator && std::none_of(validator.begin(), validator.end(), control);
}

}  // namespace

std::string encode(const Cursor& cursor) {
  const std::string version = fits(cursor.version) ? cursor.version : "";
  const std::string critical = fits(cursor.critical) ? cursor.critical : "";
  if (version.empty() && critical.empty()) return "";
  return std::string(kFormat) + version + "\n" + critical;
}

Cursor decode_cursor(std::string_view text) {
  if (!text.starts_with(kFormat)) return {};
  text.remove_prefix(kFormat.size());
  const auto newline = text.find('\n');
  if (newline == std::string_view::npos) return {};
  const std::string_view version = text.substr(0, newline), critical = text.substr(newline + 1);
  if (!fits(version) || !fits(critical)) return {};
  return {std::string(version), std::string(critical)};
}

}  // namespace upkeep::shared::channel

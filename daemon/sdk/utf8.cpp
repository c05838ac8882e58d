// SPDX-License-Identifier: Apache-2.0
#include "sdk/utf8.h"

namespace upkeep::sdk {

Character first_character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length == 0 || length > text.size()) return {};
  char32_t code = length == 1 ? first : first & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return {};
    code = code << 6 | (next & 0x3f);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool impossible = (code >= 0xd800 && code < 0xe000) || code > 0x10ffff;
  if (overlong || impossible) return {};
  return {code, length};
}

std::string valid_utf8(std::string_view text, std::size_t max_bytes) {
  std::string out;
  while (!text.empty()) {
    const Character next = first_character(text);
    if (out.size() + next.length > max_bytes) break;
    out += next.code ? text.substr(0, next.length) : "?";
    text.remove_prefix(next.length);
  }
  return out;
}

}  // namespace upkeep::sdk

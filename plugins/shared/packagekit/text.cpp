// SPDX-License-Identifier: Apache-2.0
#include "shared/packagekit/text.h"

namespace upkeep::shared::packagekit {
namespace {

// Bytes of the UTF-8 character that text begins with; 0 when it begins with none. Does not look for overlong forms.
std::size_t character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xc2 && lead < 0xe0 ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U) return 0;
  }
  return length;
}

bool blank(char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; }

}  // namespace

std::string one_line(std::string_view text, std::size_t most) {
  std::string out;
  bool gap = false;
  while (!text.empty()) {
    const auto length = character(text);
    if (length == 1 && blank(text.front())) {
      gap = !out.empty();
      text.remove_prefix(1);
      continue;
    }
    if (out.size() + (gap ? 1 : 0) + length > most) return out + "…";
    if (gap) out.push_back(' ');
    gap = false;
    out += length == 0 ? "?" : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace upkeep::shared::packagekit

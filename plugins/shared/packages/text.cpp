// SPDX-License-Identifier: Apache-2.0
#include "shared/packages/text.h"

#include <algorithm>

#include "sdk/text.h"
#include "sdk/utf8.h"

namespace upkeep::shared::packages {
namespace {

bool blank(char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; }

}  // namespace

std::string one_line(std::string_view text, std::size_t most) {
  std::string out;
  bool gap = false;
  while (!text.empty()) {
    const auto [code, length] = sdk::first_character(text);
    if (blank(text.front())) {
      gap = !out.empty();
      text.remove_prefix(1);
      continue;
    }
    if (out.size() + (gap ? 1 : 0) + length > most) return out + "…";
    if (gap) out.push_back(' ');
    gap = false;
    out += code ? text.substr(0, length) : "?";
    text.remove_prefix(length);
  }
  return out;
}

std::string words_of(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find_first_of(" \t\n", at), text.size());
    const auto word = text.substr(at, end - at);
    if (word.find("://") == std::string_view::npos) out += sdk::lower(word);
    out.push_back(' ');
    at = end + 1;
  }
  return out;
}

}  // namespace upkeep::shared::packages

// SPDX-License-Identifier: Apache-2.0
#include "source/https/credential_echo.h"

#include <algorithm>

namespace upkeep::plugins::https {

bool repeats(std::string_view text, const std::vector<sdk::HttpHeader>& headers, std::string_view known) {
  constexpr std::size_t kLeast = 8;
  const auto stands_in = [](std::string_view word, std::string_view where) { return where.find(word) != std::string_view::npos; };
  for (const auto& [name, value] : headers) {
    for (std::string_view rest = value; !rest.empty();) {
      const std::string_view word = rest.substr(0, rest.find(' '));
      if (word.size() >= kLeast && stands_in(word, text) && !stands_in(word, known)) return true;
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    }
  }
  return false;
}

}  // namespace upkeep::plugins::https

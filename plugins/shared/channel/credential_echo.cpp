// SPDX-License-Identifier: Apache-2.0
#include "shared/channel/credential_echo.h"

#include <algorithm>

namespace upkeep::shared::channel {

namespace {

bool repeats_word(std::string_view text, std::string_view word, std::string_view known) {
  constexpr std::size_t kLeast = 8;
  return word.size() >= kLeast && text.find(word) != std::string_view::npos && known.find(word) == std::string_view::npos;
}

}  // namespace

bool repeats(std::string_view text, const std::vector<sdk::HttpHeader>& headers, std::string_view known) {
  for (const auto& [name, value] : headers) {
    for (std::string_view rest = value; !rest.empty();) {
      const std::string_view word = rest.substr(0, rest.find(' '));
      if (repeats_word(text, word, known)) return true;
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    }
  }
  return false;
}

bool repeats(std::string_view text, const std::vector<std::string>& secrets, std::string_view known) {
  return std::any_of(secrets.begin(), secrets.end(), [&](const std::string& secret) { return repeats_word(text, secret, known); });
}

sdk::Error without_echo(sdk::Error error, const std::vector<std::string>& secrets, const std::string& place) {
  if (!repeats(error.message, secrets, place)) return error;
  return {sdk::Errc::invalid, place + ": the answer repeats a credential"};
}

}  // namespace upkeep::shared::channel

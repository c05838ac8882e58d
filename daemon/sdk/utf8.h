// SPDX-License-Identifier: Apache-2.0
#pragma once
// Text from outside is bytes until it is known to be UTF-8; JSON must not hold anything else.

#include <optional>
#include <string>
#include <string_view>

namespace upkeep::sdk {

struct Character {
  std::optional<char32_t> code;  // nullopt: a byte that belongs to no character
  std::size_t length = 1;        // bytes
};
// What a text that is not empty begins with. Overlong forms, surrogates and what lies above Unicode are no characters.
[[nodiscard]] Character first_character(std::string_view text);

// At most that many bytes of the text, whole characters only, with '?' for each byte that belongs to none.
[[nodiscard]] std::string valid_utf8(std::string_view text, std::size_t max_bytes);

}  // namespace upkeep::sdk

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Text from outside is bytes until it is known to be UTF-8; JSON must not hold anything else.

#include <string>
#include <string_view>

namespace upkeep::io {

// Bytes of the character that the text begins with; 0: it does not begin with one. Not for empty text.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

// At most that many bytes of the text, whole characters only, with '?' for each byte that belongs to none.
[[nodiscard]] std::string valid_utf8(std::string_view text, std::size_t max_bytes);

}  // namespace upkeep::io

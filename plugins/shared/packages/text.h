// SPDX-License-Identifier: Apache-2.0
#pragma once
// Text from outside, made fit for one line of an error or a log.

#include <cstddef>
#include <string>
#include <string_view>

namespace upkeep::shared::packages {

// Control characters and runs of blanks become one blank, bytes that are no UTF-8 a "?", ends are trimmed, and what is
// longer than `most` bytes ends in "…".
[[nodiscard]] std::string one_line(std::string_view text, std::size_t most = 300);

// In lower case and without addresses: "https://signed.example/" says nothing about a signature.
[[nodiscard]] std::string words_of(std::string_view text);

}  // namespace upkeep::shared::packages

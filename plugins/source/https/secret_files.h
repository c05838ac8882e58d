// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a token file and a headers file may hold. Pure, and no message repeats a value that stands in them.

#include <string>
#include <string_view>
#include <vector>

#include "sdk/http.h"

namespace upkeep::plugins::https {

inline constexpr std::size_t kMostTokenBytes = 8 * 1024, kMostHeadersBytes = 16 * 1024;
inline constexpr std::size_t kMostHeaders = 32;

// One token of visible ASCII characters; white space around it does not count. invalid: "is empty", …
[[nodiscard]] sdk::Result<std::string> parse_token(std::string_view text);

// Lines "Name: value" of printable ASCII; empty lines and lines that begin with # do not count. Refused are names that
// belong to the connection or that Upkeep sets itself. invalid: "line 3: …".
[[nodiscard]] sdk::Result<std::vector<sdk::HttpHeader>> parse_headers(std::string_view text);

}  // namespace upkeep::plugins::https

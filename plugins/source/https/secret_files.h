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

// Whether a value of these headers, or a word of one, stands in a text that a server sent. Short ones do not count: they
// are no secrets, and stand everywhere. Nor do those that stand in `known`, what was asked for: it is in every error.
[[nodiscard]] bool repeats(std::string_view text, const std::vector<sdk::HttpHeader>& headers, std::string_view known = "");

}  // namespace upkeep::plugins::https

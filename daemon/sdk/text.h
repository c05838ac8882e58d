// SPDX-License-Identifier: Apache-2.0
#pragma once
// Text from outside, made fit for a message, and small helpers for reading it.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace upkeep::sdk {

// In double quotes, at most `most` characters of it, then "…"; what is not printable ASCII becomes '?'.
[[nodiscard]] std::string quoted(std::string_view text, std::size_t most = 60);
// Exact matches, since newer standard libraries bring std::quoted with <chrono>, and it would be found for a std::string and match better.
[[nodiscard]] inline std::string quoted(const std::string& text, std::size_t most = 60) { return quoted(std::string_view(text), most); }
[[nodiscard]] inline std::string quoted(const char* text, std::size_t most = 60) { return quoted(std::string_view(text), most); }

// Without ASCII white space at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
// ASCII only, whatever the locale is.
[[nodiscard]] std::string lower(std::string_view text);

// The parts between the signs, empty ones too: one more than there are signs. They live as long as the text.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char by);
// The lines of a text that are not empty.
[[nodiscard]] std::vector<std::string> lines_of(std::string_view text);

// An argument vector, written as its words: in a coroutine g++ 12 cannot be trusted with a braced list of strings.
[[nodiscard]] std::vector<std::string> words(std::initializer_list<std::string_view> words);

// Digits only, without sign or blanks; nullopt when that is not all there is, or too large.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text);

}  // namespace upkeep::sdk

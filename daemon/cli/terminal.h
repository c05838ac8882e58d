// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the command line knows of the terminal it writes to, and what keeps texts from outside from steering it. Names,
// versions, reasons and messages come from packages, servers and units: whoever prints one passes it through printable.

#include <cstddef>
#include <string>
#include <string_view>

namespace upkeep::cli {

// One line of valid UTF-8 without anything that steers a terminal or reorders what one reads: control characters (C0, DEL
// and C1, which some terminals obey as one character) and separators of lines and directions become spaces, and bytes that
// are no UTF-8 question marks.
[[nodiscard]] std::string printable(std::string_view text);
// The same, line by line: for a text of several lines that is our own.
[[nodiscard]] std::string printable_lines(std::string_view text);

// At most `columns` wide, "…" at its end when something was left out. `text` is printable.
[[nodiscard]] std::string cut(const std::string& text, std::size_t columns);
// How many columns it takes; wide characters (East Asian, emoji) take two.
[[nodiscard]] std::size_t width(std::string_view text);

// Broken between words into lines of at most `columns`, all but the first indented. Colours of ours take no room.
[[nodiscard]] std::string filled(const std::string& text, std::size_t indent, std::size_t columns);

// A terminal that understands escape sequences.
[[nodiscard]] bool is_terminal(int fd);
// 80 when it does not say.
[[nodiscard]] std::size_t columns(int fd);

// Colours: none unless the file is a terminal and NO_COLOR is not set.
class Style {
 public:
  explicit Style(int fd = 1);
  [[nodiscard]] bool on() const { return on_; }
  [[nodiscard]] std::string bold(const std::string& text) const { return paint("1", text); }
  [[nodiscard]] std::string faint(const std::string& text) const { return paint("2", text); }
  [[nodiscard]] std::string good(const std::string& text) const { return paint("32", text); }
  [[nodiscard]] std::string bad(const std::string& text) const { return paint("31", text); }
  [[nodiscard]] std::string attention(const std::string& text) const { return paint("33", text); }

 private:
  [[nodiscard]] std::string paint(const char* code, const std::string& text) const;
  bool on_;
};

}  // namespace upkeep::cli

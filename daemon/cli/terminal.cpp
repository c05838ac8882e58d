// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

namespace upkeep::cli {
namespace {

constexpr char32_t kInvalid = 0xffffffff;

struct Character {
  char32_t code = kInvalid;
  std::size_t length = 1;  // bytes
};

// The first character of a text that is not empty. Overlong forms, surrogates and what lies above Unicode are invalid.
Character first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length == 0 || lead > 0xf4 || text.size() < length) return {};
  char32_t code = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {};
  return {code, length};
}

bool steers(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) ||                              // C0, DEL, C1
         code == 0x061c || code == 0x200e || code == 0x200f ||                        // marks of direction
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||  // separators, overrides, isolates
         code == 0xfeff || (code >= 0xe0000 && code < 0xe0080);                       // invisible: byte order mark, tags
}

std::size_t width_of(char32_t code) {
  if ((code >= 0x300 && code < 0x370) || (code >= 0x200b && code <= 0x200d) || (code >= 0xfe00 && code < 0xfe10)) return 0;
  const bool wide = (code >= 0x1100 && code < 0x1160) || (code >= 0x2e80 && code < 0xa4d0) || (code >= 0xac00 && code < 0xd7a4) ||
                    (code >= 0xf900 && code < 0xfb00) || (code >= 0xfe30 && code < 0xfe70) || (code >= 0xff00 && code < 0xff61) ||
                    (code >= 0x1f300 && code < 0x1fb00) || (code >= 0x20000 && code < 0x40000);
  return wide ? 2 : 1;
}

std::string cleaned(std::string_view text, bool keep_newlines) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character next = first_of(text);
    if (next.code == kInvalid)
      out += '?';
    else if (steers(next.code) && !(keep_newlines && next.code == '\n'))
      out += ' ';
    else
      out += text.substr(0, next.length);
    text.remove_prefix(next.length);
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) { return cleaned(text, false); }

std::string printable_lines(std::string_view text) { return cleaned(text, true); }

std::size_t width(std::string_view text) {
  std::size_t out = 0;
  while (!text.empty()) {
    const Character next = first_of(text);
    out += width_of(next.code);
    text.remove_prefix(next.length);
  }
  return out;
}

std::string cut(const std::string& text, std::size_t columns) {
  if (width(text) <= columns) return text;
  if (columns == 0) return "";
  std::size_t taken = 0, bytes = 0;
  while (bytes < text.size()) {
    const Character next = first_of(std::string_view(text).substr(bytes));
    if (taken + width_of(next.code) > columns - 1) break;
    taken += width_of(next.code);
    bytes += next.length;
  }
  return text.substr(0, bytes) + "…";
}

std::string filled(const std::string& text, std::size_t indent, std::size_t columns) {
  std::string out;
  std::size_t column = indent;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    std::size_t wide = width(word);
    for (auto escape = word.find('\x1b'); escape != std::string::npos; escape = word.find('\x1b', escape + 1))
      wide -= std::min(word.find('m', escape), word.size() - 1) - escape + 1;
    if (at > 0 && column + 1 + wide > columns && column > indent) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (at > 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += wide;
    at = end + 1;
  }
  return out;
}

bool is_terminal(int fd) {
  const char* kind = std::getenv("TERM");
  return isatty(fd) == 1 && kind != nullptr && *kind != '\0' && std::strcmp(kind, "dumb") != 0;
}

std::size_t columns(int fd) {
  winsize size{};
  const bool known = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

Style::Style(int fd) {
  const char* none = std::getenv("NO_COLOR");
  on_ = is_terminal(fd) && (none == nullptr || *none == '\0');
}

std::string Style::paint(const char* code, const std::string& text) const {
  return on_ && !text.empty() ? std::string("\x1b[") + code + "m" + text + "\x1b[0m" : text;
}

}  // namespace upkeep::cli

// SPDX-License-Identifier: Apache-2.0
#include "shared/xml/xml.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "sdk/text.h"

namespace upkeep::shared::xml {
namespace {

constexpr int kMostDepth = 16;
constexpr std::size_t kMostElements = 32 * 1024, kMostAttributes = 64;  // the latter of one element: each is compared with the others

bool xml_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool xml_name(char c) { return sdk::is_letter(c) || sdk::is_digit(c) || c == '-' || c == '_' || c == '.' || c == ':'; }

// "#65;" or "#x41;" at its beginning: the number, and how long it is; nullopt: that is no character.
std::optional<std::pair<char32_t, std::size_t>> numbered(std::string_view text) {
  constexpr std::size_t kMostDigits = 8;
  const auto end = text.find(';');
  if (!text.starts_with('#') || end == std::string_view::npos) return std::nullopt;
  const bool hexadecimal = text[1] == 'x';
  const std::string_view digits = text.substr(hexadecimal ? 2 : 1, end - (hexadecimal ? 2 : 1));
  std::uint32_t code = 0;
  const auto [last, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, hexadecimal ? 16 : 10);
  const bool sound = !digits.empty() && digits.size() <= kMostDigits && error == std::errc() && last == digits.data() + digits.size();
  if (!sound || code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return std::nullopt;
  return std::pair(static_cast<char32_t>(code), end + 1);
}

void append_utf8(std::string& out, char32_t code) {
  const auto more = [&](int shift) { out += static_cast<char>(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    more(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    more(6);
    more(0);
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    more(12);
    more(6);
    more(0);
  }
}

// The first failure sticks.
class XmlReader {
 public:
  explicit XmlReader(std::string_view text) : all_(text), rest_(text) {}

  std::optional<XmlElement> document() {
    skip_blanks();
    if (take("<?xml") && !skip_past("?>")) return std::nullopt;
    skip_blanks();
    XmlElement root;
    if (!element(root, 0)) return std::nullopt;
    skip_blanks();
    return rest_.empty() ? std::optional(std::move(root)) : std::nullopt;
  }
  [[nodiscard]] std::size_t line() const {
    const auto read = all_.substr(0, all_.size() - rest_.size());
    return 1 + static_cast<std::size_t>(std::count(read.begin(), read.end(), '\n'));
  }

 private:
  bool element(XmlElement& out, int depth) {
    if (depth > kMostDepth || ++elements_ > kMostElements || !take("<") || !name(out.name)) return false;
    while (true) {
      const bool gap = skip_blanks();
      if (take("/>")) return true;
      if (take(">")) return content(out, depth);
      if (!gap || !attribute(out)) return false;
    }
  }

  bool attribute(XmlElement& out) {
    std::string key, value;
    if (out.attributes.size() == kMostAttributes || !name(key) || out.attribute(key) != nullptr || !take("=") || rest_.empty())
      return false;
    const char quote = rest_.front();
    if (quote != '"' && quote != '\'') return false;
    rest_.remove_prefix(1);
    const auto end = rest_.find(quote);
    if (end == std::string_view::npos || !unescape(rest_.substr(0, end), value)) return false;
    rest_.remove_prefix(end + 1);
    out.attributes.emplace_back(std::move(key), std::move(value));
    return true;
  }

  bool content(XmlElement& out, int depth) {
    while (true) {
      const auto end = rest_.find('<');
      if (end == std::string_view::npos || !unescape(rest_.substr(0, end), out.text)) return false;
      rest_.remove_prefix(end);
      if (take("</")) {
        std::string closed;
        if (!name(closed) || closed != out.name) return false;
        skip_blanks();
        return take(">");
      }
      if (!element(out.children.emplace_back(), depth + 1)) return false;
    }
  }

  static bool unescape(std::string_view text, std::string& out) {
    constexpr std::array<std::pair<std::string_view, char>, 5> kEntities = {
        {{"&apos;", '\''}, {"&quot;", '"'}, {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}}};
    while (!text.empty()) {
      if (text.front() == '<') return false;
      if (text.front() != '&') {
        out.push_back(text.front());
        text.remove_prefix(1);
        continue;
      }
      if (const auto character = numbered(text.substr(1))) {
        append_utf8(out, character->first);
        text.remove_prefix(1 + character->second);
        continue;
      }
      const auto* found = std::find_if(kEntities.begin(), kEntities.end(), [&](const auto& one) { return text.starts_with(one.first); });
      if (found == kEntities.end()) return false;
      out.push_back(found->second);
      text.remove_prefix(found->first.size());
    }
    return true;
  }

  bool name(std::string& out) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), xml_name);
    out.assign(rest_.begin(), end);
    rest_.remove_prefix(out.size());
    return !out.empty() && sdk::is_letter(out.front());
  }

  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  bool skip_past(std::string_view text) {
    const auto at = rest_.find(text);
    if (at == std::string_view::npos) return false;
    rest_.remove_prefix(at + text.size());
    return true;
  }
  bool skip_blanks() {
    const auto before = rest_.size();
    while (!rest_.empty() && xml_blank(rest_.front())) rest_.remove_prefix(1);
    return rest_.size() != before;
  }

  std::string_view all_, rest_;
  std::size_t elements_ = 0;
};

void collect(const XmlElement& from, std::string_view name, std::vector<const XmlElement*>& out) {
  for (const auto& child : from.children) {
    if (child.name == name) out.push_back(&child);
    collect(child, name, out);
  }
}

}  // namespace

const std::string* XmlElement::attribute(std::string_view wanted) const {
  for (const auto& [key, value] : attributes)
    if (key == wanted) return &value;
  return nullptr;
}

const XmlElement* XmlElement::child(std::string_view wanted) const {
  const auto found = std::find_if(children.begin(), children.end(), [&](const XmlElement& one) { return one.name == wanted; });
  return found == children.end() ? nullptr : &*found;
}

std::vector<const XmlElement*> XmlElement::all(std::string_view wanted) const {
  std::vector<const XmlElement*> out;
  collect(*this, wanted, out);
  return out;
}

sdk::Result<XmlElement> parse_xml(std::string_view text) {
  XmlReader reader(text);
  auto root = reader.document();
  if (!root) return sdk::fail(sdk::Errc::internal, "its XML cannot be read, line " + std::to_string(reader.line()));
  return std::move(*root);
}

}  // namespace upkeep::shared::xml

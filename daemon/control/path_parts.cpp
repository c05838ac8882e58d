// SPDX-License-Identifier: Apache-2.0
#include "control/path_parts.h"

#include <charconv>

namespace upkeep::control {

std::optional<std::string> decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto digits = text.substr(i + 1, 2);
    unsigned char byte = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2 || byte == 0) return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

std::optional<std::vector<std::string>> path_parts(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty() && path.front() == '/') {
    const auto end = path.find('/', 1);
    auto part = decode_percent(path.substr(1, end == std::string_view::npos ? end : end - 1));
    if (!part || part->find('/') != std::string::npos) return std::nullopt;
    parts.push_back(std::move(*part));
    path = end == std::string_view::npos ? std::string_view() : path.substr(end);
  }
  if (!path.empty()) return std::nullopt;
  return parts;
}

}  // namespace upkeep::control

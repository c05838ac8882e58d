// SPDX-License-Identifier: Apache-2.0
#include "sdk/ini.h"

#include <algorithm>

#include "sdk/text.h"

namespace upkeep::sdk {

std::string IniSection::text(const std::string& key, std::string_view fallback) const {
  const auto found = values.find(key);
  return found == values.end() ? std::string(fallback) : found->second;
}

bool IniSection::flag(const std::string& key, bool fallback) const {
  const auto value = lower(text(key));
  if (value == "1" || value == "yes" || value == "true" || value == "on") return true;
  if (value == "0" || value == "no" || value == "false" || value == "off") return false;
  return fallback;
}

std::vector<IniSection> parse_ini(std::string_view text) {
  std::vector<IniSection> out(1);
  std::string* value = nullptr;
  for (const auto line : split(text, '\n')) {
    const auto bare = trimmed(line);
    if (bare.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == ' ' || line.front() == '\t') {
      if (value != nullptr) *value += "\n" + std::string(bare);
      continue;
    }
    value = nullptr;
    if (bare.front() == '[') {
      if (bare.back() == ']') out.push_back({std::string(bare.substr(1, bare.size() - 2)), {}});
      continue;
    }
    const auto sign = bare.find_first_of("=:");
    if (sign == std::string_view::npos) continue;
    value = &out.back().values[lower(trimmed(bare.substr(0, sign)))];
    *value = trimmed(bare.substr(sign + 1));
  }
  if (out.front().values.empty()) out.erase(out.begin());
  return out;
}

std::vector<std::string> ini_list(std::string_view value) {
  std::vector<std::string> out;
  std::string word;
  const auto end = [&] {
    if (!word.empty()) out.push_back(std::move(word));
    word.clear();
  };
  for (const char c : value) {
    if (c == ' ' || c == '\t' || c == ',' || c == '\n' || c == '\r')
      end();
    else
      word.push_back(c);
  }
  end();
  return out;
}

}  // namespace upkeep::sdk

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The files that dnf, yum and zypper are configured with: "[section]", "key=value" or "key: value", lines that begin with "#" or ";" are
// comments, and a line that begins with a blank goes on with the value of before. Lenient as those programs are: what is none of these is
// passed over.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace upkeep::sdk {

struct IniSection {
  std::string name;
  std::map<std::string, std::string> values;  // keys in lower case; of a key that is there twice the last value; lines of one by "\n"

  // The value, or the fallback when there is none.
  [[nodiscard]] std::string text(const std::string& key, std::string_view fallback = "") const;
  // 1, yes, true and on; 0, no, false and off; anything else is the fallback.
  [[nodiscard]] bool flag(const std::string& key, bool fallback) const;
};

// In their order; what stands before the first section has an empty name.
[[nodiscard]] std::vector<IniSection> parse_ini(std::string_view text);

// The words of a list: apart by blanks, commas or line ends.
[[nodiscard]] std::vector<std::string> ini_list(std::string_view value);

}  // namespace upkeep::sdk

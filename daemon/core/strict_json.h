// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON from strangers: one object, in which every member stands once, with bounds on depth and on the number of entries.

#include <nlohmann/json.hpp>
#include <string_view>

#include "sdk/result.h"

namespace upkeep::core {

struct JsonBounds {
  std::size_t depth = 16;      // of nesting, the object itself is 1
  std::size_t entries = 1000;  // of each list or table
};

// Nothing may follow the object but white space. invalid: says what is wrong and at which byte, or of which member; it quotes at most
// 60 printable characters.
[[nodiscard]] sdk::Result<nlohmann::json> parse_strict_json(std::string_view bytes, const JsonBounds& bounds);

}  // namespace upkeep::core

// SPDX-License-Identifier: Apache-2.0
#pragma once
// YAML documents of strangers (a kubeconfig, Teleport's own files), read as the JSON they stand for. libyaml parses; what could make a
// short text a large document (anchors, merges) or run anything (tags of languages) is refused.

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "sdk/result.h"

namespace upkeep::plugins::shared::yaml {

inline constexpr std::size_t kMostBytes = std::size_t{1024} * 1024;

// The documents of a stream, none for an empty one. Plain scalars are null, true and false, whole numbers or texts, as in YAML 1.2's core
// schema (so `no` and `on` are texts), and so are floating point numbers (texts as they are written).
// invalid, with the line: no YAML, longer than kMostBytes, nested deeper than 32, more than 20,000 values, a key that is no text or there
// twice, an anchor or an alias, a tag that is none of the core schema.
[[nodiscard]] sdk::Result<std::vector<nlohmann::json>> parse(std::string_view text);

// A stream of exactly one document.
[[nodiscard]] sdk::Result<nlohmann::json> parse_one(std::string_view text);

}  // namespace upkeep::plugins::shared::yaml

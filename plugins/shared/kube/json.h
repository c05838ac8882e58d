// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON as an API server sends it: read with bounds, and looked into without trusting that anything is there or has its type.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "sdk/result.h"

namespace upkeep::plugins::shared::kube {

using Json = nlohmann::json;

// One JSON object. invalid: no JSON, no UTF-8, nested deeper than 64, no object.
[[nodiscard]] sdk::Result<Json> parse_object(std::string_view bytes);

// What stands at "/spec/template" (a JSON pointer; a name with a slash is written with ~1); nullptr: nothing.
[[nodiscard]] const Json* at(const Json& object, const char* pointer);
// "" when there is no text there.
[[nodiscard]] std::string text_at(const Json& object, const char* pointer);
// The fallback when there is no whole number there.
[[nodiscard]] std::int64_t number_at(const Json& object, const char* pointer, std::int64_t fallback);
[[nodiscard]] bool flag_at(const Json& object, const char* pointer);
// The elements of the list there; an empty list when there is none.
[[nodiscard]] const Json::array_t& list_at(const Json& object, const char* pointer);
// A member of the table of texts there, such as an annotation; nullopt: it is not there, or no text.
[[nodiscard]] std::optional<std::string> member_at(const Json& object, const char* pointer, std::string_view name);

}  // namespace upkeep::plugins::shared::kube

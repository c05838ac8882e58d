// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON that strangers wrote (registries, signers, files of credentials): read with bounds, and looked into without trusting that
// anything is there or has its type. No message repeats what stands in it.

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "sdk/result.h"

namespace upkeep::oci {

using Json = nlohmann::json;

inline constexpr std::size_t kMostJson = 512 * 1024;

// One JSON object. invalid: longer than `most`, no JSON or no UTF-8, nested deeper than 32, more than 20,000 values, no object.
[[nodiscard]] sdk::Result<Json> parse_object(std::string_view bytes, std::size_t most = kMostJson);

// What is reached from an object by these names, one in the other; nullptr: nothing.
[[nodiscard]] const Json* at(const Json& object, std::initializer_list<std::string_view> names);
// "" when there is no text.
[[nodiscard]] std::string text_at(const Json& object, std::initializer_list<std::string_view> names);
// The elements of the list there; an empty list when there is none.
[[nodiscard]] const Json::array_t& list_at(const Json& object, std::initializer_list<std::string_view> names);
// The members of the table there; an empty one when there is none.
[[nodiscard]] const Json::object_t& table_at(const Json& object, std::initializer_list<std::string_view> names);

}  // namespace upkeep::oci

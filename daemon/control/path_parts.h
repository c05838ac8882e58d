// SPDX-License-Identifier: Apache-2.0
#pragma once
// Addresses as they came over the wire, taken apart. libmicrohttpd hands them over undecoded, so that an escaped slash or
// NUL is never taken for the end of a part.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace upkeep::control {

// "%41" is "A". nullopt: an escape is none, or stands for NUL.
[[nodiscard]] std::optional<std::string> decode_percent(std::string_view text);

// "/v1/agents/web" → v1, agents, web; each part decoded after the split. nullopt: no such address can be, as with a slash
// within a part.
[[nodiscard]] std::optional<std::vector<std::string>> path_parts(std::string_view path);

}  // namespace upkeep::control

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Bodies and query values from outside, checked before anything else sees them. Strict: a field that is not known may be
// a misspelt one that mattered, so it is refused by name.

#include <map>
#include <string>
#include <string_view>

#include "engine/face.h"

namespace upkeep::control {

inline constexpr std::size_t kMaxBody = 64 * 1024;

// The command that a POST's body describes; an empty body is an empty object. `now` is what "for" counts from.
// The refusal is `invalid` and names the field. Actor is left to the caller.
[[nodiscard]] tl::expected<engine::Command, engine::Refusal> parse_command(engine::Verb verb, std::string_view body, sdk::TimePoint now);

// A body that must say nothing.
[[nodiscard]] tl::expected<void, engine::Refusal> parse_empty(std::string_view body);

using Query = std::multimap<std::string, std::string>;
struct Span {
  sdk::TimePoint from, until;
};
// ?from=T&until=T, RFC 3339: from now for 14 days unless said otherwise, at most 366 days.
[[nodiscard]] tl::expected<Span, engine::Refusal> parse_span(const Query& query, sdk::TimePoint now);
// ?operation=ID; empty: all.
[[nodiscard]] tl::expected<std::string, engine::Refusal> parse_operation(const Query& query);
// For addresses that take no values.
[[nodiscard]] tl::expected<void, engine::Refusal> parse_no_query(const Query& query);

}  // namespace upkeep::control

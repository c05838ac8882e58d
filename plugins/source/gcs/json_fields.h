// SPDX-License-Identifier: Apache-2.0
#pragma once
// The JSON that Google's credentials are written in: files, and what token servers answer. All of them are one object of texts and
// numbers, at most two objects deep, so they are read as a flat table. Pure, and no message repeats what stands in them.

#include <map>
#include <string>
#include <string_view>

#include "sdk/result.h"

namespace upkeep::plugins::gcs {

inline constexpr std::size_t kMostJsonBytes = 64 * 1024;

// Texts and numbers (as they are written) by name; a member of an inner object as "credential_source.url". Lists, true, false and null
// are left out.
using Fields = std::map<std::string, std::string, std::less<>>;

// invalid: too long, no JSON or no UTF-8, no object, objects and lists deeper than eight, a name longer than 128 bytes, with
// the outer ones, or there twice.
[[nodiscard]] sdk::Result<Fields> parse_fields(std::string_view text);

// "" when it is not there.
[[nodiscard]] std::string field(const Fields& fields, std::string_view name);

}  // namespace upkeep::plugins::gcs

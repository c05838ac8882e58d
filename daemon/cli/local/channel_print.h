// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a channel says, for people and as JSON: every field that is there, under the name that it has in release.json.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/release_document.h"

namespace upkeep::cli {

// A signed release's fields; the version is null where there is no release.
[[nodiscard]] nlohmann::json json_of(const core::Document& document);

// "stable: 14.3.33, critical" and below it the fields that are there, in the order of that JSON.
void print_document(const core::Document& document);

// "  signed by   E6001D034D1490BC"
void print_field(const std::string& name, const std::string& text);
void print_warnings(const std::vector<std::string>& warnings);

}  // namespace upkeep::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Raw → merged: the text of a TOML file as a tree that knows its places, and a file with its drop-ins laid over it.
// Nothing here knows a key. Every failure is an issue with file and line.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/config.h"
#include "sdk/host.h"

namespace upkeep::config {

using Issues = std::vector<sdk::ConfigIssue>;

// A longer file is refused unread.
inline constexpr std::size_t kMaxFile = 256 * 1024;

// nullopt: issues were added.
[[nodiscard]] std::optional<sdk::Config> parse(std::string_view text, const std::string& file, Issues& issues);

// Tables merge key by key; arrays and values replace.
void merge(sdk::Config& base, const sdk::Config& over);

// `path` and then `path`.d/*.toml in the order of their names. nullopt: issues were added.
[[nodiscard]] std::optional<sdk::Config> read_merged(sdk::Files& files, const std::string& path, Issues& issues);

// Whether a name in a folder is a configuration file: ends in .toml and is not hidden (editors' backups are).
[[nodiscard]] bool is_config_file(std::string_view name);

// A key fit for a path: as it stands when it is a bare TOML key, else quoted and cut.
[[nodiscard]] std::string shown_key(std::string_view key);

}  // namespace upkeep::config

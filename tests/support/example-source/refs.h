// SPDX-License-Identifier: Apache-2.0
#pragma once
// The tags of a git repository, read from its files: refs/tags/NAME, one a tag, and packed-refs, a line each. No object is
// opened, so no git is needed. Whoever can push to the repository writes these bytes: they are bounded, and what is not as git
// writes it is refused with the file and, in packed-refs, the line.

#include <set>
#include <string>
#include <string_view>

#include "sdk/host.h"

namespace tags {

namespace sdk = upkeep::sdk;

inline constexpr std::size_t kMostTags = 20'000;
inline constexpr std::size_t kMostPacked = std::size_t{4} * 1024 * 1024;  // 20,000 tags of the longest common names

// Names below refs/tags: "v1.2.3", "critical/v1.2.3". `folder` is a bare repository or a .git.
[[nodiscard]] sdk::Result<std::set<std::string>> read_tags(sdk::Files& files, const std::string& folder);

// What packed-refs says; `shown` is its name in errors.
[[nodiscard]] sdk::Result<std::set<std::string>> parse_packed(std::string_view text, const std::string& shown);

}  // namespace tags

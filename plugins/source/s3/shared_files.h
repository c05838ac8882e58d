// SPDX-License-Identifier: Apache-2.0
#pragma once
// The two files that Amazon's tools share, ~/.aws/credentials and ~/.aws/config, as text. Pure.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "source/s3/session.h"

namespace upkeep::plugins::s3 {

// Keys in lower case.
using Profile = std::map<std::string, std::string>;

// "[NAME]" of a credentials file, or "[profile NAME]" of a config file, where the default's is "[default]"; what stands there twice is
// one, and the last value counts. nullopt: there is no such section.
[[nodiscard]] std::optional<Profile> find_profile(std::string_view text, std::string_view name, bool config_file);

// The profile's own keys; nullopt: it has none. invalid: half of them, or characters that no key has; unsupported: it wants them made
// by a program, by single sign-on or from another profile. No message repeats a value.
[[nodiscard]] sdk::Result<std::optional<Keys>> keys_of(const Profile& profile);

}  // namespace upkeep::plugins::s3

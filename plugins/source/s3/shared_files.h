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

// The profile's own keys; nullopt: it has none. invalid: half of them, or characters that no key has. No message repeats a value.
[[nodiscard]] sdk::Result<std::optional<Keys>> keys_of(const Profile& profile);

// The profile's key, if there is one, by which Amazon's tools make credentials in a way that Upkeep does not, else "".
[[nodiscard]] std::string role_key(const Profile& profile);   // of a role or by single sign-on: whatever keys there are, these are not used
[[nodiscard]] std::string maker_key(const Profile& profile);  // by a program or a login: the keys of the credentials file come first

}  // namespace upkeep::plugins::s3

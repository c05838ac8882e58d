// SPDX-License-Identifier: Apache-2.0
#pragma once
// Checks of what a configuration says about where a channel is.

#include <string>
#include <string_view>

#include "sdk/time.h"

namespace upkeep::shared::channel {

// "" when the name may stand in a path below the base ("current", "stable/cloud"); else what is wrong with it.
[[nodiscard]] std::string channel_problem(std::string_view channel);

// "" when it is an https URL that a path can be put behind: no user, no query, no fragment; else what is wrong with it.
// No text contains the URL, which could hold a password.
[[nodiscard]] std::string https_url_problem(std::string_view url);

// "" when it is empty (none is used) or a URL of a kind of proxy that is known; else what is wrong with it. It may hold a password.
[[nodiscard]] std::string proxy_problem(std::string_view proxy);

// "" when a poll may take so long; else what is wrong with it.
[[nodiscard]] std::string timeout_problem(sdk::Millis timeout);

// Base, channel and nothing doubled: "https://host/v1/" and "stable/cloud" make "https://host/v1/stable/cloud".
[[nodiscard]] std::string join(std::string_view base, std::string_view channel);

}  // namespace upkeep::shared::channel

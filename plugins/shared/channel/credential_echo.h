// SPDX-License-Identifier: Apache-2.0
#pragma once
// A server may send back what it was sent. Its words must not carry a credential into logs and status.

#include <string>
#include <string_view>
#include <vector>

#include "sdk/http.h"

namespace upkeep::shared::channel {

// Whether a value of these headers, or a word of one, stands in a text that a server sent. Short ones do not count: they
// are no secrets, and stand everywhere. Nor do those that stand in `known`, what was asked for: it is in every error.
[[nodiscard]] bool repeats(std::string_view text, const std::vector<sdk::HttpHeader>& headers, std::string_view known = "");
// The same of secrets that are known one by one.
[[nodiscard]] bool repeats(std::string_view text, const std::vector<std::string>& secrets, std::string_view known = "");
// The error of a request to `place` that had these secrets, or, when its words repeat one, another that says so (invalid).
[[nodiscard]] sdk::Error without_echo(sdk::Error error, const std::vector<std::string>& secrets, const std::string& place);

}  // namespace upkeep::shared::channel

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Base64 (RFC 4648, section 4), strictly: one text for the same bytes, no blanks, padded.

#include <optional>
#include <string>
#include <string_view>

namespace upkeep::sdk {

[[nodiscard]] std::string to_base64(std::string_view bytes);
// nullopt: anything but what to_base64 writes.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace upkeep::sdk

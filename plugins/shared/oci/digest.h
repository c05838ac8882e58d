// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a registry calls bytes by.

#include <string>
#include <string_view>

namespace upkeep::oci {

// "sha256:" and 64 hexadecimal digits in lower case.
[[nodiscard]] std::string digest_of(std::string_view bytes);

}  // namespace upkeep::oci

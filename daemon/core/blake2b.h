// SPDX-License-Identifier: Apache-2.0
#pragma once
// BLAKE2b (RFC 7693) without a key and with a digest of any length: libcrypto 3.0 has that of 64 bytes only, and minisign's key files
// hold one of 32.

#include <cstddef>

#include "core/secret_bytes.h"

namespace upkeep::core {

// `size`: 1 to 64 bytes.
[[nodiscard]] SecretBytes blake2b(const SecretBytes& message, std::size_t size);

}  // namespace upkeep::core

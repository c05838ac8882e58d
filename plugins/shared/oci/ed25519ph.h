// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ed25519ph (RFC 8032, section 5.1), which cosign signs with where the key is an Ed25519 one, and libcrypto knows only from 3.2 on.
// Verification alone: nothing here is secret, so nothing has to take the same time. 5 ms.

#include <string_view>

namespace upkeep::oci {

// key: 32 bytes, signature: 64. The message is hashed first, the context is empty.
[[nodiscard]] bool verifies_ed25519ph(std::string_view key, std::string_view message, std::string_view signature);

// The equation that all kinds of Ed25519 share: the point R, the first half of the signature, is S·B − k·A, where k hashes `prefix`,
// R, the key A and what was signed. Without a prefix it is plain Ed25519.
[[nodiscard]] bool verifies_ed25519(std::string_view key, std::string_view prefix, std::string_view what, std::string_view signature);

}  // namespace upkeep::oci

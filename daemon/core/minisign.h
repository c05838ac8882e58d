// SPDX-License-Identifier: Apache-2.0
#pragma once
// minisign's public keys and signatures, read and verified with libcrypto: Ed25519 over the bytes themselves (legacy, "Ed") or over
// their BLAKE2b-512 (prehashed, "ED"). Format: minisign(1), SIGNATURE FORMAT.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/result.h"

namespace upkeep::core {

struct MinisignKey {
  std::string id;  // as minisign shows it: 16 upper-case hexadecimal digits
  std::array<std::uint8_t, 32> key{};
  bool operator==(const MinisignKey&) const = default;
};

struct MinisignSignature {
  std::string key_id;
  bool prehashed = true;
  std::array<std::uint8_t, 64> signature{};
  std::string trusted_comment;
  std::array<std::uint8_t, 64> global{};  // over signature and trusted comment
};

// A signature file is longer than this only by mistake.
inline constexpr std::size_t kMostSignatureBytes = 4096;

// The base64 line alone, or a whole .pub file. invalid: what is wrong, without the bytes.
[[nodiscard]] sdk::Result<MinisignKey> parse_minisign_key(std::string_view text);
// The base64 line of a key.
[[nodiscard]] std::string to_text(const MinisignKey& key);

// A whole .minisig file, of LF or CRLF lines. invalid: what is wrong, without the bytes.
[[nodiscard]] sdk::Result<MinisignSignature> parse_minisign_signature(std::string_view text);

// denied: signed by another key, other bytes, or another trusted comment; the message says which.
[[nodiscard]] sdk::Result<void> verify(const MinisignKey& key, std::string_view message, const MinisignSignature& signature);

}  // namespace upkeep::core

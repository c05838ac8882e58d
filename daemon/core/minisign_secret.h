// SPDX-License-Identifier: Apache-2.0
#pragma once
// minisign's secret keys: made, kept in its file format with a password (scrypt) or without one, and used to sign. For publishers; the
// daemon never signs. Nothing of a key or a password is in a message.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/minisign.h"
#include "core/secret_bytes.h"
#include "sdk/result.h"

namespace upkeep::core {

struct MinisignSecret {
  MinisignKey public_key;
  SecretBytes seed;  // 32 bytes, of which all follows
};

// What guessing one password costs, as libsodium counts it. Memory in bytes.
struct PasswordCost {
  std::uint64_t operations = std::uint64_t{1} << 25;
  std::uint64_t memory = std::uint64_t{1} << 30;
};

inline constexpr std::size_t kRandomForKey = 40, kRandomForPassword = 32;  // bytes
inline constexpr std::size_t kMostSecretKeyBytes = 4096;                   // of a file

// A key of random bytes, kRandomForKey of them.
[[nodiscard]] MinisignSecret make_minisign_secret(const SecretBytes& random);

// The whole file. An empty password: no encryption, as `minisign -G -W`. `random`: kRandomForPassword bytes, not used without a password.
// transient: there is not the memory that the cost asks for.
[[nodiscard]] sdk::Result<SecretBytes> write_minisign_secret(const MinisignSecret& secret, const SecretBytes& password,
                                                             const SecretBytes& random, const PasswordCost& cost = {});

// invalid: no such file; the message does not quote it.
[[nodiscard]] sdk::Result<bool> needs_password(const SecretBytes& file);
// denied: another password; unsupported: a cost above that of the default; transient: no memory for it.
[[nodiscard]] sdk::Result<MinisignSecret> read_minisign_secret(const SecretBytes& file, const SecretBytes& password);

// A whole .minisig file, prehashed. The same input gives the same bytes. The comment is one printable line, at most 1000 bytes; anything
// else is invalid.
[[nodiscard]] sdk::Result<std::string> sign(const MinisignSecret& secret, std::string_view message, std::string_view trusted_comment);

}  // namespace upkeep::core

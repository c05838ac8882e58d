// SPDX-License-Identifier: Apache-2.0
// The file's second line is base64 of: "Ed", "Sc" (scrypt) or two zeros, "B2" (BLAKE2b), salt (32), cost: operations and memory (8 each,
// little-endian); then what a password encrypts: key id (8), seed (32), public key (32), BLAKE2b-256 of "Ed" and those three.
#include "core/minisign_secret.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "core/blake2b.h"
#include "sdk/base64.h"
#include "sdk/text.h"
#include "sdk/utf8.h"

namespace upkeep::core {
namespace {

constexpr std::string_view kComment = "untrusted comment: ", kPlain("Ed\0\0B2", 6), kEncrypted = "EdScB2";
constexpr std::size_t kSalt = 6, kCost = 38, kHidden = 54, kId = 8, kSeed = 32, kPublic = 32, kSum = 32;
constexpr std::size_t kKeyPart = kId + kSeed + kPublic, kWhole = kHidden + kKeyPart + kSum;

std::string_view view_of(const SecretBytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }  // NOLINT
const unsigned char* data_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }         // NOLINT

using Pkey = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
Pkey private_key(const unsigned char* seed) {
  Pkey out(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed, kSeed), EVP_PKEY_free);
  if (!out) throw std::runtime_error("libcrypto has no Ed25519");
  return out;
}

std::string public_half(const unsigned char* seed) {
  std::string out(kPublic, '\0');
  std::size_t size = out.size();
  if (EVP_PKEY_get_raw_public_key(private_key(seed).get(), reinterpret_cast<unsigned char*>(out.data()), &size) != 1)  // NOLINT
    throw std::runtime_error("libcrypto does not give a public key");
  return out;
}

std::string signature_of(const MinisignSecret& secret, std::string_view message) {
  const Pkey key = private_key(secret.seed.data());
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> run(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string out(64, '\0');
  std::size_t size = out.size();
  if (!run || EVP_DigestSignInit(run.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(run.get(), reinterpret_cast<unsigned char*>(out.data()), &size, data_of(message), message.size()) != 1)  // NOLINT
    throw std::runtime_error("libcrypto does not sign");
  return out;
}

MinisignSecret secret_of(std::string_view id, const unsigned char* seed) {
  // parse_minisign_key knows how an id is written.
  return {parse_minisign_key(sdk::to_base64("Ed" + std::string(id) + public_half(seed))).value(), SecretBytes(seed, seed + kSeed)};
}

// libsodium's pickparams, which turns its two figures into scrypt's N and p; r is 8.
struct Scrypt {
  std::uint64_t n, p;
};
Scrypt scrypt_of(PasswordCost cost) {
  cost.operations = std::max<std::uint64_t>(cost.operations, 32768);
  const bool little = cost.operations < cost.memory / 32;
  const std::uint64_t most = little ? cost.operations / 32 : cost.memory / 1024;
  Scrypt out{2, 1};
  while (out.n <= most / 2) out.n *= 2;
  if (!little) out.p = std::min<std::uint64_t>(cost.operations / 4 / out.n, 0x3fffffff) / 8;
  return out;
}

// Encrypts and decrypts.
sdk::Result<void> hide(SecretBytes& file, const SecretBytes& password, const PasswordCost& cost) {
  SecretBytes stream(kKeyPart + kSum);
  const auto [n, p] = scrypt_of(cost);
  const std::string_view secret = view_of(password);
  if (EVP_PBE_scrypt(secret.data(), secret.size(), file.data() + kSalt, kCost - kSalt, n, 8, p, 2 * cost.memory + (1U << 20), stream.data(),
                     stream.size()) != 1)
    return sdk::fail(sdk::Errc::transient,
                     "a key with a password needs " + std::to_string(cost.memory >> 20) + " MiB of memory for a moment");
  for (std::size_t i = 0; i < stream.size(); ++i) file[kHidden + i] ^= stream[i];
  return {};
}

SecretBytes sum_of(const SecretBytes& file) {
  SecretBytes summed{'E', 'd'};
  summed.insert(summed.end(), file.begin() + kHidden, file.begin() + kHidden + kKeyPart);
  return blake2b(summed, kSum);
}

std::uint64_t read_number(const SecretBytes& file, std::size_t at) {
  std::uint64_t out = 0;
  for (std::size_t i = 8; i-- > 0;) out = out << 8 | file[at + i];
  return out;
}

sdk::Result<SecretBytes> decoded(const SecretBytes& file) {
  const auto none = sdk::fail(sdk::Errc::invalid, "this is no secret key of minisign");
  std::string_view text = view_of(file);
  const auto end = text.find('\n');
  if (text.size() > kMostSecretKeyBytes || !text.starts_with(kComment) || end == std::string_view::npos) return none;
  text = sdk::trimmed(text.substr(end));
  SecretBytes out(text.size() / 4 * 3);
  if (out.size() != kWhole + 1 || EVP_DecodeBlock(out.data(), data_of(text), static_cast<int>(text.size())) != static_cast<int>(out.size()))
    return none;
  out.pop_back();
  const auto beginning = view_of(out).substr(0, kSalt);
  if (beginning != kPlain && beginning != kEncrypted) return none;
  return out;
}

}  // namespace

MinisignSecret make_minisign_secret(const SecretBytes& random) { return secret_of(view_of(random).substr(kSeed, kId), random.data()); }

sdk::Result<SecretBytes> write_minisign_secret(const MinisignSecret& secret, const SecretBytes& password, const SecretBytes& random,
                                               const PasswordCost& cost) {
  const bool encrypted = !password.empty();
  SecretBytes file(kWhole);
  const auto put = [&](std::size_t at, std::string_view bytes) {
    std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<long>(at));
  };
  put(0, encrypted ? kEncrypted : kPlain);
  put(kHidden, sdk::from_base64(to_text(secret.public_key)).value().substr(2, kId));
  put(kHidden + kId, view_of(secret.seed));
  put(kHidden + kId + kSeed, std::string_view(reinterpret_cast<const char*>(secret.public_key.key.data()), kPublic));  // NOLINT
  if (encrypted) {
    put(kSalt, view_of(random));
    for (std::size_t i = 0; i < 8; ++i) {
      file[kCost + i] = static_cast<unsigned char>(cost.operations >> 8 * i);
      file[kCost + 8 + i] = static_cast<unsigned char>(cost.memory >> 8 * i);
    }
    put(kHidden + kKeyPart, view_of(sum_of(file)));
    if (const auto hidden = hide(file, password, cost); !hidden) return sdk::fail(hidden.error());
  }
  constexpr std::string_view kFirst = "untrusted comment: minisign encrypted secret key\n";  // also for one that is not: minisign does so
  SecretBytes out(kFirst.begin(), kFirst.end());
  out.resize(kFirst.size() + (kWhole + 2) / 3 * 4 + 1);
  EVP_EncodeBlock(out.data() + kFirst.size(), file.data(), static_cast<int>(file.size()));
  out.back() = '\n';  // where it wrote a NUL
  return out;
}

sdk::Result<bool> needs_password(const SecretBytes& file) {
  return decoded(file).map([](const SecretBytes& bytes) { return view_of(bytes).starts_with(kEncrypted); });
}

sdk::Result<MinisignSecret> read_minisign_secret(const SecretBytes& file, const SecretBytes& password) {
  auto bytes = decoded(file);
  if (!bytes) return sdk::fail(bytes.error());
  if (view_of(*bytes).starts_with(kEncrypted)) {
    const PasswordCost cost{read_number(*bytes, kCost), read_number(*bytes, kCost + 8)};
    if (cost.operations > PasswordCost().operations || cost.memory > PasswordCost().memory)
      return sdk::fail(sdk::Errc::unsupported, "a password of this key costs more than minisign ever asks for");
    if (const auto shown = hide(*bytes, password, cost); !shown) return sdk::fail(shown.error());
    if (sum_of(*bytes) != SecretBytes(bytes->begin() + kHidden + kKeyPart, bytes->end()))
      return sdk::fail(sdk::Errc::denied, "this is not the password of the key");
  }
  const unsigned char* seed = bytes->data() + kHidden + kId;
  if (public_half(seed) != view_of(*bytes).substr(kHidden + kId + kSeed, kPublic))
    return sdk::fail(sdk::Errc::invalid, "this key is damaged: its two halves do not belong together");
  return secret_of(view_of(*bytes).substr(kHidden, kId), seed);
}

sdk::Result<std::string> sign(const MinisignSecret& secret, std::string_view message, std::string_view trusted_comment) {
  const bool printable = std::none_of(trusted_comment.begin(), trusted_comment.end(),
                                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (!printable || trusted_comment.size() > 1000 || sdk::valid_utf8(trusted_comment, 1000) != trusted_comment)
    return sdk::fail(sdk::Errc::invalid, "a trusted comment is one line of printable text, at most 1000 bytes");
  std::string digest(64, '\0');
  if (EVP_Digest(message.data(), message.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_blake2b512(), nullptr) !=
      1)  // NOLINT
    throw std::runtime_error("libcrypto has no BLAKE2b");
  const std::string signature = signature_of(secret, digest);
  const std::string id = sdk::from_base64(to_text(secret.public_key)).value().substr(2, kId);
  return std::string(kComment) + "signature with key " + secret.public_key.id + "\n" + sdk::to_base64("ED" + id + signature) +
         "\ntrusted comment: " + std::string(trusted_comment) + "\n" +
         sdk::to_base64(signature_of(secret, signature + std::string(trusted_comment))) + "\n";
}

}  // namespace upkeep::core

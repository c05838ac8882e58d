// SPDX-License-Identifier: Apache-2.0
// A key is 42 bytes: "Ed", key id (8, little-endian), Ed25519 key. A signature is 74: "Ed" or "ED", key id, signature.
#include "core/minisign.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <vector>

#include "sdk/base64.h"
#include "sdk/text.h"

namespace upkeep::core {
namespace {

constexpr std::string_view kUntrusted = "untrusted comment: ", kTrusted = "trusted comment: ";
constexpr std::size_t kKeyBytes = 42, kSignatureBytes = 74;

// Points of small order: whoever knows the format can sign for such a key, for one of zeros too, which a template may hold.
constexpr std::array<std::string_view, 7> kWeakKeys = {
    "0000000000000000000000000000000000000000000000000000000000000000", "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"};

template <typename Bytes>
std::string hex(const Bytes& bytes, const char* form) {
  std::string out;
  for (const auto byte : bytes) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), form, static_cast<unsigned>(static_cast<unsigned char>(byte)));
    out += digits.data();
  }
  return out;
}

std::string id_of(std::string_view bytes) { return hex(std::string(bytes.rbegin(), bytes.rend()), "%02X"); }

bool anybody_signs_for(std::array<std::uint8_t, 32> key) {
  key[31] &= 0x7f;  // the sign of x
  return std::find(kWeakKeys.begin(), kWeakKeys.end(), hex(key, "%02x")) != kWeakKeys.end();
}

// Without what ends them: "a\r\nb\n" is a and b.
std::vector<std::string_view> minisign_lines(std::string_view text) {
  auto out = sdk::split(text, '\n');
  if (out.back().empty()) out.pop_back();
  for (auto& line : out)
    if (line.ends_with('\r')) line.remove_suffix(1);
  return out;
}

std::string_view as_text(const std::array<std::uint8_t, 64>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};  // NOLINT
}

std::string blake2b(std::string_view message) {
  std::string out(64, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());  // NOLINT
  if (EVP_Digest(message.data(), message.size(), to, nullptr, EVP_blake2b512(), nullptr) != 1)
    throw std::runtime_error("libcrypto has no BLAKE2b");
  return out;
}

bool verifies(const std::array<std::uint8_t, 32>& key, std::string_view message, const std::array<std::uint8_t, 64>& signature) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> with(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()),
                                                            EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> run(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (!with || !run || EVP_DigestVerifyInit(run.get(), nullptr, nullptr, nullptr, with.get()) != 1)
    throw std::runtime_error("libcrypto has no Ed25519");
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());  // NOLINT
  return EVP_DigestVerify(run.get(), signature.data(), signature.size(), bytes, message.size()) == 1;
}

}  // namespace

sdk::Result<MinisignKey> parse_minisign_key(std::string_view text) {
  if (text.size() > kMostSignatureBytes) return sdk::fail(sdk::Errc::invalid, "this is no key of minisign: it is too long");
  const auto lines = minisign_lines(text);
  const bool file = lines.size() == 2 && lines[0].starts_with(kUntrusted);
  if (!file && lines.size() != 1)
    return sdk::fail(sdk::Errc::invalid, "this is no key of minisign: it is neither one line nor an untrusted comment and one line");
  const auto bytes = sdk::from_base64(lines.back());
  if (!bytes || bytes->size() != kKeyBytes || !bytes->starts_with("Ed"))
    return sdk::fail(sdk::Errc::invalid, "this is no public key of minisign, which is 56 characters of base64 that begin with RW");
  MinisignKey out{.id = id_of(std::string_view(*bytes).substr(2, 8))};
  std::copy(bytes->begin() + 10, bytes->end(), out.key.begin());
  if (anybody_signs_for(out.key)) return sdk::fail(sdk::Errc::invalid, "this is a key that anybody could sign for");
  return out;
}

std::string to_text(const MinisignKey& key) {
  std::string bytes = "Ed";
  for (std::size_t at = key.id.size(); at >= 2; at -= 2) bytes += static_cast<char>(std::stoi(key.id.substr(at - 2, 2), nullptr, 16));
  bytes.append(key.key.begin(), key.key.end());
  return sdk::to_base64(bytes);
}

sdk::Result<MinisignSignature> parse_minisign_signature(std::string_view text) {
  const auto wrong = [](const std::string& what) { return sdk::fail(sdk::Errc::invalid, "this is no signature of minisign: " + what); };
  if (text.size() > kMostSignatureBytes) return wrong("it has more than " + std::to_string(kMostSignatureBytes) + " bytes");
  const auto lines = minisign_lines(text);
  if (lines.size() != 4) return wrong("it has " + std::to_string(lines.size()) + " lines instead of 4");
  if (!lines[0].starts_with(kUntrusted)) return wrong("line 1 is no untrusted comment");
  if (!lines[2].starts_with(kTrusted)) return wrong("line 3 is no trusted comment");
  const auto bytes = sdk::from_base64(lines[1]), global = sdk::from_base64(lines[3]);
  if (!bytes || bytes->size() != kSignatureBytes) return wrong("line 2 is not 74 bytes in base64");
  if (!global || global->size() != 64) return wrong("line 4 is not 64 bytes in base64");
  if (!bytes->starts_with("ED") && !bytes->starts_with("Ed")) return wrong("its algorithm is neither ED nor Ed");
  MinisignSignature out{.key_id = id_of(std::string_view(*bytes).substr(2, 8)), .prehashed = (*bytes)[1] == 'D'};
  std::copy(bytes->begin() + 10, bytes->end(), out.signature.begin());
  out.trusted_comment = lines[2].substr(kTrusted.size());
  std::copy(global->begin(), global->end(), out.global.begin());
  return out;
}

sdk::Result<void> verify(const MinisignKey& key, std::string_view message, const MinisignSignature& signature) {
  if (signature.key_id != key.id)
    return sdk::fail(sdk::Errc::denied, "it is signed with key " + sdk::quoted(signature.key_id) + ", not with " + key.id);
  if (!verifies(key.key, signature.prehashed ? blake2b(message) : std::string(message), signature.signature))
    return sdk::fail(sdk::Errc::denied, "the signature with key " + key.id + " is not one of these bytes");
  if (!verifies(key.key, std::string(as_text(signature.signature)) + signature.trusted_comment, signature.global))
    return sdk::fail(sdk::Errc::denied, "the trusted comment is not the one that was signed with key " + key.id);
  return {};
}

}  // namespace upkeep::core

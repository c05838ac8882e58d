// SPDX-License-Identifier: Apache-2.0
// Ed25519 with a prefix: the RFC's example, and the equation beside libcrypto's own.

#include <gtest/gtest.h>

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <string>

#include "shared/oci/ed25519ph.h"

namespace upkeep::test {
namespace {

using oci::verifies_ed25519;
using oci::verifies_ed25519ph;

std::string bytes_from_hex(const std::string& digits) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); i += 2) out += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return out;
}

// RFC 8032, section 7.3.
const std::string kRfcKey = bytes_from_hex("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf");
const std::string kRfcSignature = bytes_from_hex(
    "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406");

struct PlainSigner {
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free};
  [[nodiscard]] std::string public_key() const {
    std::array<unsigned char, 32> out{};
    std::size_t size = out.size();
    EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size);
    return {out.begin(), out.end()};
  }
  [[nodiscard]] std::string sign(const std::string& message) const {
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::array<unsigned char, 64> out{};
    std::size_t size = out.size();
    EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get());
    EVP_DigestSign(context.get(), out.data(), &size, reinterpret_cast<const unsigned char*>(message.data()), message.size());  // NOLINT
    return {out.begin(), out.end()};
  }
};

TEST(OciEd25519ph, TheExampleOfTheRfcVerifies) {
  EXPECT_TRUE(verifies_ed25519ph(kRfcKey, "abc", kRfcSignature));
  EXPECT_FALSE(verifies_ed25519ph(kRfcKey, "abd", kRfcSignature));
  EXPECT_FALSE(verifies_ed25519(kRfcKey, "", "abc", kRfcSignature)) << "as plain Ed25519 it is none";
  for (std::size_t at = 0; at < kRfcSignature.size(); at += 7) {
    std::string bent = kRfcSignature;
    bent[at] = static_cast<char>(bent[at] ^ 0x10);
    EXPECT_FALSE(verifies_ed25519ph(kRfcKey, "abc", bent)) << at;
  }
}

TEST(OciEd25519ph, TheEquationIsLibcryptos) {
  for (int i = 0; i < 20; ++i) {
    const PlainSigner signer, other;
    const std::string message(static_cast<std::size_t>(i) * 13, 'm'), signature = signer.sign(message);
    EXPECT_TRUE(verifies_ed25519(signer.public_key(), "", message, signature));
    EXPECT_FALSE(verifies_ed25519(other.public_key(), "", message, signature));
    EXPECT_FALSE(verifies_ed25519(signer.public_key(), "", message + "!", signature));
    EXPECT_FALSE(verifies_ed25519ph(signer.public_key(), message, signature));
  }
}

TEST(OciEd25519ph, ThereIsOneSignatureAndNoOtherFormOfIt) {
  // S + the order of the base point satisfies the equation as well.
  const std::string order = bytes_from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  std::string larger = kRfcSignature;
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned char>(larger[32 + i]) + static_cast<unsigned>(static_cast<unsigned char>(order[i]));
    larger[32 + i] = static_cast<char>(carry & 0xffU);
    carry >>= 8U;
  }
  EXPECT_FALSE(verifies_ed25519ph(kRfcKey, "abc", larger));
  EXPECT_FALSE(verifies_ed25519ph(kRfcKey, "abc", kRfcSignature + "x"));
  EXPECT_FALSE(verifies_ed25519ph(kRfcKey, "abc", kRfcSignature.substr(1)));
  EXPECT_FALSE(verifies_ed25519ph(kRfcKey, "abc", ""));
}

TEST(OciEd25519ph, WhatIsNoPointIsNoKey) {
  for (const char* key : {"", "ec17", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // y is the prime itself
                          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "0100000000000000000000000000000000000000000000000000000000000080",   // x is 0, and would have to be odd
                          "0200000000000000000000000000000000000000000000000000000000000000"})  // not on the curve
    EXPECT_FALSE(verifies_ed25519ph(bytes_from_hex(key), "abc", kRfcSignature)) << key;
}

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The public half of a key that images are signed with, as `cosign public-key` and openssl write it.

#include <memory>
#include <string>
#include <string_view>

#include "sdk/result.h"

using EVP_PKEY = struct evp_pkey_st;

namespace upkeep::oci {

class PublicKey {
 public:
  // One key in PEM: ECDSA on P-256 or P-384, RSA of 2048 to 8192 bits, Ed25519. invalid: anything else, with the reason.
  [[nodiscard]] static sdk::Result<PublicKey> parse(std::string_view pem);

  // Whether the signature is one of these bytes: ECDSA (ASN.1) and RSA (PKCS #1 v1.5) over their SHA-256, on P-384 also over their
  // SHA-384 (bundles are signed so), Ed25519 over themselves or, as today's cosign does, over their SHA-512 (Ed25519ph).
  [[nodiscard]] bool verifies(std::string_view message, std::string_view signature) const;

  // "ECDSA P-256 key 65dc6f41fbcac4c9": the beginning of the id.
  [[nodiscard]] std::string shown() const;
  // SHA-256 of its SubjectPublicKeyInfo, 64 hexadecimal digits.
  [[nodiscard]] const std::string& id() const { return id_; }

 private:
  enum class Kind { p256, p384, rsa, ed25519 };
  struct Free {
    void operator()(EVP_PKEY* key) const;
  };
  PublicKey(std::unique_ptr<EVP_PKEY, Free> key, Kind kind, std::string id) : key_(std::move(key)), kind_(kind), id_(std::move(id)) {}

  std::unique_ptr<EVP_PKEY, Free> key_;
  Kind kind_;
  std::string id_;
};

}  // namespace upkeep::oci

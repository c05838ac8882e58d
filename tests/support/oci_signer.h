// SPDX-License-Identifier: Apache-2.0
#pragma once
// Signs images as cosign does, in both its forms. libcrypto's own calls, nothing of what is tested.

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base64.h"

namespace upkeep::test {

class OciSigner {
 public:
  // "P-256", "P-384", "P-521", "RSA-BITS", "ED25519"
  explicit OciSigner(const std::string& kind) {
    if (kind.starts_with("RSA-"))
      key_.reset(EVP_RSA_gen(static_cast<unsigned>(std::stoul(kind.substr(4)))));
    else if (kind == "ED25519")
      key_.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    else
      key_.reset(EVP_EC_gen(kind.c_str()));
    if (!key_) throw std::logic_error("no key");
    hash_ = kind == "ED25519" ? nullptr : EVP_sha256();
  }
  void hash_with(const EVP_MD* hash) { hash_ = hash; }

  [[nodiscard]] std::string pem() const {
    return written([&](BIO* to) { return PEM_write_bio_PUBKEY(to, key_.get()); });
  }
  [[nodiscard]] std::string private_pem() const {
    return written([&](BIO* to) { return PEM_write_bio_PrivateKey(to, key_.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  }

  // The raw signature.
  [[nodiscard]] std::string sign(std::string_view message) const {
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());  // NOLINT
    std::size_t size = 0;
    if (EVP_DigestSignInit(context.get(), nullptr, hash_, nullptr, key_.get()) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) != 1)
      throw std::logic_error("not signed");
    std::vector<unsigned char> out(size);
    if (EVP_DigestSign(context.get(), out.data(), &size, bytes, message.size()) != 1) throw std::logic_error("not signed");
    return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size)};
  }
  [[nodiscard]] std::string sign_base64(std::string_view message) const { return sdk::to_base64(sign(message)); }

  // A bundle around any statement.
  [[nodiscard]] std::string bundle(const std::string& statement) const {
    const std::string type = "application/vnd.in-toto+json";
    const std::string signed_text =
        "DSSEv1 " + std::to_string(type.size()) + " " + type + " " + std::to_string(statement.size()) + " " + statement;
    return nlohmann::json{{"mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json"},
                          {"verificationMaterial", {{"publicKey", {{"hint", "x"}}}}},
                          {"dsseEnvelope",
                           {{"payload", sdk::to_base64(statement)},
                            {"payloadType", type},
                            {"signatures", nlohmann::json::array({{{"sig", sign_base64(signed_text)}}})}}}}
        .dump();
  }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  template <typename Write>
  static std::string written(Write write) {
    const std::unique_ptr<BIO, int (*)(BIO*)> memory(BIO_new(BIO_s_mem()), BIO_free);
    if (write(memory.get()) != 1) throw std::logic_error("no PEM");
    char* data = nullptr;
    const auto length = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(length)};
  }

  std::unique_ptr<EVP_PKEY, Free> key_;
  const EVP_MD* hash_ = nullptr;
};

// One of each kind for the whole program: to make one takes a while.
inline const OciSigner& p256_signer() {
  static const OciSigner kSigner("P-256");
  return kSigner;
}

// What cosign signs of an image.
inline std::string simple_payload(const std::string& digest, const std::string& type = "cosign container image signature") {
  return nlohmann::json{
      {"critical",
       {{"identity", {{"docker-reference", "elsewhere/app"}}}, {"image", {{"docker-manifest-digest", digest}}}, {"type", type}}},
      {"optional", nullptr}}
      .dump();
}
inline std::string sign_statement(const std::string& digest, const std::string& predicate = "https://sigstore.dev/cosign/sign/v1") {
  return nlohmann::json{{"_type", "https://in-toto.io/Statement/v1"},
                        {"subject", nlohmann::json::array({{{"digest", {{"sha256", digest.substr(7)}}}}})},
                        {"predicateType", predicate},
                        {"predicate", nlohmann::json::object()}}
      .dump();
}

}  // namespace upkeep::test

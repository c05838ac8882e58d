// SPDX-License-Identifier: Apache-2.0
#include "shared/oci/public_key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <optional>
#include <utility>

#include "shared/oci/digest.h"
#include "shared/oci/ed25519ph.h"

namespace upkeep::oci {

using sdk::Errc;
using sdk::fail;
using sdk::Result;

namespace {

// A longer modulus costs milliseconds a signature, and nobody has one.
constexpr int kLeastRsaBits = 2048, kMostRsaBits = 8192;
constexpr std::size_t kMostPem = 16 * 1024;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }  // NOLINT

std::string id_of(EVP_PKEY* key) {
  const int size = i2d_PUBKEY(key, nullptr);
  if (size <= 0) return "";
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* end = reinterpret_cast<unsigned char*>(der.data());  // NOLINT
  if (i2d_PUBKEY(key, &end) != size) return "";
  return digest_of(der).substr(std::string_view("sha256:").size());
}

std::string curve_of(EVP_PKEY* key) {
  std::array<char, 64> name{};
  std::size_t size = 0;
  return EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) == 1 ? std::string(name.data(), size) : "";
}

// Of an Ed25519 key.
std::string raw_of(EVP_PKEY* key) {
  std::array<unsigned char, 32> bytes{};
  std::size_t size = bytes.size();
  return EVP_PKEY_get_raw_public_key(key, bytes.data(), &size) == 1 ? std::string(bytes.begin(), bytes.end()) : "";
}

bool matches(EVP_PKEY* key, const EVP_MD* hash, std::string_view message, std::string_view signature) {
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  const bool good = EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, key) == 1 &&
                    EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace

void PublicKey::Free::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

Result<PublicKey> PublicKey::parse(std::string_view pem) {
  if (pem.size() > kMostPem) return fail(Errc::invalid, "is longer than " + std::to_string(kMostPem) + " bytes");
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos)
    return fail(Errc::invalid, "holds a private key, which belongs to who signs: put the public one there");
  const auto first = pem.find("-----BEGIN ");
  if (first != std::string_view::npos && pem.find("-----BEGIN ", first + 1) != std::string_view::npos)
    return fail(Errc::invalid, "holds more than one key: each has a file of its own");
  const std::unique_ptr<BIO, FreeBio> memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::unique_ptr<EVP_PKEY, Free> key(PEM_read_bio_PUBKEY(memory.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!key) return fail(Errc::invalid, "holds no public key in PEM (\"-----BEGIN PUBLIC KEY-----\")");

  std::optional<Kind> kind;
  const int type = EVP_PKEY_get_base_id(key.get()), bits = EVP_PKEY_get_bits(key.get());
  if (type == EVP_PKEY_RSA) {
    if (bits < kLeastRsaBits || bits > kMostRsaBits)
      return fail(Errc::invalid, "holds an RSA key of " + std::to_string(bits) + " bits; it must have 2048 to 8192");
    kind = Kind::rsa;
  } else if (type == EVP_PKEY_EC) {
    const std::string curve = curve_of(key.get());
    if (curve == "prime256v1") kind = Kind::p256;
    if (curve == "secp384r1") kind = Kind::p384;
  } else if (type == EVP_PKEY_ED25519) {
    kind = Kind::ed25519;
  }
  std::string id = id_of(key.get());
  if (!kind || id.empty()) return fail(Errc::invalid, "holds a key of another kind than ECDSA P-256, ECDSA P-384, RSA and Ed25519");
  return PublicKey(std::move(key), *kind, std::move(id));
}

bool PublicKey::verifies(std::string_view message, std::string_view signature) const {
  if (kind_ == Kind::ed25519)
    return matches(key_.get(), nullptr, message, signature) || verifies_ed25519ph(raw_of(key_.get()), message, signature);
  return matches(key_.get(), EVP_sha256(), message, signature) ||
         (kind_ == Kind::p384 && matches(key_.get(), EVP_sha384(), message, signature));
}

std::string PublicKey::shown() const {
  constexpr std::size_t kShownDigits = 16;
  const char* kind = kind_ == Kind::p256 ? "ECDSA P-256" : kind_ == Kind::p384 ? "ECDSA P-384" : kind_ == Kind::rsa ? "RSA" : "Ed25519";
  return std::string(kind) + " key " + id_.substr(0, kShownDigits);
}

}  // namespace upkeep::oci

// SPDX-License-Identifier: Apache-2.0
#include "source/gcs/jwt.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

namespace upkeep::plugins::gcs {

using nlohmann::json;
using sdk::Errc;
using sdk::fail;
using sdk::Result;

namespace {

constexpr std::chrono::seconds kAssertionLife = std::chrono::hours(1);  // the longest that Google takes
constexpr int kMostKeyBits = 8192;                                      // a larger one costs seconds to sign with

struct FreeCrypto {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// For a key with a passphrase: without this libcrypto would ask the terminal.
int no_passphrase(char* /*unused*/, int /*unused*/, int /*unused*/, void* /*unused*/) { return -1; }

std::string base64url(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out += kDigits[bits >> (count - 6) & 63U];
  }
  if (count > 0) out += kDigits[bits << (6 - count) & 63U];
  return out;
}

// nullopt: libcrypto cannot sign with this key.
std::optional<std::string> rs256(EVP_PKEY* key, std::string_view text) {
  const std::unique_ptr<EVP_MD_CTX, FreeCrypto> context(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());  // NOLINT
  std::size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1) return std::nullopt;
  if (EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1) return std::nullopt;
  std::vector<unsigned char> signature(size);
  if (EVP_DigestSign(context.get(), signature.data(), &size, bytes, text.size()) != 1) return std::nullopt;
  return std::string(signature.begin(), signature.begin() + static_cast<std::ptrdiff_t>(size));
}

}  // namespace

Result<std::string> signed_assertion(const ServiceAccount& account, const std::string& scope, sdk::TimePoint now) {
  const std::unique_ptr<BIO, FreeCrypto> pem(BIO_new_mem_buf(account.private_key.data(), static_cast<int>(account.private_key.size())));
  const std::unique_ptr<EVP_PKEY, FreeCrypto> key(PEM_read_bio_PrivateKey(pem.get(), nullptr, &no_passphrase, nullptr));
  ERR_clear_error();
  if (!key) return fail(Errc::invalid, "\"private_key\" holds no private key in PEM, or one with a passphrase");
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key.get()) > kMostKeyBits)
    return fail(Errc::invalid, "\"private_key\" is no RSA key of at most 8192 bits");

  const auto issued = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  json head = {{"alg", "RS256"}, {"typ", "JWT"}};
  if (!account.key_id.empty()) head["kid"] = account.key_id;
  const json claims = {
      {"iss", account.email}, {"scope", scope}, {"aud", account.token_uri}, {"iat", issued}, {"exp", issued + kAssertionLife.count()}};
  const std::string text = base64url(head.dump()) + "." + base64url(claims.dump());
  const auto signature = rs256(key.get(), text);
  if (!signature) {
    ERR_clear_error();
    return fail(Errc::invalid, "nothing can be signed with \"private_key\"");
  }
  return text + "." + base64url(*signature);
}

}  // namespace upkeep::plugins::gcs

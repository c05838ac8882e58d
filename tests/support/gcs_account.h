// SPDX-License-Identifier: Apache-2.0
#pragma once
// A service account with a key of its own, as Google's file would describe it.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace upkeep::test {

inline const std::string kMetadataPlace = "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token";
inline const std::string kMetadataTokens = kMetadataPlace + "?scopes=SCOPE";

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using OwnedKey = std::unique_ptr<EVP_PKEY, FreeKey>;

// PEM, PKCS#8, as Google writes it. `passphrase`: encrypts it.
inline std::string pem_of(EVP_PKEY* key, const char* passphrase = nullptr) {
  BIO* memory = BIO_new(BIO_s_mem());
  const auto* bytes = reinterpret_cast<const unsigned char*>(passphrase);  // NOLINT
  const int size = passphrase ? static_cast<int>(std::string(passphrase).size()) : 0;
  if (PEM_write_bio_PrivateKey(memory, key, passphrase ? EVP_aes_128_cbc() : nullptr, bytes, size, nullptr, nullptr) != 1)
    throw std::logic_error("no PEM");
  char* data = nullptr;
  const auto length = BIO_get_mem_data(memory, &data);
  std::string out(data, static_cast<std::size_t>(length));
  BIO_free(memory);
  return out;
}

// One for the whole program: making it takes a tenth of a second.
inline EVP_PKEY* rsa_key() {
  static const OwnedKey kKey(EVP_RSA_gen(2048));
  return kKey.get();
}

inline std::string service_account_file(const std::string& token_uri = "https://oauth2.googleapis.com/token") {
  const nlohmann::json file = {{"type", "service_account"},
                               {"project_id", "demo"},
                               {"private_key_id", "0123abcd"},
                               {"private_key", pem_of(rsa_key())},
                               {"client_email", "upkeep@demo.iam.gserviceaccount.com"},
                               {"client_id", "1234"},
                               {"auth_uri", "https://accounts.google.com/o/oauth2/auth"},
                               {"token_uri", token_uri},
                               {"universe_domain", "googleapis.com"}};
  return file.dump(2);
}

}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Signs documents as minisign does, with keys that a letter stands for. libcrypto's own calls, nothing of what is tested.

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "core/minisign.h"

namespace upkeep::test {

class Signer {
 public:
  // The same letter is the same key.
  explicit Signer(char letter) : letter_(letter), pair_(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed().data(), 32)) {
    std::size_t size = key_.key.size();
    if (pair_ == nullptr || EVP_PKEY_get_raw_public_key(pair_.get(), key_.key.data(), &size) != 1) throw std::runtime_error("no key");
    const char* digits = "0123456789ABCDEF";
    for (int i = 0; i < 8; ++i) key_.id += {digits[(letter >> 4) & 15], digits[letter & 15]};
  }

  [[nodiscard]] const core::MinisignKey& key() const { return key_; }
  [[nodiscard]] const std::string& id() const { return key_.id; }

  // The text of a .minisig file.
  [[nodiscard]] std::string sign(const std::string& bytes, const std::string& comment = "a test") const {
    unsigned char hash[64];
    EVP_Digest(bytes.data(), bytes.size(), hash, nullptr, EVP_blake2b512(), nullptr);
    const std::string signature = raw(std::string(reinterpret_cast<char*>(hash), 64));
    return "untrusted comment: a test\n" + base64("ED" + std::string(8, letter_) + signature) + "\ntrusted comment: " + comment + "\n" +
           base64(raw(signature + comment)) + "\n";
  }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  [[nodiscard]] std::basic_string<unsigned char> seed() const {
    return std::basic_string<unsigned char>(32, static_cast<unsigned char>(letter_));
  }
  [[nodiscard]] std::string raw(const std::string& bytes) const {
    const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
    unsigned char out[64];
    std::size_t size = sizeof out;
    EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pair_.get());
    if (EVP_DigestSign(context.get(), out, &size, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) != 1)
      throw std::runtime_error("not signed");
    return {reinterpret_cast<char*>(out), size};
  }
  static std::string base64(const std::string& bytes) {
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                                       static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(length));
    return out;
  }

  char letter_;
  std::unique_ptr<EVP_PKEY, Free> pair_;
  core::MinisignKey key_;
};

}  // namespace upkeep::test

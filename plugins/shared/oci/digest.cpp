// SPDX-License-Identifier: Apache-2.0
#include "shared/oci/digest.h"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace upkeep::oci {

std::string digest_of(std::string_view bytes) {
  std::array<unsigned char, 32> hash{};
  if (EVP_Digest(bytes.data(), bytes.size(), hash.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("libcrypto has no SHA-256");
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "sha256:";
  for (const unsigned char byte : hash) {
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

}  // namespace upkeep::oci

// SPDX-License-Identifier: Apache-2.0
#include "sdk/base64.h"

#include <openssl/evp.h>

namespace upkeep::sdk {
namespace {

const unsigned char* bytes_of(const std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }  // NOLINT
unsigned char* room_in(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }                         // NOLINT

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4, '\0');  // the NUL that libcrypto writes behind it has its place in a std::string
  EVP_EncodeBlock(room_in(out), bytes_of(bytes), static_cast<int>(bytes.size()));
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(room_in(out), bytes_of(text), static_cast<int>(text.size())) != static_cast<int>(out.size())) return std::nullopt;
  out.resize(out.size() - (text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0));  // it makes zeros of the padding
  return to_base64(out) == text ? std::optional(std::move(out)) : std::nullopt;       // and is generous with blanks and spare bits
}

}  // namespace upkeep::sdk

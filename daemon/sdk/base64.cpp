// SPDX-License-Identifier: Apache-2.0
#include "sdk/base64.h"

#include <cstdint>

namespace upkeep::sdk {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kBytes = 3, kSigns = 4;  // of a group
constexpr unsigned kSignBits = 6, kByteBits = 8;

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + kBytes - 1) / kBytes * kSigns);
  for (std::size_t at = 0; at < bytes.size(); at += kBytes) {
    const auto group = bytes.substr(at, kBytes);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < kBytes; ++i) bits = bits << kByteBits | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    for (std::size_t i = 0; i < kSigns; ++i) out += i <= group.size() ? kAlphabet[bits >> (kSignBits * (kSigns - 1 - i)) & 63U] : '=';
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % kSigns != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / kSigns * kBytes);
  for (std::size_t at = 0; at < text.size(); at += kSigns) {
    std::uint32_t bits = 0;
    std::size_t signs = 0;
    for (; signs < kSigns && text[at + signs] != '='; ++signs) {
      const auto value = kAlphabet.find(text[at + signs]);
      if (value == std::string_view::npos) return std::nullopt;
      bits |= static_cast<std::uint32_t>(value) << (kSignBits * (kSigns - 1 - signs));
    }
    if (signs < 2) return std::nullopt;
    for (std::size_t i = 0; i + 1 < signs; ++i) out += static_cast<char>(bits >> (kByteBits * (kBytes - 1 - i)) & 255U);
  }
  // One text for the same bytes: what else is decoded to them (padding in the middle, bits that are left over) is none.
  return to_base64(out) == text ? std::optional(out) : std::nullopt;
}

}  // namespace upkeep::sdk

// SPDX-License-Identifier: Apache-2.0
#include "core/blake2b.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace upkeep::core {
namespace {

using Words = std::array<std::uint64_t, 16>;
constexpr std::size_t kBlock = 128;

constexpr std::array<std::uint64_t, 8> kStart = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                                                 0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

// Which word of the message is mixed in where; rounds 11 and 12 are the first two again.
constexpr std::array<std::array<std::uint8_t, 16>, 10> kOrder = {{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                                                                  {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
                                                                  {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
                                                                  {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
                                                                  {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
                                                                  {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
                                                                  {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
                                                                  {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
                                                                  {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
                                                                  {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}}};

void mix(Words& v, std::size_t a, std::size_t b, std::size_t c, std::size_t d, std::uint64_t x, std::uint64_t y) {
  v[a] += v[b] + x;
  v[d] = std::rotr(v[d] ^ v[a], 32);
  v[c] += v[d];
  v[b] = std::rotr(v[b] ^ v[c], 24);
  v[a] += v[b] + y;
  v[d] = std::rotr(v[d] ^ v[a], 16);
  v[c] += v[d];
  v[b] = std::rotr(v[b] ^ v[c], 63);
}

// `read`: bytes of the message up to the end of this block.
void compress(std::array<std::uint64_t, 8>& state, const Words& message, std::uint64_t read, bool last) {
  Words v{};
  std::copy(state.begin(), state.end(), v.begin());
  std::copy(kStart.begin(), kStart.end(), v.begin() + 8);
  v[12] ^= read;
  if (last) v[14] = ~v[14];
  for (std::size_t round = 0; round < 12; ++round) {
    const auto& order = kOrder[round % kOrder.size()];
    for (std::size_t i = 0; i < 4; ++i) mix(v, i, 4 + i, 8 + i, 12 + i, message[order[2 * i]], message[order[2 * i + 1]]);
    for (std::size_t i = 0; i < 4; ++i)
      mix(v, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4, message[order[8 + 2 * i]], message[order[9 + 2 * i]]);
  }
  for (std::size_t i = 0; i < 8; ++i) state[i] ^= v[i] ^ v[i + 8];
  OPENSSL_cleanse(v.data(), sizeof v);
}

}  // namespace

SecretBytes blake2b(const SecretBytes& message, std::size_t size) {
  auto state = kStart;
  state[0] ^= 0x01010000 ^ size;
  for (std::size_t at = 0; at == 0 || at < message.size(); at += kBlock) {
    const std::size_t end = std::min(at + kBlock, message.size());
    Words block{};
    for (std::size_t i = at; i < end; ++i) block[(i - at) / 8] |= std::uint64_t{message[i]} << 8 * (i % 8);
    compress(state, block, end, end == message.size());
    OPENSSL_cleanse(block.data(), sizeof block);
  }
  SecretBytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<unsigned char>(state[i / 8] >> 8 * (i % 8));
  return out;
}

}  // namespace upkeep::core

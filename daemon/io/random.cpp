// SPDX-License-Identifier: Apache-2.0
#include "io/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace upkeep::io {

namespace {

std::uint64_t draw() {
  std::uint64_t bits = 0;
  // So few bytes come whole or not at all; it can only wait, early in the boot.
  while (getrandom(&bits, sizeof bits, 0) != sizeof bits)
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
  return bits;
}

}  // namespace

double RealRandom::unit() {
  return static_cast<double>(draw() >> 11) * 0x1.0p-53;  // as many bits as a double keeps exactly
}

std::string RealRandom::hex(std::size_t digits) {
  std::string out;
  while (out.size() < digits) {
    std::uint64_t bits = draw();
    for (int i = 0; i < 16 && out.size() < digits; ++i, bits >>= 4) out += "0123456789abcdef"[bits & 15];
  }
  return out;
}

}  // namespace upkeep::io

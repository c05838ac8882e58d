// SPDX-License-Identifier: Apache-2.0
#include "core/spread.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace upkeep::core {
namespace {

// In [0, 1). `use` keeps a host that is late in one respect from being late in all.
double place(std::string_view use, std::string_view machine_id, std::string_view release) {
  std::string text;
  for (std::string_view part : {use, machine_id, release}) text.append(part).push_back('\0');
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("libcrypto has no SHA-256");
  }
  std::uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) bits = bits << 8 | digest.at(i);
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

}  // namespace

sdk::Millis spread_delay(std::string_view machine_id, std::string_view release, sdk::Millis spread, std::optional<sdk::Millis> left) {
  sdk::Millis most = left ? std::min(spread, *left / 2) : spread;
  if (most <= sdk::Millis(0)) return sdk::Millis(0);
  return sdk::Millis(static_cast<std::int64_t>(place("spread", machine_id, release) * (static_cast<double>(most.count()) + 1)));
}

double rollout_place(std::string_view machine_id, std::string_view release) { return 100 * place("rollout", machine_id, release); }

}  // namespace upkeep::core

// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the control server counts: its answers, and the readers of its event streams. Belongs to the server, and outlives
// every connection.

#include <array>
#include <cstdint>

namespace upkeep::control {

struct Traffic {
  std::array<std::uint64_t, 6> answers{};  // by the first digit of their status
  std::uint64_t readers = 0;               // of event streams, now
  std::uint64_t readers_dropped = 0;       // for falling too far behind

  void answered(int status) { ++answers.at(status >= 100 && status < 600 ? static_cast<std::size_t>(status / 100) : 0); }
};

}  // namespace upkeep::control

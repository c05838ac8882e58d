// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where something listens, as people write it: "127.0.0.1:3025", "[::1]:3025", "localhost:3025". No name is ever looked up.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/result.h"

namespace upkeep::sdk {

// The longest path of a unix socket, in bytes: sun_path without its end.
inline constexpr std::size_t kLongestSocketPath = 107;

struct SocketAddress {
  std::string host;  // without the brackets of an IPv6 address
  std::uint16_t port = 0;
  bool literal = false;  // an address or localhost, not a name that somebody would have to look up
  bool loopback = false;
};

// invalid: no host, no port (and none is assumed), or an address that nothing can be reached at (0.0.0.0, a group's).
[[nodiscard]] Result<SocketAddress> parse_socket_address(std::string_view text, std::uint16_t assumed_port = 0);

}  // namespace upkeep::sdk

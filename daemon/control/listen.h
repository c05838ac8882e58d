// SPDX-License-Identifier: Apache-2.0
#pragma once
// Listening sockets. The caller owns the descriptors; errors name the path or the address.

#include <string>

#include "sdk/result.h"

namespace upkeep::control {

// A unix socket that everybody may connect to (the peer is judged, not the file's mode). A socket that a dead daemon left
// behind is replaced; one on which somebody still listens, or a file that is no socket, is an error.
[[nodiscard]] sdk::Result<int> listen_unix(const std::string& path);

// "127.0.0.1:9464", "[::1]:9464": a numeric address and a port.
[[nodiscard]] sdk::Result<int> listen_tcp(const std::string& address);

}  // namespace upkeep::control

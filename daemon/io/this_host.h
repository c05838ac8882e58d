// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whether an address is this host's own, by the kernel's word and without a packet.

#include <string>

namespace upkeep::io {

// "10.1.2.3", "fe80::1", "localhost"; a name is nobody's.
[[nodiscard]] bool is_this_host(const std::string& address);

}  // namespace upkeep::io

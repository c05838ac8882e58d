// SPDX-License-Identifier: Apache-2.0
#pragma once
// No core dumps: the memory of a daemon that crashes holds tokens and client keys. The program says so itself, because in a pod
// there is no unit that does.

#include "sdk/result.h"

namespace upkeep::io {

// For this process, not for the programs that it starts; those inherit the limit alone. It also keeps other processes of the same
// user from reading its memory. On failure the process may still dump, and goes on.
[[nodiscard]] sdk::Result<void> forbid_core_dumps();

}  // namespace upkeep::io

// SPDX-License-Identifier: Apache-2.0
#pragma once
// One daemon a state folder: an flock on a file in it, held until the process ends.

#include <string>

#include "sdk/result.h"

namespace upkeep::io {

// Errc::busy: another process has it (its pid is in the message). The folder is made when it is missing.
[[nodiscard]] sdk::Result<void> lock_folder(const std::string& folder);

}  // namespace upkeep::io

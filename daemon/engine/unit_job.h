// SPDX-License-Identifier: Apache-2.0
#pragma once
// Starts a unit over the bus and waits until systemd says how it went.

#include <string>

#include "sdk/host.h"

namespace upkeep::engine {

// Success: the job is done (a oneshot: it has ended well). Errors: denied (names `upkeep enable`), timeout (still at it after
// `most`; nobody stops it), what the bus says, internal (it failed; says where to look).
sdk::Task<sdk::Result<void>> start_unit(sdk::Host& host, std::string unit, sdk::Millis most);

}  // namespace upkeep::engine

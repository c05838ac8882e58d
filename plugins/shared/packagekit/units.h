// SPDX-License-Identifier: Apache-2.0
#pragma once
// What an installer asks of the unit that it restarts.

#include <string>

#include "sdk/host.h"

namespace upkeep::shared::packagekit {

// ActiveState as systemd says it: "active", "failed", "inactive", "activating", …
[[nodiscard]] sdk::Task<sdk::Result<std::string>> active_state(sdk::Host& host, std::string unit);

// A unit's name that is fit for the bus and a policy rule: systemd's characters, a suffix, at most 255.
[[nodiscard]] bool is_unit_name(std::string_view name);

}  // namespace upkeep::shared::packagekit

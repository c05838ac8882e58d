// SPDX-License-Identifier: Apache-2.0
#pragma once
// Restarting, reloading and starting units over the bus, and waiting until systemd says how it went.

#include <string>

#include "sdk/host.h"

namespace upkeep::shared::packagekit {

enum class UnitVerb { start, restart, try_restart, reload };

// ActiveState as systemd says it: "active", "failed", "inactive", "activating", …
[[nodiscard]] sdk::Task<sdk::Result<std::string>> active_state(sdk::Host& host, std::string unit);

// Success: systemd's job is done (for a oneshot: it ended well). try_restart of a unit that does not run is a success.
// Errors: denied (names `sudo upkeep enable`), unsupported (no such unit), cancelled (another job took its place),
// timeout (still at it after `most`), internal (the job failed; says where to look).
[[nodiscard]] sdk::Task<sdk::Result<void>> run_unit_job(sdk::Host& host, UnitVerb verb, std::string unit, sdk::Millis most);

// The same, but success is that systemd has taken the job: it goes on by itself.
[[nodiscard]] sdk::Task<sdk::Result<void>> begin_unit_job(sdk::Host& host, UnitVerb verb, std::string unit);

// A unit's name that is fit for the bus and a policy rule: systemd's characters, a suffix, at most 255.
[[nodiscard]] bool is_unit_name(std::string_view name);

}  // namespace upkeep::shared::packagekit

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Starting, restarting and reloading units over the bus, and waiting until systemd says how it went.

#include <string>

#include "sdk/host.h"

namespace upkeep::sdk {

enum class UnitVerb { start, restart, try_restart, reload };

// Success: systemd's job is done (for a oneshot: it ended well). try_restart of a unit that does not run is a success.
// Errors: denied (names `sudo upkeep enable`), unsupported (no such unit), cancelled (another job took its place),
// timeout (still at it after `most`; nobody stops it), internal (the job failed; says where to look).
[[nodiscard]] Task<Result<void>> run_unit_job(Host& host, UnitVerb verb, std::string unit, Millis most);

// The same, but success is that systemd has taken the job: it goes on by itself.
[[nodiscard]] Task<Result<void>> begin_unit_job(Host& host, UnitVerb verb, std::string unit);

}  // namespace upkeep::sdk

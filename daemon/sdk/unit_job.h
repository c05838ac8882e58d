// SPDX-License-Identifier: Apache-2.0
#pragma once
// Starting, restarting and reloading units over the bus, and waiting until systemd says how it went. The daemon is not root:
// `upkeep enable AGENT` allows it the unit of the installer's key `restart` (sdk/restart.h) and those of hooks.

#include <memory>
#include <string>
#include <string_view>

#include "sdk/host.h"

namespace upkeep::sdk {

// Where systemd is on the bus.
inline constexpr const char* kSystemd = "org.freedesktop.systemd1";
inline constexpr const char* kSystemdPath = "/org/freedesktop/systemd1";
inline constexpr const char* kSystemdManager = "org.freedesktop.systemd1.Manager";

// A unit that can be started, with its suffix: "teleport.service", "foo@bar.timer". Begins with a letter or digit, at most one "@", at
// most 255 characters: fit for the bus, a command and a policy rule. The one rule for the configuration and for `upkeep enable`.
[[nodiscard]] bool is_unit_name(std::string_view text);

// Written by `upkeep enable AGENT`: while it does not exist, every verb on the agent's unit is denied.
[[nodiscard]] std::string enabled_file(std::string_view agent);

enum class UnitVerb { start, restart, try_restart, reload };

// The ends of systemd's jobs, as its signals JobRemoved (id, path, unit, result). To be had before a job is asked for: a quick one ends
// before its reply is read.
[[nodiscard]] Task<Result<std::unique_ptr<BusSignals>>> ends_of_jobs(Host& host);

// Success: systemd's job is done (for a oneshot: it ended well). try_restart of a unit that does not run is a success.
// Errors: denied (names `sudo upkeep enable`), unsupported (no such unit), cancelled (another job took its place),
// timeout (still at it after `most`; nobody stops it), internal (the job failed; says where to look).
[[nodiscard]] Task<Result<void>> run_unit_job(Host& host, UnitVerb verb, std::string unit, Millis most);

// The same, but success is that systemd has taken the job: it goes on by itself.
[[nodiscard]] Task<Result<void>> begin_unit_job(Host& host, UnitVerb verb, std::string unit);

}  // namespace upkeep::sdk

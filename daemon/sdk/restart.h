// SPDX-License-Identifier: Apache-2.0
#pragma once
// What installers that restart a unit have in common. The keys `restart` and `restart_how` are not a plugin's own: the default
// health check watches the unit that they name, and `upkeep enable` allows the daemon to restart it. So an installer whose agent
// has a unit takes them as they are.

#include <optional>
#include <string>
#include <vector>

#include "sdk/config.h"
#include "sdk/unit_job.h"

namespace upkeep::sdk {

inline constexpr KeySpec kRestartKey{.name = "restart",
                                     .fallback = "",
                                     .help = "unit that runs the agent, restarted after an installation; without it nothing is restarted"};
inline constexpr KeySpec kRestartHowKey{.name = "restart_how",
                                        .fallback = "try-restart",
                                        .help = "try-restart (only if it runs), restart, reload or none (the package restarts it itself)"};

struct Restart {
  std::string unit;             // empty: nothing to restart
  std::optional<UnitVerb> how;  // nullopt: nothing is done to the unit
};

// Of a table that passed check_restart.
[[nodiscard]] Restart read_restart(const Config& config);
// What the table of keys cannot say about the two.
[[nodiscard]] std::vector<ConfigIssue> check_restart(const Config& config);

// After an installation (activate). Errors are those of run_unit_job.
[[nodiscard]] Task<Result<void>> restart(Host& host, Restart what, Millis most);
// After a way back (revert): a try-restart leaves alone what does not run, but what the bad version made fail has to run again.
[[nodiscard]] Task<Result<void>> restart_after_revert(Host& host, Restart what, Millis most);

}  // namespace upkeep::sdk

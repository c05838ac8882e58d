// SPDX-License-Identifier: Apache-2.0
#pragma once
// Merged → validated: the daemon's own file.

#include "config/keys.h"
#include "core/settings.h"

namespace upkeep::config {

// upkeep.toml: one table of keys each. The state plugin's own keys are not among them.
[[nodiscard]] std::span<const sdk::KeySpec> daemon_keys();

// The state plugin's keys are left in `out.state.config` unchecked: no plugin can be looked up before the plugin folder is known.
void read_daemon(const sdk::Config& tree, core::DaemonSettings& out, Issues& issues);

}  // namespace upkeep::config

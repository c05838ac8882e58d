// SPDX-License-Identifier: Apache-2.0
#pragma once
// The package store of an agent: /var/lib/upkeep-store/AGENT, root's, readable by all. Each copy is a folder of its own that never
// changes once it has its name; `kept` says which there are, and becomes true by rename after the package manager has read them. A run that
// was killed leaves what `kept` says usable, and the next one finishes.
//
//   work/ ── filled and verified ──▶ N/ ──▶ next, source file ── it is read ──▶ kept ──▶ what is no longer kept goes

#include <string>

#include "root/grant.h"
#include "root/outside.h"

namespace upkeep::root {

// Makes the store's folder, link and pin.
[[nodiscard]] sdk::Result<void> open_store(Outside& outside, const Grant& grant);
// Takes away all of that, whichever package manager it is of: the agent may have got another installer meanwhile.
[[nodiscard]] sdk::Result<void> drop_store(Outside& outside, const std::string& agent);
// Keeps the installed version, and its predecessor. Nothing is done when that is so already. What goes wrong is also written into
// the store, for the daemon.
[[nodiscard]] sdk::Result<void> fill_store(Outside& outside, const Grant& grant);

}  // namespace upkeep::root

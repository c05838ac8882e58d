// SPDX-License-Identifier: Apache-2.0
#pragma once
// The package store of an agent: /var/lib/upkeep-store/AGENT, root's, readable by all. Each copy is a folder of its own that never
// changes once it has its name; `kept` says which there are, and becomes true by rename after apt has read them. A run that was killed
// leaves what `kept` says usable, and the next one finishes.
//
//   work/ ── filled and verified ──▶ N/ ──▶ next, apt.sources ── apt reads it ──▶ kept ──▶ what is no longer kept goes

#include <string>

#include "root/grant.h"
#include "root/outside.h"

namespace upkeep::root {

// What `enable` writes for it: the source file (a link to the store's own, so that filling it needs no right in /etc) and the pin.
[[nodiscard]] std::string store_link(const std::string& agent);
[[nodiscard]] std::string pin_path(const std::string& agent);
[[nodiscard]] std::string pin_text();

// Makes the store's folder, link and pin.
[[nodiscard]] sdk::Result<void> open_store(Outside& outside, const std::string& agent);
// Takes away all of that.
[[nodiscard]] sdk::Result<void> drop_store(Outside& outside, const std::string& agent);
// Keeps the installed version, and its predecessor. Nothing is done when that is so already. What goes wrong is also written into
// the store, for the daemon.
[[nodiscard]] sdk::Result<void> fill_store(Outside& outside, const Grant& grant);

}  // namespace upkeep::root

// SPDX-License-Identifier: Apache-2.0
#pragma once
// From configuration to installer, for hosts with rpm.

#include <memory>

#include "sdk/plugin.h"
#include "shared/native/tool.h"
#include "shared/packages/installer.h"
#include "shared/rpm/database.h"

namespace upkeep::shared::rpm {

// How the repository of a copy in Upkeep's own store of this agent is called, with the copy's folder behind it. No agent's name has a
// capital letter, so that no other agent's begins like that.
[[nodiscard]] std::string store_prefix(const std::string& agent);

// `backend`: PackageKit's word for the manager; `tool`: its own. `database` makes the rest, with a driver that outlives it.
[[nodiscard]] std::unique_ptr<sdk::Installer> make_installer(
    sdk::Host& host, const sdk::Config& config, const std::string& backend, const native::Tool& tool,
    std::unique_ptr<packages::PackageDatabase> (*database)(sdk::Host& host, packages::Driver& driver));

}  // namespace upkeep::shared::rpm

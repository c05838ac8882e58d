// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who else on this host could move a package, besides a person: unattended-upgrades, and an offline update that PackageKit
// has been told to make at a restart. Looked up with what any user may read; what cannot be told is not said.

#include <string>
#include <string_view>
#include <vector>

#include "sdk/host.h"

namespace upkeep::plugins::apt {

// One sentence for each, with the remedy. `held`: somebody's hold is on the package, which unattended-upgrades respects.
[[nodiscard]] sdk::Task<std::vector<std::string>> other_updaters(sdk::Host& host, std::string package, bool held);

// Whether these settings (of `apt-config dump`) let unattended-upgrades run and do not keep it from this package.
[[nodiscard]] bool moved_unattended(std::string_view apt_config, std::string_view package);

}  // namespace upkeep::plugins::apt

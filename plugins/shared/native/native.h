// SPDX-License-Identifier: Apache-2.0
#pragma once
// The driver of hosts without PackageKit: it runs the package manager's own tool as a unit of its own, which outlives the daemon. Only a
// daemon that runs as root can have systemd make such units (conf/native.conf).

#include <memory>

#include "shared/native/tool.h"

namespace upkeep::shared::native {

// The host and the tool outlive it. `deadline`: the longest time of one run.
[[nodiscard]] std::unique_ptr<packages::Driver> make_native(sdk::Host& host, const Tool& tool, sdk::Millis deadline);

}  // namespace upkeep::shared::native

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who is at work, by the locks of files that package managers take.

#include <string>
#include <string_view>
#include <vector>

#include "sdk/host.h"

namespace upkeep::shared::packagekit {

// Whether somebody, be it us, holds a lock on one of these files, of which some may not exist. false also when that cannot be told. A
// packagekitd that has no transaction is not at work, though it may have kept the lock (1.2.6 does after a RepairSystem of a
// half-installed package).
[[nodiscard]] sdk::Task<bool> at_work(sdk::Host& host, std::vector<std::string> files);

// `locks` is /proc/locks, `inodes` what stat printed; a lock of process `but` does not count. Pure, for tests of hostile bytes.
[[nodiscard]] bool is_locked(std::string_view locks, std::string_view inodes, std::string_view but = "");

}  // namespace upkeep::shared::packagekit

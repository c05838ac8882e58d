// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the rpm database says, asked with rpm itself: it answers any user, also while packagekitd is down.
// Errors are transient or timeout (could not be run) and internal (an answer that cannot be read: never guessed).

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/host.h"
#include "shared/packages/database.h"

namespace upkeep::shared::rpm {

// The states of these packages, without holds; one that is not installed is not in the map. A package that is there in two versions of
// one architecture is broken: an exchange of them was interrupted before the old one was erased; its version is that which came last.
[[nodiscard]] sdk::Task<sdk::Result<std::map<std::string, packages::PackageState>>> query_states(sdk::Host& host,
                                                                                                 std::vector<std::string> packages);
[[nodiscard]] sdk::Result<std::map<std::string, packages::PackageState>> parse_states(std::string_view output);

// rpm's own order of "[EPOCH:]VERSION-RELEASE": below 0, 0, or above 0 (rpmvercmp; epoch, version and release each by it).
[[nodiscard]] int compare_versions(std::string_view a, std::string_view b);

}  // namespace upkeep::shared::rpm

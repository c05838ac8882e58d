// SPDX-License-Identifier: Apache-2.0
#pragma once
// An offline update: what PackageKit has been told (by a desktop, say) to install when the machine is restarted for it.

#include <string>
#include <string_view>

#include "sdk/host.h"

namespace upkeep::shared::packagekit {

// What it would do to the package, in a sentence with the remedy; empty: nothing.
[[nodiscard]] std::string prepared_update(sdk::Host& host, const std::string& package);

// The version that it (the file prepared-update) has for this package; empty: it leaves it alone.
[[nodiscard]] std::string moved_offline(std::string_view prepared, std::string_view package);

}  // namespace upkeep::shared::packagekit

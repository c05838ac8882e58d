// SPDX-License-Identifier: Apache-2.0
#pragma once
// What dpkg and apt know, asked with their own read-only tools: they answer any user, also while packagekitd is down.
// Errors are transient or timeout (could not be run) and internal (an answer that cannot be read: never guessed).

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/host.h"
#include "shared/packages/database.h"

namespace upkeep::plugins::apt {

using shared::packages::Offered;
using shared::packages::PackageState;

// The states of these packages; one that dpkg has never heard of is not in the map.
[[nodiscard]] sdk::Task<sdk::Result<std::map<std::string, PackageState>>> query_states(sdk::Host& host, std::vector<std::string> packages);

// dpkg has a journal of its own which a run that ended properly leaves empty. It is not empty while dpkg works, either.
[[nodiscard]] sdk::Result<bool> journal_pending(sdk::Host& host);

// The versions of a package in the lists that apt and PackageKit read, newest first; a package that is in none: empty.
// Upkeep's own store is left out: what it lists, the origin may have withdrawn.
[[nodiscard]] sdk::Task<sdk::Result<std::vector<Offered>>> query_offers(sdk::Host& host, std::string package);

// These parse what the outside says; pure, for tests of hostile bytes.
[[nodiscard]] sdk::Result<std::map<std::string, PackageState>> parse_states(std::string_view output);
[[nodiscard]] sdk::Result<std::vector<Offered>> parse_offers(std::string_view output, std::string_view package);

}  // namespace upkeep::plugins::apt

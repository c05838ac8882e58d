// SPDX-License-Identifier: Apache-2.0
#pragma once
// A package manager's own tools, where they only read.

#include <string>
#include <vector>

#include "sdk/host.h"

namespace upkeep::shared::packages {

// What it says. An exit status above `allowed` is transient, with the tool's own words; more than 1 MiB is internal.
[[nodiscard]] sdk::Task<sdk::Result<std::string>> run_tool(sdk::Host& host, std::vector<std::string> argv, int allowed);

}  // namespace upkeep::shared::packages

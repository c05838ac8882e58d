// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which package manager this host has, found out at once: for `use = "auto"` in an agent's file, which is read before anything runs.

#include <string>

#include "sdk/host.h"

namespace upkeep::io {

struct PackageFamily {
  std::string installer;  // "apt", "yum" or "zypper"
  std::string why;        // for people
};

// By the rule of sdk/package_family.h. Waits for PackageKit, which may have to be started, for at most 20 s.
[[nodiscard]] sdk::Result<PackageFamily> find_package_family(sdk::Files& files);

}  // namespace upkeep::io

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Is what would be done what was asked for? Package managers fall back silently: apt answers "success" and installs
// another version, or nothing, or removes half a system. This check stands between a dry run and anything real.

#include <map>
#include <string>
#include <vector>

#include "sdk/installer.h"
#include "shared/packages/driver.h"

namespace upkeep::shared::packages {

struct Wish {
  std::vector<sdk::PlanItem> moves;           // exact; the agent's package first, then those that move with it
  bool downgrade = false;                     // a lower version is wanted
  std::map<std::string, std::string> others;  // packages that belong to other agents of this host → the agent
  std::string explain;                        // a command that tells what keeps a version out of reach, without the package
  std::string who = "PackageKit";             // makes the dry run
};

// The names that a dry run would touch, each once, in order.
[[nodiscard]] std::vector<std::string> plan_touches(const Report& dry_run);

// The plan, the agent's package first, or Errc::invalid with what stands in the way. `installed` has the versions of the
// packages that plan_touches named (absent: not installed).
[[nodiscard]] sdk::Result<sdk::Plan> judge_plan(const Wish& wish, const Report& dry_run,
                                                const std::map<std::string, std::string>& installed);

}  // namespace upkeep::shared::packages

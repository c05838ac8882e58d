// SPDX-License-Identifier: Apache-2.0
#pragma once
// Is what PackageKit would do what was asked for? Backends fall back silently: apt answers "success" and installs
// another version, or nothing, or removes half a system. This check stands between its dry run and anything real.

#include <map>
#include <string>
#include <vector>

#include "sdk/installer.h"
#include "shared/packagekit/transaction.h"

namespace upkeep::shared::packagekit {

struct Wish {
  std::string package;
  std::string from;                           // installed now; empty: not installed
  std::string to;                             // exact version
  bool downgrade = false;                     // a lower version is wanted
  std::map<std::string, std::string> others;  // packages that belong to other agents of this host → the agent
  std::string explain;                        // a command that tells what keeps a version out of reach
};

// The names that a dry run would touch, each once, in order. Errc::internal: an id that cannot be read.
[[nodiscard]] sdk::Result<std::vector<std::string>> plan_touches(const Outcome& dry_run);

// The plan, the agent's package first, or Errc::invalid with what stands in the way. `installed` has the versions of the
// packages that plan_touches named (absent: not installed). Versions are judged by ids; of the infos only those that
// take something away, bar it or lower it count, because zypp says "installing" for everything.
[[nodiscard]] sdk::Result<sdk::Plan> judge_plan(const Wish& wish, const Outcome& dry_run,
                                                const std::map<std::string, std::string>& installed);

}  // namespace upkeep::shared::packagekit

// SPDX-License-Identifier: Apache-2.0
#pragma once
// What root does for an agent. Every verb may be run again at any time; one that was cut short is finished by running it again.

#include <string>

#include "root/grant.h"
#include "root/outside.h"

namespace upkeep::root {

struct EnableOptions {
  bool hold = true;
  bool store = true;
  bool dry_run = false;  // only show
};

// Writes the polkit rule, the hold, the package store and the record that the daemon reads, in an order in which no hold is ever ours
// without a record of it. A store that cannot be filled yet is no failure: the daemon has it tried again.
[[nodiscard]] sdk::Result<void> enable(Outside& outside, const std::string& agent, EnableOptions options);
// Takes all of it away again. An agent that was never enabled is fine.
[[nodiscard]] sdk::Result<void> disable(Outside& outside, const std::string& agent);
// Puts the recorded hold back; without a record there is nothing to do.
[[nodiscard]] sdk::Result<void> hold(Outside& outside, const std::string& agent);
// Keeps the installed version in the package store of an enabled agent.
[[nodiscard]] sdk::Result<void> store(Outside& outside, const std::string& agent);
// Keeps the configuration files of an enabled agent's package, and puts back what going back has replaced.
[[nodiscard]] sdk::Result<void> conffiles(Outside& outside, const std::string& agent);
// Of an agent that is enabled and has a package: what was interrupted may be finished on its behalf.
[[nodiscard]] sdk::Result<Grant> enabled_grant(Outside& outside, const std::string& agent);

}  // namespace upkeep::root

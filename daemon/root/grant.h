// SPDX-License-Identifier: Apache-2.0
#pragma once
// What one agent is granted, as root's own configuration says, and the texts that grant it. Names are matched against
// strict patterns before they become part of anything.

#include <string>
#include <vector>

#include "root/package_manager.h"
#include "sdk/host.h"

namespace upkeep::root {

struct Grant {
  std::string agent;
  std::string package;                      // empty: the installer manages no package
  std::string unit;                         // empty: nothing is restarted
  std::vector<std::string> hook_units;      // that may be started around an operation
  bool reads_logs = false;                  // a probe of it reads the logs of units
  const PackageManager* manager = nullptr;  // of the package
};

// From /etc/upkeep/agents.d/AGENT.toml and its drop-ins. Reads only what a grant needs; the daemon judges the rest.
[[nodiscard]] sdk::Result<Grant> read_grant(sdk::Files& files, const std::string& agent);

// The polkit rule (JavaScript).
[[nodiscard]] std::string rule_text(const Grant& grant);
// What the daemon reads to know that the agent is enabled: one line of JSON.
[[nodiscard]] std::string record_text(const Grant& grant, bool hold, bool store);

}  // namespace upkeep::root

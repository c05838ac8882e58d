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
  std::vector<std::string> packages;        // alternatives, the installed one is the agent; none: the installer manages no package
  std::vector<std::string> companions;      // that move with it where they are installed
  std::string unit;                         // empty: nothing is restarted
  std::vector<std::string> hook_units;      // that may be started around an operation
  bool reads_logs = false;                  // a probe of it reads the logs of units
  const PackageManager* manager = nullptr;  // of the packages

  [[nodiscard]] std::vector<std::string> all() const;  // alternatives and companions
};

// From /etc/upkeep/agents.d/AGENT.toml and its drop-ins. Reads only what a grant needs; the daemon judges the rest. `automatic`: what
// `use = "auto"` was found to be earlier; nullptr: it is found out, as the daemon does.
[[nodiscard]] sdk::Result<Grant> read_grant(Outside& outside, const std::string& agent, const PackageManager* automatic = nullptr);

// What is installed of it: the agent's package first, which is the alternative that is there, or else the first; then the companions
// that are there.
[[nodiscard]] sdk::Result<std::vector<Package>> look(Outside& outside, const Grant& grant);

// The polkit rule (JavaScript).
[[nodiscard]] std::string rule_text(const Grant& grant);
// What the daemon reads to know that the agent is enabled: one line of JSON.
[[nodiscard]] std::string record_text(const Grant& grant, bool hold, bool store);

}  // namespace upkeep::root

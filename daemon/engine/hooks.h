// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs one hook of an operator, or starts its unit, and says how it ended. A failure is an answer, never an exception.

#include <map>
#include <string>
#include <vector>

#include "core/hooks.h"
#include "sdk/host.h"

namespace upkeep::engine {

struct HookEnd {
  bool ok = false;
  std::string detail;              // "before_apply (/usr/local/sbin/drain): exit status 3: no such pool"
  std::vector<std::string> lines;  // for the record: how it ended and after how long, then the last lines of its output
};

// `environment` is for a command only: what an unprivileged daemon says must not become a root unit's environment.
sdk::Task<HookEnd> run_hook(sdk::Host& host, core::Hook hook, core::HookSettings settings, std::map<std::string, std::string> environment);

}  // namespace upkeep::engine

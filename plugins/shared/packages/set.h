// SPDX-License-Identifier: Apache-2.0
#pragma once
// The packages of one agent on this host: the variant that is installed, and the companions that move with it.

#include <map>
#include <string>
#include <vector>

#include "shared/packages/database.h"

namespace upkeep::shared::packages {

// Exact versions by name; empty: not installed.
using Versions = std::map<std::string, std::string>;

struct PackageSet {
  std::string name;                                // the variant that is the agent
  PackageState state;                              // and its state
  std::map<std::string, PackageState> companions;  // those that are installed, whole or not
  std::vector<std::string> surplus;                // other variants that are installed beside it

  [[nodiscard]] bool broken() const { return worst().second->broken; }
  // The one to talk of: a broken one, else the agent's.
  [[nodiscard]] std::pair<std::string, const PackageState*> worst() const;
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] Versions with() const;      // of the companions
  [[nodiscard]] Versions versions() const;  // of all; of the agent only where it has companions
};

// Out of what the database says of all names. Not installed at all: the first variant.
[[nodiscard]] PackageSet pick_set(const std::vector<std::string>& variants, const std::vector<std::string>& with,
                                  std::map<std::string, PackageState> states);

// What an operation's note says behind its first line: the versions of before, for the way back.
[[nodiscard]] std::string baseline_text(const Versions& versions);
// A line that cannot be read is none.
[[nodiscard]] Versions baseline_of(const std::string& note);
// The first line.
[[nodiscard]] std::string begun_of(const std::string& note);

}  // namespace upkeep::shared::packages

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The package store as the daemon sees it: root's, and believed for that reason alone. It is no offer: what is in it is there for going
// back, and for nothing else.

#include <optional>
#include <string>
#include <vector>

#include "sdk/host.h"
#include "sdk/installer.h"
#include "sdk/kept.h"
#include "shared/packages/set.h"

namespace upkeep::shared::packages {

struct Store {
  bool open = false;              // `upkeep enable` has made one for the agent
  std::vector<sdk::Kept> copies;  // only those whose files are there
  std::string problem;            // why it could not be filled the last time; empty: it could
  // The copy whose agent this is; nullptr: none.
  [[nodiscard]] const sdk::Kept* find(const std::string& package, const std::string& version) const;
  // The copy that has this, be it a companion.
  [[nodiscard]] const sdk::Kept* find_any(const std::string& package, const std::string& version) const;
  // Of this package, which is one of the agent's `variants` or a companion.
  [[nodiscard]] std::vector<std::string> versions_of(const std::string& package, const std::vector<std::string>& variants) const;
  // All of it, in the versions that are installed.
  [[nodiscard]] bool has(const PackageSet& set) const;
};
// `source`: the file that root makes there for the package manager (PackageManager::store_file).
[[nodiscard]] Store read_store(sdk::Host& host, const std::string& source);

// The releases below this one that could be gone back to, the highest first.
[[nodiscard]] std::vector<std::string> lower_versions(const std::optional<sdk::Version>& installed, const std::vector<Offered>& offers,
                                                      const Store& store);

// How `version` could be had again.
[[nodiscard]] sdk::WayBack way_back(const std::string& agent, const std::string& package, const std::string& version,
                                    const std::vector<Offered>& offers, const Store& store);

}  // namespace upkeep::shared::packages

// SPDX-License-Identifier: Apache-2.0
#include "root/package_manager.h"

#include <algorithm>

namespace upkeep::root {

const std::vector<PackageManager>& package_managers() {
  static const std::vector<PackageManager> kAll = {apt()};
  return kAll;
}

const PackageManager* package_manager(std::string_view installer) {
  const auto& all = package_managers();
  const auto at = std::find_if(all.begin(), all.end(), [&](const PackageManager& one) { return one.installer == installer; });
  return at == all.end() ? nullptr : &*at;
}

}  // namespace upkeep::root

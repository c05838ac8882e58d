// SPDX-License-Identifier: Apache-2.0
#include "sdk/installer.h"

namespace upkeep::sdk {

std::string shown(const PlanItem& item) {
  return item.package + " " + (item.from.empty() ? "(new)" : item.from) + " -> " + (item.to.empty() ? "(removed)" : item.to);
}

bool alarming(Happened what) { return what != Happened::started && what != Happened::committed; }

Task<Result<void>> Installer::fetch(const Change& /*change*/) { co_return Result<void>(); }
Task<Result<void>> Installer::keep() { co_return Result<void>(); }

Task<Result<void>> Installer::changed() {
  co_await never();
  co_return Result<void>();
}

}  // namespace upkeep::sdk

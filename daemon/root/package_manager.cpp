// SPDX-License-Identifier: Apache-2.0
#include "root/package_manager.h"

#include <algorithm>

#include "sdk/root_helper.h"
#include "sdk/text.h"
#include "sdk/unit_job.h"
#include "sdk/version.h"

namespace upkeep::root {

const std::vector<PackageManager>& package_managers() {
  static const std::vector<PackageManager> kAll = {apt(), yum(), zypper()};
  return kAll;
}

const PackageManager* package_manager(std::string_view installer) {
  const auto& all = package_managers();
  const auto at = std::find_if(all.begin(), all.end(), [&](const PackageManager& one) { return one.installer == installer; });
  return at == all.end() ? nullptr : &*at;
}

sdk::Result<Enabled> enabled(sdk::Files& files, const std::string& agent) {
  const auto record = files.read(sdk::enabled_file(agent), 4096);
  if (!record) return sdk::fail("the agent is not enabled", record.error());
  const auto packages = sdk::packages_of(*record);
  for (const auto& name : packages)
    if (!sdk::is_package_name(name))
      return sdk::fail(sdk::Errc::invalid, sdk::enabled_file(agent) + ": " + sdk::quoted(name) + " is no name of a package");
  for (const auto& one : package_managers())
    if (record->find(sdk::enabled_installer(one.installer)) != std::string::npos) return Enabled{&one, packages};
  return sdk::fail(sdk::Errc::unsupported, "its installer manages no packages");
}

}  // namespace upkeep::root

// SPDX-License-Identifier: Apache-2.0
// What is there, waited for and repaired: dpkg and rpm may have been killed in the middle of a change, by us or by anybody.
#include <chrono>

#include "sdk/root_helper.h"
#include "sdk/unit_job.h"
#include "shared/packagekit/installer.h"
#include "shared/packagekit/roles.h"

namespace upkeep::shared::packagekit {

using sdk::Errc;
using namespace std::chrono_literals;

sdk::Task<sdk::Result<PackageKitInstaller::Sight>> PackageKitInstaller::look() {
  auto state = co_await this->state();
  if (!state) co_return sdk::fail(state.error());
  const auto pending = database_->pending();
  if (!pending) co_return sdk::fail(pending.error());
  Sight sight{std::move(*state), *pending};
  if (!sight.settled()) sight.working = co_await database_->at_work();
  co_return sight;
}

sdk::Task<sdk::Result<void>> PackageKitInstaller::repair() {
  co_return co_await sdk::run_unit_job(host_, sdk::UnitVerb::start, sdk::root_unit(sdk::RootHelper::repair, host_.agent()),
                                       settings_.deadline);
}

sdk::Task<sdk::Result<PackageKitInstaller::Sight>> PackageKitInstaller::settle() {
  auto sight = co_await look();
  // While somebody's package manager works, the package looks as if that had been interrupted.
  for (int again = 0; sight && sight->working && again < 30; ++again) {
    host_.progress({std::nullopt, "waiting for another package manager, which is at work"});
    co_await host_.clock().sleep_for(2s);
    sight = co_await look();
  }
  if (!sight) co_return sdk::fail(sight.error());
  if (sight->working && sight->state.broken) {
    co_return sdk::fail(Errc::busy, "another package manager is at work, and " + settings_.package + " is " + sight->state.status);
  }
  if (sight->settled()) unmended_.clear();
  if (sight->settled() || sight->working) co_return sight;
  if (sight->state.status == unmended_) {  // what comes next is an installation, which mends more
    sight->state.broken = true;
    co_return sight;
  }
  host_.log(sdk::LogLevel::warn,
            manager().name + " stopped halfway (" + settings_.package + " is " + sight->state.status + "): repairing once");
  co_return co_await repair_once();
}

sdk::Task<sdk::Result<PackageKitInstaller::Sight>> PackageKitInstaller::repair_once() {
  const auto repaired = co_await repair();
  std::string detail = repaired ? "" : repaired.error().message;
  auto sight = co_await look();
  if (!sight) co_return sdk::fail(sight.error());
  if (!sight->settled()) {
    // A helper that succeeded and left it unconfigured has refrained from running scripts that took the machine down: so does
    // PackageKit then.
    sdk::Result<void> asked;
    if (!repaired || sight->state.half_installed) asked = co_await repair_system(host_, settings_.deadline);
    if (!asked) detail += (detail.empty() ? "" : "; ") + asked.error().message;
    if (!asked && asked.error().code == Errc::busy) co_return sdk::fail(asked.error());
    sight = co_await look();
    if (!sight) co_return sdk::fail(sight.error());
  }
  if (!sight->settled()) {
    sight->state.broken = true;
    unmended_ = sight->state.status;
    detail = settings_.package + " is " + sight->state.status + " after one repair: `" + manager().finish + "` tells why" +
             (detail.empty() ? "" : " (" + detail + ")");
  }
  sight->detail = std::move(detail);
  co_return sight;
}

}  // namespace upkeep::shared::packagekit

// SPDX-License-Identifier: Apache-2.0
// What is there, waited for and repaired: dpkg and rpm may have been killed in the middle of a change, by us or by anybody.
#include <chrono>

#include "sdk/root_helper.h"
#include "sdk/unit_job.h"
#include "shared/packages/installer.h"

namespace upkeep::shared::packages {

using sdk::Errc;
using namespace std::chrono_literals;

sdk::Task<sdk::Result<PackageInstaller::Sight>> PackageInstaller::look() {
  auto set = co_await look_at_set();
  if (!set) co_return sdk::fail(set.error());
  const auto pending = database_->pending();
  if (!pending) co_return sdk::fail(pending.error());
  Sight sight{std::move(*set), *pending};
  if (!sight.settled()) sight.working = co_await database_->at_work();
  co_return sight;
}

sdk::Task<sdk::Result<void>> PackageInstaller::repair() {
  co_return co_await sdk::run_unit_job(host_, sdk::UnitVerb::start, sdk::root_unit(sdk::RootHelper::repair, host_.agent()),
                                       settings_.deadline);
}

sdk::Task<sdk::Result<PackageInstaller::Sight>> PackageInstaller::settle() {
  auto sight = co_await look();
  // While somebody's package manager works, the package looks as if that had been interrupted.
  for (int again = 0; sight && sight->working && again < 30; ++again) {
    host_.progress({std::nullopt, "waiting for another package manager, which is at work"});
    co_await host_.clock().sleep_for(2s);
    sight = co_await look();
  }
  if (!sight) co_return sdk::fail(sight.error());
  const auto [name, state] = sight->set.worst();
  if (sight->working && state->broken)
    co_return sdk::fail(Errc::busy, "another package manager is at work, and " + name + " is " + state->status);
  if (sight->settled()) unmended_.clear();
  if (sight->settled() || sight->working) co_return sight;
  if (state->status == unmended_) {  // what comes next is an installation, which mends more
    sight->set.state.broken = true;
    co_return sight;
  }
  host_.log(sdk::LogLevel::warn, manager().name + " stopped halfway (" + name + " is " + state->status + "): repairing once");
  co_return co_await repair_once();
}

sdk::Task<sdk::Result<PackageInstaller::Sight>> PackageInstaller::repair_once() {
  const auto repaired = co_await repair();
  std::string detail = repaired ? "" : repaired.error().message;
  auto sight = co_await look();
  if (!sight) co_return sdk::fail(sight.error());
  if (!sight->settled()) {
    // A helper that succeeded and left it unconfigured has refrained from running scripts that took the machine down: so does
    // PackageKit then.
    sdk::Result<void> asked;
    if (!repaired || sight->set.worst().second->half_installed) asked = co_await driver_->repair();
    if (!asked) detail += (detail.empty() ? "" : "; ") + asked.error().message;
    if (!asked && asked.error().code == Errc::busy) co_return sdk::fail(asked.error());
    sight = co_await look();
    if (!sight) co_return sdk::fail(sight.error());
  }
  if (!sight->settled()) {
    const auto [name, state] = sight->set.worst();
    sight->set.state.broken = true;
    unmended_ = state->status;
    detail = name + " is " + state->status + " after one repair: `" + manager().finish + "` tells why" +
             (detail.empty() ? "" : " (" + detail + ")");
  }
  sight->detail = std::move(detail);
  co_return sight;
}

}  // namespace upkeep::shared::packages

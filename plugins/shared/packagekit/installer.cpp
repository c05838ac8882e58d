// SPDX-License-Identifier: Apache-2.0
#include "shared/packagekit/installer.h"

#include <chrono>
#include <utility>

#include "sdk/root_helper.h"
#include "sdk/unit_job.h"

namespace upkeep::shared::packagekit {

using namespace std::chrono_literals;

sdk::Task<sdk::Result<PackageState>> PackageKitInstaller::state() {
  std::vector<std::string> packages;
  packages.push_back(settings_.package);
  auto states = co_await database_->states(std::move(packages));
  if (!states) co_return sdk::fail(states.error());
  co_return std::move((*states)[settings_.package]);
}

sdk::Task<sdk::Result<sdk::Installed>> PackageKitInstaller::inspect(const sdk::Version* target) {
  const auto& package = settings_.package;
  const auto state = co_await this->state();
  if (!state) co_return sdk::fail(state.error());
  sdk::Installed out;
  out.version = state->version;
  out.release = sdk::release_of(state->version);
  out.matches_target = target != nullptr && !state->broken && sdk::accepts(settings_.version_template, *target, state->version);
  if (state->broken)
    out.warnings.push_back(manager().name + " says that " + package + " is " + state->status + ": an installation runs or was interrupted");
  if (!state->version.empty() && !out.release) {
    out.warnings.push_back(package + " " + state->version + " is no semantic version: whether a release is newer or older cannot be told");
  }
  if (state->held) {
    const auto ours = hold_is_ours();
    if (!ours) out.warnings.push_back(ours.error().message);
    if (!ours || !*ours) out.held_by.push_back(manager().name + "'s hold on " + package + " (`" + manager().unhold + "` lifts it)");
  }
  // Written by `upkeep enable` beside the rule, with what it allows; without the rule every change would be denied.
  const auto enabled = host_.files().read(sdk::enabled_file(host_.agent()), 4096);
  if (!enabled || !sdk::is_enabled_for(*enabled, package))
    out.warnings.push_back("not enabled yet: `sudo upkeep enable " + host_.agent() + "` grants what installing and restarting it needs");
  if (!state->version.empty()) {
    auto updaters = co_await database_->other_updaters(state->held);
    out.warnings.insert(out.warnings.end(), std::make_move_iterator(updaters.begin()), std::make_move_iterator(updaters.end()));
  }
  const auto offers = co_await database_->offers();
  if (!offers) {
    out.way_back.text = "it cannot be told whether " + package + " " + state->version + " could be had again: " + offers.error().message;
    co_return out;
  }
  const auto store = this->store();
  out.way_back = way_back(host_.agent(), package, state->version, *offers, store);
  out.former = lower_versions(out.release, *offers, store);
  if (store.open && store.find(state->version) == nullptr && !state->version.empty() && !store.problem.empty())
    out.warnings.push_back("the package store does not have " + package + " " + state->version + " yet: " + store.problem +
                           "; tried again every hour");
  co_return out;
}

sdk::Task<sdk::Result<void>> PackageKitInstaller::activate(const sdk::Change& /*change*/) {
  auto done = co_await sdk::restart(host_, settings_.restart, settings_.deadline);
  co_return co_await hold_after(std::move(done));
}

sdk::Task<sdk::Result<void>> PackageKitInstaller::hold_after(sdk::Result<void> restarted) {
  if (auto held = co_await restore_hold(); !held) host_.log(sdk::LogLevel::warn, "putting our hold back: " + held.error().message);
  co_return restarted;
}

sdk::Result<bool> PackageKitInstaller::hold_is_ours() {
  const std::string path = sdk::hold_path(host_.agent());
  if (!host_.files().exists(path)) return false;
  const auto text = host_.files().read(path, 4096);
  if (!text) return sdk::fail("reading which holds are Upkeep's own", text.error());
  return ("\n" + *text + "\n").find("\n" + settings_.package + "\n") != std::string::npos;
}

sdk::Task<sdk::Result<void>> PackageKitInstaller::restore_hold() {
  const auto ours = hold_is_ours();
  if (!ours) co_return sdk::fail(ours.error());
  if (!*ours) co_return sdk::Result<void>();
  const auto state = co_await this->state();
  if (!state) co_return sdk::fail(state.error());
  if (state->held || state->version.empty()) co_return sdk::Result<void>();
  co_return co_await sdk::run_unit_job(host_, sdk::UnitVerb::start, sdk::root_unit(sdk::RootHelper::hold, host_.agent()),
                                       settings_.deadline);
}

// Filling the store is begun, not waited for: it may take as long as a network likes, and inspect sees what came of it.
sdk::Task<sdk::Result<void>> PackageKitInstaller::keep_copy() {
  const auto store = this->store();
  if (!store.open) co_return sdk::Result<void>();
  const auto state = co_await this->state();
  if (!state) co_return sdk::fail(state.error());
  if (state->version.empty() || state->broken || store.find(state->version) != nullptr) co_return sdk::Result<void>();
  co_return co_await sdk::begin_unit_job(host_, sdk::UnitVerb::start, sdk::root_unit(sdk::RootHelper::store, host_.agent()));
}

sdk::Task<sdk::Result<void>> PackageKitInstaller::keep() {
  const auto held = co_await restore_hold();
  auto kept = co_await keep_copy();
  if (!held) co_return held;
  co_return kept;
}

sdk::Task<sdk::Result<void>> PackageKitInstaller::changed() {
  if (!watch_) {
    auto watch = host_.files().watch(manager().status_file);
    if (watch) watch_ = std::move(*watch);
    // Once is enough: it is tried again at each look.
    if (!watch && !std::exchange(unwatched_, true))
      host_.log(sdk::LogLevel::warn, "looking for others' changes every five minutes only: " + watch.error().message);
  }
  if (watch_) {
    unwatched_ = false;
    auto woken = co_await watch_->next();
    if (woken) co_return woken;
    watch_.reset();
  }
  // Without a watch (the host has run out of them), look now and then.
  co_await host_.clock().sleep_for(5min);
  co_return sdk::Result<void>();
}

}  // namespace upkeep::shared::packagekit

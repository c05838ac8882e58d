// SPDX-License-Identifier: Apache-2.0
#include "shared/packages/installer.h"

#include <chrono>
#include <utility>

#include "sdk/root_helper.h"
#include "sdk/text.h"
#include "sdk/unit_job.h"
#include "shared/packages/text.h"

namespace upkeep::shared::packages {

using namespace std::chrono_literals;

namespace {

constexpr const char* kReboot = "reboot";  // in the state folder: the boot that wants to be the last, then what said so, a line each

}  // namespace

sdk::Task<sdk::Result<PackageSet>> PackageInstaller::look_at_set() {
  auto names = settings_.packages;
  names.insert(names.end(), settings_.with.begin(), settings_.with.end());
  auto states = co_await database_->states(std::move(names));
  if (!states) co_return sdk::fail(states.error());
  co_return pick_set(settings_.packages, settings_.with, std::move(*states));
}

sdk::Task<sdk::Result<sdk::Installed>> PackageInstaller::inspect(const sdk::Version* target) {
  // That it cannot work here is said now, not at the time of an upgrade; whoever does not answer now may then.
  const auto ready = co_await driver_->ready();
  if (!ready && ready.error().code == sdk::Errc::unsupported) co_return sdk::fail(ready.error());
  const auto set = co_await look_at_set();
  if (!set) co_return sdk::fail(set.error());
  const auto& package = set->name;
  const auto& version = set->state.version;
  sdk::Installed out;
  out.version = version;
  out.release = sdk::release_of(version);
  out.matches_target = target != nullptr && !set->state.broken && sdk::accepts(settings_.version_template, *target, version);
  if (const auto [name, state] = set->worst(); state->broken)
    out.warnings.push_back(manager().name + " says that " + name + " is " + state->status + ": an installation runs or was interrupted");
  for (const auto& other : set->surplus)
    out.warnings.push_back(other + " is installed beside " + package + ", and only the latter is kept at the channel's version");
  if (out.release)
    for (const auto& [name, its] : set->companions)
      if (!sdk::accepts(settings_.version_template, *out.release, its.version))
        out.warnings.push_back(name + " is at " + its.version + ", which is not of " + package + "'s release " + out.release->str() +
                               ": the next upgrade moves both");
  if (!version.empty() && !out.release)
    out.warnings.push_back(package + " " + version + " is no semantic version: whether a release is newer or older cannot be told");
  tell_holds(*set, out);
  tell_rights(*set, out);
  if (!version.empty()) {
    auto name = package;
    auto updaters = co_await database_->other_updaters(std::move(name), !set->state.holds.empty());
    out.warnings.insert(out.warnings.end(), std::make_move_iterator(updaters.begin()), std::make_move_iterator(updaters.end()));
  }
  co_await tell_reboot(out);
  auto name = package;
  const auto offers = co_await database_->offers(std::move(name));
  if (!offers) {
    out.way_back.text = "it cannot be told whether " + package + " " + version + " could be had again: " + offers.error().message;
    co_return out;
  }
  auto doubts = database_->doubts(*offers);
  out.warnings.insert(out.warnings.end(), std::make_move_iterator(doubts.begin()), std::make_move_iterator(doubts.end()));
  const auto store = this->store();
  out.way_back = way_back(host_.agent(), package, version, *offers, store);
  out.former = lower_versions(out.release, *offers, store);
  if (store.open && !version.empty() && !store.has(*set) && !store.problem.empty())
    out.warnings.push_back("the package store does not have " + package + " " + version + " yet: " + store.problem +
                           "; tried again every hour");
  co_return out;
}

void PackageInstaller::tell_holds(const PackageSet& set, sdk::Installed& out) {
  const auto ours = our_holds();
  if (!ours) out.warnings.push_back(ours.error().message);
  const auto tell = [&](const std::string& name, const PackageState& state) {
    const bool recorded = ours && ours->find("\n" + name + "\n") != std::string::npos;
    for (const auto& hold : state.holds)
      if (!hold.of_our_kind || !recorded) out.held_by.push_back(hold.where);
  };
  tell(set.name, set.state);
  for (const auto& [name, state] : set.companions) tell(name, state);
}

// Written by `upkeep enable` beside the rule, with what it allows; without the rule every change would be denied.
void PackageInstaller::tell_rights(const PackageSet& set, sdk::Installed& out) {
  const auto enabled = host_.files().read(sdk::enabled_file(host_.agent()), 4096);
  for (const auto& name : set.names()) {
    if (enabled && sdk::is_enabled_for(*enabled, name)) continue;
    out.warnings.push_back("not enabled yet: `sudo upkeep enable " + host_.agent() + "` grants what installing and restarting it needs" +
                           (enabled ? ", now that " + name + " belongs to it" : ""));
    return;
  }
}

// What an installation has asked for counts until the machine has been restarted; what the host says, as long as it says so.
sdk::Task<void> PackageInstaller::tell_reboot(sdk::Installed& out) {
  std::string why;
  if (host_.files().exists(kReboot)) {
    const auto noted = host_.files().read(kReboot, 4096);
    const auto lines = noted ? sdk::lines_of(*noted) : std::vector<std::string>();
    if (lines.size() > 1 && lines.front() == host_.clock().boot_id())
      for (std::size_t i = 1; i < lines.size(); ++i) why += (i == 1 ? "" : ", ") + one_line(lines[i], 200);
  }
  if (why.empty()) why = co_await database_->reboot_wanted();
  if (!why.empty()) out.warnings.push_back("the machine wants to be restarted (" + why + "): Upkeep leaves that to you");
}

void PackageInstaller::remember_reboot(const std::vector<std::string>& wanted) {
  if (wanted.empty()) return;
  std::string text = host_.clock().boot_id() + "\n";
  for (const auto& what : wanted) text += what + "\n";
  const auto written = host_.files().write_atomic(kReboot, text);
  if (!written) host_.log(sdk::LogLevel::warn, "noting that the machine wants to be restarted: " + written.error().message);
}

std::vector<sdk::Advice> PackageInstaller::advice(const sdk::Change& change) const {
  return database_->advice(settings_.packages.front(), change);
}

sdk::Task<sdk::Result<void>> PackageInstaller::activate(const sdk::Change& /*change*/) {
  auto done = co_await sdk::restart(host_, settings_.restart, settings_.deadline);
  co_return co_await hold_after(std::move(done));
}

sdk::Task<sdk::Result<void>> PackageInstaller::hold_after(sdk::Result<void> restarted) {
  if (auto held = co_await restore_hold(); !held) host_.log(sdk::LogLevel::warn, "putting our hold back: " + held.error().message);
  co_return restarted;
}

sdk::Result<std::string> PackageInstaller::our_holds() {
  const std::string path = sdk::hold_path(host_.agent());
  if (!host_.files().exists(path)) return std::string();
  const auto text = host_.files().read(path, 4096);
  if (!text) return sdk::fail("reading which holds are Upkeep's own", text.error());
  return "\n" + *text + "\n";
}

sdk::Task<sdk::Result<void>> PackageInstaller::restore_hold() {
  const auto ours = our_holds();
  if (!ours) co_return sdk::fail(ours.error());
  if (ours->empty()) co_return sdk::Result<void>();
  const auto set = co_await look_at_set();
  if (!set) co_return sdk::fail(set.error());
  const auto lost = [&](const std::string& name, const PackageState& state) {
    return state.holds.empty() && !state.version.empty() && ours->find("\n" + name + "\n") != std::string::npos;
  };
  bool any = lost(set->name, set->state);
  for (const auto& [name, state] : set->companions) any = any || lost(name, state);
  if (!any) co_return sdk::Result<void>();
  co_return co_await sdk::run_unit_job(host_, sdk::UnitVerb::start, sdk::root_unit(sdk::RootHelper::hold, host_.agent()),
                                       settings_.deadline);
}

// Filling the store is begun, not waited for: it may take as long as a network likes, and inspect sees what came of it.
sdk::Task<sdk::Result<void>> PackageInstaller::keep_copy() {
  const auto store = this->store();
  if (!store.open) co_return sdk::Result<void>();
  const auto set = co_await look_at_set();
  if (!set) co_return sdk::fail(set.error());
  if (set->state.version.empty() || set->broken() || store.has(*set)) co_return sdk::Result<void>();
  co_return co_await sdk::begin_unit_job(host_, sdk::UnitVerb::start, sdk::root_unit(sdk::RootHelper::store, host_.agent()));
}

sdk::Task<sdk::Result<void>> PackageInstaller::keep() {
  const auto held = co_await restore_hold();
  auto kept = co_await keep_copy();
  if (!held) co_return held;
  co_return kept;
}

sdk::Task<sdk::Result<void>> PackageInstaller::changed() {
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

}  // namespace upkeep::shared::packages

// SPDX-License-Identifier: Apache-2.0
#include "installer/apt/installer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "installer/apt/store.h"
#include "installer/apt/updaters.h"
#include "sdk/root_helper.h"
#include "sdk/text.h"
#include "shared/packagekit/plan.h"
#include "shared/packagekit/roles.h"

namespace upkeep::plugins::apt {

namespace pk = shared::packagekit;
using sdk::Errc;
using namespace std::chrono_literals;

namespace {

constexpr const char* kArchives = "/var/cache/apt/archives";

// Whether a message of apt speaks of this package, not of one whose name has it inside.
bool names_package(const std::string& message, const std::string& package) {
  const auto part_of_name = [](char c) { return sdk::is_letter(c) || sdk::is_digit(c) || c == '-' || c == '+' || c == '.'; };
  for (auto at = message.find(package); at != std::string::npos; at = message.find(package, at + 1)) {
    const auto end = at + package.size();
    if ((at == 0 || !part_of_name(message[at - 1])) && (end == message.size() || !part_of_name(message[end]))) return true;
  }
  return false;
}

// "demo-agent_1%3a2.3.4-1_": how the name of a downloaded package begins, whatever its architecture.
std::string archive_prefix(const std::string& package, const std::string& version) {
  std::string out = package + "_";
  for (const char c : version) out += c == ':' ? std::string("%3a") : std::string(1, c);
  return out + "_";
}

const Offered* find(const std::vector<Offered>& offers, const std::string& version) {
  const auto at = std::find_if(offers.begin(), offers.end(), [&](const Offered& offer) { return offer.version == version; });
  return at == offers.end() ? nullptr : &*at;
}

// "2.3.4-1, 2.3.3-1, … (12 in all)"
std::string listed(const std::vector<Offered>& offers) {
  constexpr std::size_t kMost = 8;
  std::string out;
  std::size_t shown = 0;
  for (const auto& offer : offers) {
    if (shown == kMost) break;
    out += (shown++ == 0 ? "" : ", ") + offer.version;
  }
  if (offers.empty()) return "no version at all";
  return offers.size() > kMost ? out + ", … (" + std::to_string(offers.size()) + " in all)" : out;
}

// The wanted version out of what is there; empty: it is not.
std::string pick(const pk::Settings& settings, const sdk::Change& change, const std::vector<Offered>& offers) {
  std::string wanted = change.to;
  if (wanted.empty()) {
    std::vector<std::string> versions;
    for (const auto& offer : offers) versions.push_back(offer.version);
    wanted = sdk::choose_package_version(settings.version_template, *change.target, versions).value_or("");
  }
  return find(offers, wanted) == nullptr ? std::string() : wanted;
}

}  // namespace

sdk::Task<sdk::Result<sdk::Installed>> AptInstaller::inspect(const sdk::Version* target) {
  const auto state = co_await query_state(host_, settings_.package);
  if (!state) co_return sdk::fail(state.error());
  sdk::Installed out;
  out.version = state->version;
  out.release = sdk::release_of(state->version);
  out.matches_target = target != nullptr && !state->broken && sdk::accepts(settings_.version_template, *target, state->version);
  if (state->broken)
    out.warnings.push_back("dpkg says that " + settings_.package + " is " + state->status + ": an installation runs or was interrupted");
  if (!state->version.empty() && !out.release) {
    out.warnings.push_back(settings_.package + " " + state->version +
                           " is no semantic version: whether a release is newer or older cannot be told");
  }
  if (state->held) {
    const auto ours = hold_is_ours();
    if (!ours) out.warnings.push_back(ours.error().message);
    if (!ours || !*ours)
      out.held_by.push_back("dpkg's hold on " + settings_.package + " (`apt-mark unhold " + settings_.package + "` lifts it)");
  }
  // Written by `upkeep enable` beside the rule; without the rule every change would be denied.
  if (!host_.files().exists(sdk::enabled_path(host_.agent())))
    out.warnings.push_back("not enabled yet: `sudo upkeep enable " + host_.agent() + "` grants what installing and restarting it needs");
  if (!state->version.empty()) {
    auto updaters = co_await other_updaters(host_, settings_.package, state->held);
    out.warnings.insert(out.warnings.end(), std::make_move_iterator(updaters.begin()), std::make_move_iterator(updaters.end()));
  }
  const auto offers = co_await query_offers(host_, settings_.package);
  if (!offers) {
    out.way_back.text =
        "it cannot be told whether " + settings_.package + " " + state->version + " could be had again: " + offers.error().message;
  } else {
    const auto store = read_store(host_);
    out.way_back = way_back(host_.agent(), settings_.package, state->version, *offers, store);
    out.former = lower_versions(out.release, *offers, store);
    if (store.open && store.find(state->version) == nullptr && !state->version.empty() && !store.problem.empty())
      out.warnings.push_back("the package store does not have " + settings_.package + " " + state->version + " yet: " + store.problem +
                             "; tried again every hour");
  }
  co_return out;
}

sdk::Task<sdk::Result<std::string>> AptInstaller::find_version(const sdk::Change& change) {
  if (change.to.empty() && !change.target) co_return sdk::fail(Errc::internal, "no version to install was named");
  // A way back waits for no network: what the lists or the store have is enough, and only for that do the store's copies count.
  if (change.downgrade) {
    auto there = co_await query_offers(host_, settings_.package);
    if (!there) co_return sdk::fail(there.error());
    for (const auto& copy : read_store(host_).copies) there->push_back({copy.version, "the package store"});
    const std::string found = pick(settings_, change, *there);
    if (!found.empty()) co_return found;
  }
  const auto age = co_await pk::age_of_lists(host_);
  if (!age) co_return sdk::fail(age.error());
  sdk::Result<void> refreshed;
  bool fresh = *age < settings_.refresh && !refused_;
  for (const bool last : {false, true}) {
    if (!fresh) {
      refreshed = co_await pk::refresh(host_, last, settings_.deadline);
      if (!refreshed) host_.log(sdk::LogLevel::warn, refreshed.error().message);
    }
    const auto offers = co_await query_offers(host_, settings_.package);
    if (!offers) co_return sdk::fail(offers.error());
    const std::string found = pick(settings_, change, *offers);
    // A failed refresh does no harm while the version is in the lists of before: they were verified when they were read,
    // and one broken repository of the host would otherwise stop every agent.
    if (!found.empty()) co_return found;
    if (last || !fresh) {
      const std::string wanted = change.to.empty() ? "release " + change.target->str() : change.to;
      std::string text = "no repository of this host offers " + settings_.package + " for " + wanted + "; offered: " + listed(*offers);
      if (change.downgrade)
        for (const auto& copy : read_store(host_).copies) text += "; in the package store: " + copy.version;
      if (!refreshed) co_return sdk::fail(text, refreshed.error());
      co_return sdk::fail(Errc::invalid, text);
    }
    fresh = false;
  }
  co_return sdk::fail(Errc::internal, "unreachable");
}

sdk::Task<sdk::Result<sdk::Plan>> AptInstaller::prepare(const sdk::Change& change) {
  auto to = co_await find_version(change);
  if (!to) {
    refused_ = to.error().code == Errc::invalid;
    co_return sdk::fail(to.error());
  }
  const auto now = co_await query_state(host_, settings_.package);
  if (!now) co_return sdk::fail(now.error());
  const Step step{std::move(*to), change.downgrade};
  auto plan = co_await dry_run(step, *now);
  refused_ = !plan && (plan.error().code == Errc::invalid || plan.error().code == Errc::denied);
  co_return plan;
}

// By the very call that would install it, so that what it needs comes along. Asks for no rights: any user may download.
sdk::Task<sdk::Result<void>> AptInstaller::fetch(const sdk::Change& change) {
  const auto now = co_await query_state(host_, settings_.package);
  if (!now) co_return sdk::fail(now.error());
  auto transaction = co_await pk::Transaction::create(host_);
  if (!transaction) co_return sdk::fail(transaction.error());
  (*transaction)->run_in_background();
  const auto flags = pk::kOnlyTrusted | pk::kOnlyDownload | (change.downgrade ? pk::kAllowDowngrade : 0);
  const auto outcome = co_await pk::install(**transaction, flags, package_id(change.to, *now), settings_.deadline);
  if (!outcome) co_return sdk::fail(outcome.error());
  if (const auto failed = pk::failure(*outcome, host_.agent())) co_return sdk::fail(failed->error);
  // Success may mean another version, or none.
  const auto names = host_.files().list(kArchives);
  if (!names) co_return sdk::fail("looking for what was downloaded", names.error());
  const auto prefix = archive_prefix(settings_.package, change.to);
  const auto there = [&](const std::string& name) { return name.starts_with(prefix) && name.ends_with(".deb"); };
  if (std::any_of(names->begin(), names->end(), there)) co_return sdk::Result<void>();
  co_return sdk::fail(Errc::internal, "PackageKit says that it downloaded " + settings_.package + " " + change.to + ", but " + kArchives +
                                          " does not have it; is Dir::Cache::archives another folder?");
}

sdk::Task<sdk::Result<sdk::Plan>> AptInstaller::dry_run(const Step& step, const PackageState& now) {
  auto transaction = co_await pk::Transaction::create(host_);
  if (!transaction) co_return sdk::fail("dry run", transaction.error());
  const auto flags = pk::kOnlyTrusted | pk::kSimulate | (step.downgrade ? pk::kAllowDowngrade : 0);
  const auto outcome = co_await pk::install(**transaction, flags, package_id(step.to, now), settings_.deadline);
  if (!outcome) co_return sdk::fail("dry run", outcome.error());
  if (const auto failed = pk::failure(*outcome, host_.agent())) {
    auto error = failed->error;
    // An agent's package that is held, by us or by anybody, is in the way as much as one that would be changed.
    for (const auto& [package, agent] : settings_.others)
      if (names_package(error.message, package))
        error.message += "; " + package + " is the package of " + (agent.empty() ? "another agent" : "agent " + agent) +
                         ": let that agent be upgraded first";
    co_return sdk::fail("dry run", error);
  }
  auto names = pk::plan_touches(*outcome);
  if (!names) co_return sdk::fail("dry run", names.error());
  std::map<std::string, std::string> installed;
  if (!names->empty()) {
    const auto states = co_await query_states(host_, std::move(*names));
    if (!states) co_return sdk::fail(states.error());
    for (const auto& [name, state] : *states) installed[name] = state.version;
  }
  const pk::Wish wish{settings_.package, now.version, step.to, step.downgrade, settings_.others};
  co_return pk::judge_plan(wish, *outcome, installed);
}

std::string AptInstaller::package_id(const std::string& version, const PackageState& now) const {
  // "all" is the machine's own architecture to apt, whatever the package's is; the data field does not count for it.
  return settings_.package + ";" + version + ";" + (now.arch.empty() ? "all" : now.arch) + ";";
}

sdk::Task<sdk::Result<void>> AptInstaller::activate(const sdk::Change& /*change*/) { co_return co_await restart(settings_.how); }

sdk::Task<sdk::Result<void>> AptInstaller::restart(std::optional<sdk::UnitVerb> how) {
  sdk::Result<void> done;
  if (how) done = co_await sdk::run_unit_job(host_, *how, settings_.unit, settings_.deadline);
  // After the restart, which is what counts. Without the hold nothing is broken yet: keep() tries again.
  if (auto held = co_await restore_hold(); !held) host_.log(sdk::LogLevel::warn, "putting our hold back: " + held.error().message);
  co_return done;
}

sdk::Result<bool> AptInstaller::hold_is_ours() {
  const std::string path = sdk::hold_path(host_.agent());
  if (!host_.files().exists(path)) return false;
  const auto text = host_.files().read(path, 4096);
  if (!text) return sdk::fail("reading which holds are Upkeep's own", text.error());
  return ("\n" + *text + "\n").find("\n" + settings_.package + "\n") != std::string::npos;
}

sdk::Task<sdk::Result<void>> AptInstaller::restore_hold() {
  const auto ours = hold_is_ours();
  if (!ours) co_return sdk::fail(ours.error());
  if (!*ours) co_return sdk::Result<void>();
  const auto state = co_await query_state(host_, settings_.package);
  if (!state) co_return sdk::fail(state.error());
  if (state->held || state->version.empty()) co_return sdk::Result<void>();
  co_return co_await sdk::run_unit_job(host_, sdk::UnitVerb::start, sdk::root_unit(sdk::RootHelper::hold, host_.agent()),
                                       settings_.deadline);
}

// Filling the store is begun, not waited for: it may take as long as a network likes, and inspect sees what came of it.
sdk::Task<sdk::Result<void>> AptInstaller::keep_copy() {
  const auto store = read_store(host_);
  if (!store.open) co_return sdk::Result<void>();
  const auto state = co_await query_state(host_, settings_.package);
  if (!state) co_return sdk::fail(state.error());
  if (state->version.empty() || state->broken || store.find(state->version) != nullptr) co_return sdk::Result<void>();
  co_return co_await sdk::begin_unit_job(host_, sdk::UnitVerb::start, sdk::root_unit(sdk::RootHelper::store, host_.agent()));
}

sdk::Task<sdk::Result<void>> AptInstaller::keep() {
  const auto held = co_await restore_hold();
  auto kept = co_await keep_copy();
  co_return held ? std::move(kept) : held;
}

// dpkg replaces this file whenever it has changed anything.
sdk::Task<sdk::Result<void>> AptInstaller::changed() {
  if (!watch_) {
    auto watch = host_.files().watch("/var/lib/dpkg/status");
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

}  // namespace upkeep::plugins::apt

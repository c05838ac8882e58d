// SPDX-License-Identifier: Apache-2.0
// prepare and fetch: which version, what would happen, and its download. Nothing is changed.
#include <algorithm>

#include "sdk/text.h"
#include "shared/packages/installer.h"
#include "shared/packages/plan.h"

namespace upkeep::shared::packages {

using sdk::Errc;

namespace {

// Whether a message speaks of this package, not of one whose name has it inside.
bool names_package(const std::string& message, const std::string& package) {
  const auto part_of_name = [](char c) { return sdk::is_letter(c) || sdk::is_digit(c) || c == '-' || c == '+' || c == '.'; };
  for (auto at = message.find(package); at != std::string::npos; at = message.find(package, at + 1)) {
    const auto end = at + package.size();
    if ((at == 0 || !part_of_name(message[at - 1])) && (end == message.size() || !part_of_name(message[end]))) return true;
  }
  return false;
}

// "2.3.4-1, 2.3.3-1, … (12 in all)"
std::string listed(const std::vector<Offered>& offers) {
  constexpr std::size_t kMost = 8;
  if (offers.empty()) return "no version at all";
  std::string out;
  for (std::size_t i = 0; i < std::min(kMost, offers.size()); ++i) out += (i == 0 ? "" : ", ") + offers[i].version;
  return offers.size() > kMost ? out + ", … (" + std::to_string(offers.size()) + " in all)" : out;
}

// The wanted version out of what is there; empty: it is not.
std::string pick(const std::string& version_template, const std::string& exact, const std::optional<sdk::Version>& target,
                 const std::vector<Offered>& offers) {
  std::vector<std::string> versions;
  versions.reserve(offers.size());
  for (const auto& offer : offers) versions.push_back(offer.version);
  const std::string wanted = exact.empty() ? sdk::choose_package_version(version_template, *target, versions).value_or("") : exact;
  return std::find(versions.begin(), versions.end(), wanted) == versions.end() ? "" : wanted;
}

}  // namespace

sdk::Task<sdk::Result<std::string>> PackageInstaller::find_version(std::string package, std::string exact,
                                                                   std::optional<sdk::Version> target, bool back) {
  if (exact.empty() && !target) co_return sdk::fail(Errc::internal, "no version to install was named");
  const auto found_in = [&](const std::vector<Offered>& offers) { return pick(settings_.version_template, exact, target, offers); };
  const auto offers = [&] {
    auto name = package;
    return database_->offers(std::move(name));
  };
  // A way back waits for no network: what the lists or the store have is enough, and only for that do the store's copies count.
  const auto copies = back ? store().versions_of(package, settings_.packages) : std::vector<std::string>();
  if (back) {
    auto there = co_await offers();
    if (!there && copies.empty()) co_return sdk::fail(there.error());
    auto all = there ? std::move(*there) : std::vector<Offered>();
    for (const auto& copy : copies) all.push_back({copy, "the package store"});
    if (auto found = found_in(all); !found.empty()) co_return found;
  }
  // The lists as they are, when they are fresh; then after a refresh, which is forced when they were, or when one that is not may have
  // read nothing. Never on a way back: a forced one forgets what an origin that is down had offered.
  const auto age = co_await driver_->age_of_lists();
  if (!age) co_return sdk::fail(age.error());
  const bool fresh = *age < settings_.refresh && !refused_;
  if (fresh) {
    const auto there = co_await offers();
    if (!there) host_.log(sdk::LogLevel::warn, there.error().message);  // a refresh may mend it
    if (auto found = there ? found_in(*there) : std::string(); !found.empty()) co_return found;
  }
  sdk::Result<void> refreshed;
  sdk::Result<std::vector<Offered>> there;
  bool force = fresh && !back;
  while (true) {
    refreshed = co_await driver_->refresh(force);
    database_->forget_offers();
    if (!refreshed) host_.log(sdk::LogLevel::warn, refreshed.error().message);
    there = co_await offers();
    if (!there) co_return sdk::fail(there.error());
    // A failed refresh does no harm while the version is in the lists of before: they were verified when they were read,
    // and one broken repository of the host would otherwise stop every agent.
    if (auto found = found_in(*there); !found.empty()) co_return found;
    if (force || back || !refreshed || !manager().lists_expire) break;
    force = true;
  }
  const std::string wanted = exact.empty() ? "release " + target->str() : exact;
  std::string text = "no repository of this host offers " + package + " for " + wanted + "; offered: " + listed(*there);
  for (const auto& copy : copies) text += "; in the package store: " + copy;
  if (!refreshed) co_return sdk::fail(text, refreshed.error());
  co_return sdk::fail(Errc::invalid, text);
}

sdk::Task<sdk::Result<Versions>> PackageInstaller::find_companions(PackageSet set, const sdk::Change& change) {
  Versions out;
  const auto target = change.target ? change.target : sdk::release_of(change.to);
  for (const auto& [name, state] : set.companions) {
    if (!target)
      co_return sdk::fail(Errc::invalid, change.to + " is no semantic version: which version of " + name + " belongs to it cannot be told");
    if (!state.broken && sdk::accepts(settings_.version_template, *target, state.version)) continue;
    auto package = name;
    auto version = co_await find_version(std::move(package), "", target, change.downgrade);
    if (!version) co_return sdk::fail(version.error());
    out.emplace(name, std::move(*version));
  }
  co_return out;
}

sdk::Task<sdk::Result<sdk::Plan>> PackageInstaller::prepare(const sdk::Change& change) {
  const auto now = co_await look_at_set();
  if (!now) co_return sdk::fail(now.error());
  auto package = now->name;
  auto to = co_await find_version(std::move(package), change.to, change.target, change.downgrade);
  sdk::Result<Versions> with;
  if (to) {
    auto set = *now;
    auto exact = change;
    exact.to = *to;
    with = co_await find_companions(std::move(set), exact);
  }
  if (!to || !with) {
    const auto& error = to ? with.error() : to.error();
    refused_ = error.code == Errc::invalid;
    co_return sdk::fail(error);
  }
  const Step step{std::move(*to), change.downgrade, std::move(*with)};
  const auto wanted = order(step, *now);
  auto plan = co_await dry_run(step, *now, wanted);
  refused_ = !plan && (plan.error().code == Errc::invalid || plan.error().code == Errc::denied);
  co_return plan;
}

// By the very call that would install it, so that what it needs comes along. Asks for no rights: any user may download.
sdk::Task<sdk::Result<void>> PackageInstaller::fetch(const sdk::Change& change) {
  const auto now = co_await look_at_set();
  if (!now) co_return sdk::fail(now.error());
  auto set = *now;
  auto with = co_await find_companions(std::move(set), change);
  if (!with) co_return sdk::fail(with.error());
  const auto wanted = order({change.to, change.downgrade, std::move(*with)}, *now);
  auto asked = wanted;
  const auto report = co_await driver_->download(std::move(asked), false);
  if (!report) co_return sdk::fail(report.error());
  if (report->failure) co_return sdk::fail(explained(*report->failure));
  for (const auto& one : wanted.packages)
    if (const auto there = database_->find_downloads(one.name, one.version); !there)
      co_return sdk::fail(there.error().code,
                          driver_->name() + " says that it downloaded " + one.name + " " + one.version + ", but " + there.error().message);
  std::vector<sdk::PlanItem> items;
  for (const auto& one : wanted.packages) items.push_back({one.name, "", one.version});
  co_return co_await judge_files(change.packages, std::move(items));
}

Order PackageInstaller::order(const Step& step, const PackageSet& now) {
  Order out;
  out.downgrade = step.downgrade;
  const auto store = this->store();
  const auto add = [&](const std::string& name, const std::string& to, const PackageState& state) {
    if (state.version == to && !state.broken) return;
    const auto* copy = store.find_any(name, to);
    out.packages.push_back({name, to, state.arch, copy == nullptr ? std::string() : manager().store_prefix + copy->folder});
  };
  add(now.name, step.to, now.state);
  for (const auto& [name, to] : step.with)
    if (const auto its = now.companions.find(name); its != now.companions.end()) add(name, to, its->second);
  return out;
}

sdk::Error PackageInstaller::explained(const Failure& failure) const {
  auto out = failure.error;
  if (failure.reaction == Reaction::interrupted) out.message += "; `" + manager().finish + "` finishes what was interrupted";
  return out;
}

sdk::Task<sdk::Result<sdk::Plan>> PackageInstaller::dry_run(const Step& step, const PackageSet& now, const Order& wanted) {
  Wish wish{{}, step.downgrade, settings_.others, manager().explain, driver_->name()};
  wish.moves.push_back({now.name, now.state.version, step.to});
  for (const auto& [name, to] : step.with)
    if (const auto its = now.companions.find(name); its != now.companions.end()) wish.moves.push_back({name, its->second.version, to});
  if (wanted.packages.empty()) co_return judge_plan(wish, Report(), {});
  auto asked = wanted;
  const auto report = co_await driver_->simulate(std::move(asked));
  if (!report) co_return sdk::fail("dry run", report.error());
  if (report->failure) {
    auto error = explained(*report->failure);
    // An agent's package that is held, by us or by anybody, is in the way as much as one that would be changed.
    for (const auto& [package, agent] : settings_.others)
      if (names_package(error.message, package))
        error.message += "; " + package + " is the package of " + (agent.empty() ? "another agent" : "agent " + agent) +
                         ": let that agent be upgraded first";
    co_return sdk::fail("dry run", error);
  }
  auto names = plan_touches(*report);
  std::erase_if(names, [&](const std::string& name) {  // of which `now` tells
    return std::any_of(wish.moves.begin(), wish.moves.end(), [&](const sdk::PlanItem& move) { return move.package == name; });
  });
  std::map<std::string, std::string> installed;
  if (!names.empty()) {
    const auto states = co_await database_->states(std::move(names));
    if (!states) co_return sdk::fail(states.error());
    for (const auto& [name, state] : *states) installed[name] = state.version;
  }
  co_return judge_plan(wish, *report, installed);
}

}  // namespace upkeep::shared::packages

// SPDX-License-Identifier: Apache-2.0
// prepare and fetch: which version, what would happen, and its download. Nothing is changed.
#include <algorithm>

#include "sdk/text.h"
#include "shared/packagekit/installer.h"
#include "shared/packagekit/plan.h"
#include "shared/packagekit/roles.h"

namespace upkeep::shared::packagekit {

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
std::string pick(const Settings& settings, const sdk::Change& change, const std::vector<Offered>& offers) {
  std::vector<std::string> versions;
  versions.reserve(offers.size());
  for (const auto& offer : offers) versions.push_back(offer.version);
  const std::string wanted =
      change.to.empty() ? sdk::choose_package_version(settings.version_template, *change.target, versions).value_or("") : change.to;
  return std::find(versions.begin(), versions.end(), wanted) == versions.end() ? "" : wanted;
}

}  // namespace

sdk::Task<sdk::Result<std::string>> PackageKitInstaller::find_version(const sdk::Change& change) {
  if (change.to.empty() && !change.target) co_return sdk::fail(Errc::internal, "no version to install was named");
  // A way back waits for no network: what the lists or the store have is enough, and only for that do the store's copies count.
  const auto copies = change.downgrade ? store().copies : std::vector<sdk::Kept>();
  if (change.downgrade) {
    auto there = co_await database_->offers();
    if (!there) co_return sdk::fail(there.error());
    for (const auto& copy : copies) there->push_back({copy.version, "the package store"});
    if (auto found = pick(settings_, change, *there); !found.empty()) co_return found;
  }
  // The lists as they are, when they are fresh; then after a refresh, which is forced when they were.
  const auto age = co_await age_of_lists(host_);
  if (!age) co_return sdk::fail(age.error());
  const bool fresh = *age < settings_.refresh && !refused_;
  if (fresh) {
    const auto there = co_await database_->offers();
    if (!there) co_return sdk::fail(there.error());
    if (auto found = pick(settings_, change, *there); !found.empty()) co_return found;
  }
  const auto refreshed = co_await refresh(host_, fresh, settings_.deadline);
  if (!refreshed) host_.log(sdk::LogLevel::warn, refreshed.error().message);
  const auto there = co_await database_->offers();
  if (!there) co_return sdk::fail(there.error());
  // A failed refresh does no harm while the version is in the lists of before: they were verified when they were read,
  // and one broken repository of the host would otherwise stop every agent.
  if (auto found = pick(settings_, change, *there); !found.empty()) co_return found;
  const std::string wanted = change.to.empty() ? "release " + change.target->str() : change.to;
  std::string text = "no repository of this host offers " + settings_.package + " for " + wanted + "; offered: " + listed(*there);
  for (const auto& copy : copies) text += "; in the package store: " + copy.version;
  if (!refreshed) co_return sdk::fail(text, refreshed.error());
  co_return sdk::fail(Errc::invalid, text);
}

sdk::Task<sdk::Result<sdk::Plan>> PackageKitInstaller::prepare(const sdk::Change& change) {
  auto to = co_await find_version(change);
  if (!to) {
    refused_ = to.error().code == Errc::invalid;
    co_return sdk::fail(to.error());
  }
  const auto now = co_await state();
  if (!now) co_return sdk::fail(now.error());
  const Step step{std::move(*to), change.downgrade};
  auto plan = co_await dry_run(step, *now);
  refused_ = !plan && (plan.error().code == Errc::invalid || plan.error().code == Errc::denied);
  co_return plan;
}

// By the very call that would install it, so that what it needs comes along. Asks for no rights: any user may download.
sdk::Task<sdk::Result<void>> PackageKitInstaller::fetch(const sdk::Change& change) {
  const auto now = co_await state();
  if (!now) co_return sdk::fail(now.error());
  auto transaction = co_await Transaction::create(host_);
  if (!transaction) co_return sdk::fail(transaction.error());
  (*transaction)->run_in_background();
  const Step step{change.to, change.downgrade};
  const auto outcome = co_await call(**transaction, step, *now, kOnlyDownload);
  if (!outcome) co_return sdk::fail(outcome.error());
  if (const auto failure = failed(*outcome)) co_return sdk::fail(failure->error);
  co_return database_->find_download(change.to);
}

sdk::Task<sdk::Result<sdk::Plan>> PackageKitInstaller::dry_run(const Step& step, const PackageState& now) {
  auto transaction = co_await Transaction::create(host_);
  if (!transaction) co_return sdk::fail("dry run", transaction.error());
  const auto outcome = co_await call(**transaction, step, now, kSimulate);
  if (!outcome) co_return sdk::fail("dry run", outcome.error());
  if (const auto failure = failed(*outcome)) {
    auto error = failure->error;
    // An agent's package that is held, by us or by anybody, is in the way as much as one that would be changed.
    for (const auto& [package, agent] : settings_.others)
      if (names_package(error.message, package))
        error.message += "; " + package + " is the package of " + (agent.empty() ? "another agent" : "agent " + agent) +
                         ": let that agent be upgraded first";
    co_return sdk::fail("dry run", error);
  }
  auto names = plan_touches(*outcome);
  if (!names) co_return sdk::fail("dry run", names.error());
  std::erase(*names, settings_.package);  // of which `now` tells
  std::map<std::string, std::string> installed;
  if (!names->empty()) {
    const auto states = co_await database_->states(std::move(*names));
    if (!states) co_return sdk::fail(states.error());
    for (const auto& [name, state] : *states) installed[name] = state.version;
  }
  const Wish wish{settings_.package, now.version, step.to, step.downgrade, settings_.others, manager().explain};
  co_return judge_plan(wish, *outcome, installed);
}

sdk::Task<sdk::Result<Outcome>> PackageKitInstaller::call(Transaction& transaction, const Step& step, const PackageState& now,
                                                          std::uint64_t more) {
  auto id = co_await database_->id(step.to, now.arch);
  if (!id) co_return sdk::fail(id.error());
  const auto flags = kOnlyTrusted | more | (step.downgrade ? kAllowDowngrade : 0);
  co_return co_await packagekit::install(transaction, flags, std::move(*id), settings_.deadline);
}

std::optional<Failure> PackageKitInstaller::failed(const Outcome& outcome) const {
  auto out = failure(outcome, host_.agent());
  if (out && out->reaction == Reaction::interrupted) out->error.message += "; `" + manager().finish + "` finishes what was interrupted";
  return out;
}

}  // namespace upkeep::shared::packagekit

// SPDX-License-Identifier: Apache-2.0
#include "shared/packagekit/driver.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "shared/packagekit/roles.h"
#include "shared/packages/text.h"

namespace upkeep::shared::packagekit {

using packages::Act;
using packages::Offered;
using packages::Order;
using packages::Report;
using packages::Wanted;
using sdk::Errc;

namespace {

constexpr int kMostRepositories = 64;  // that may have the installed version: each is asked

// What a line says would become of its package; nullopt: it says what is or was. Versions are judged by ids, because zypp says
// "installing" for everything: of the infos only those that take something away, bar it or lower it count.
std::optional<Act> act_of(Info info) {
  switch (info) {
    case Info::installed:
    case Info::cleanup:
      return std::nullopt;
    case Info::removing:
    case Info::remove:
      return Act::remove;
    case Info::obsoleting:
    case Info::obsolete:
      return Act::replace;
    case Info::untrusted:
      return Act::untrusted;
    case Info::blocked:
    case Info::unavailable:
      return Act::unavailable;
    case Info::downgrading:
    case Info::downgrade:
      return Act::downgrade;
    default:
      return Act::install;
  }
}

// Only trusted packages, always.
std::uint64_t flags_of(const Order& order, std::uint64_t more) { return kOnlyTrusted | more | (order.downgrade ? kAllowDowngrade : 0); }

}  // namespace

Report report(const Outcome& outcome, const std::string& agent) {
  Report out;
  out.incomplete = outcome.incomplete;
  out.told = told(outcome);
  out.reboot = outcome.reboot;
  out.failure = failure(outcome, agent);
  return out;
}

sdk::Result<Report> planned(const Outcome& outcome, const std::string& agent) {
  auto out = report(outcome, agent);
  if (out.failure) return out;  // its lines are of no use
  if (auto all = has_all_packages(outcome); !all) return sdk::fail(all.error());
  for (const auto& line : outcome.packages) {
    auto id = parse_package_id(line.id);
    if (!id) return sdk::fail(id.error());
    const auto act = act_of(info_of(line.info));
    if (act) out.plan.push_back({*act, std::move(id->name), std::move(id->version)});
  }
  return out;
}

sdk::Task<sdk::Result<void>> PackageKitDriver::ready() {
  if (is_right_) co_return sdk::Result<void>();
  const auto backend = co_await backend_name(host_);
  if (!backend) co_return sdk::fail(backend.error());
  if (*backend != backend_.name && *backend != backend_.name + "5")
    co_return sdk::fail(Errc::unsupported, "this host's PackageKit works with " + packages::one_line(*backend, 40) + ", not with " +
                                               backend_.name + ": is `use` in [installer] the right one? (\"auto\" finds it)");
  is_right_ = true;
  co_return sdk::Result<void>();
}

// What Resolve lists has a repository to name; what only the store has is not always listed, and is named by hand.
sdk::Task<sdk::Result<std::vector<std::string>>> PackageKitDriver::ids(Order order) {
  std::vector<std::string> out;
  std::vector<PackageId> listed;
  if (backend_.wants_repository) {
    std::vector<std::string> names;
    for (const auto& one : order.packages) names.push_back(one.name);
    auto found = co_await resolve(host_, std::move(names), deadline_);
    if (!found) co_return sdk::fail(found.error());
    listed = std::move(found->available);
  }
  for (const auto& one : order.packages) {
    PackageId id{one.name, one.version, one.arch.empty() ? backend_.any_arch : one.arch, one.store};
    // The architecture of what is installed before any other, i686 last, and the origin before the store.
    int best = 0;
    for (const auto& there : listed) {
      if (there.name != one.name || there.version != one.version) continue;
      const int rank = 1 + (is_stored(there) ? 0 : 1) + (there.arch == one.arch ? 4 : there.arch != "i686" ? 2 : 0);
      if (rank > best) id = there;
      best = std::max(best, rank);
    }
    out.push_back(id.str());
  }
  co_return out;
}

bool PackageKitDriver::is_stored(const PackageId& id) const {
  return !backend_.store_prefix.empty() && id.data.starts_with(backend_.store_prefix);
}

sdk::Task<sdk::Result<Report>> PackageKitDriver::simulate(Order order) {
  const auto flags = flags_of(order, kSimulate);
  auto ids = co_await this->ids(std::move(order));
  if (!ids) co_return sdk::fail(ids.error());
  auto request = packagekit::install(flags, std::move(*ids), deadline_);
  const auto outcome = co_await run_new(host_, std::move(request));
  if (!outcome) co_return sdk::fail(outcome.error());
  co_return planned(*outcome, host_.agent());
}

sdk::Task<sdk::Result<Report>> PackageKitDriver::download(Order order, bool urgent) {
  const auto flags = flags_of(order, kOnlyDownload);
  auto ids = co_await this->ids(std::move(order));
  if (!ids) co_return sdk::fail(ids.error());
  auto request = packagekit::install(flags, std::move(*ids), deadline_);
  request.background = !urgent;
  const auto outcome = co_await run_new(host_, std::move(request));
  if (!outcome) co_return sdk::fail(outcome.error());
  co_return report(*outcome, host_.agent());
}

sdk::Task<sdk::Result<Report>> PackageKitDriver::install(Order order, sdk::Note& note, std::string more) {
  const auto flags = flags_of(order, 0);
  auto ids = co_await this->ids(std::move(order));
  if (!ids) co_return sdk::fail(ids.error());
  auto request = packagekit::install(flags, std::move(*ids), deadline_);
  const auto outcome = co_await run_new(host_, std::move(request), &note, std::move(more));
  if (!outcome) co_return sdk::fail(outcome.error());
  co_return report(*outcome, host_.agent());
}

sdk::Task<sdk::Result<void>> PackageKitDriver::wait_for(std::string begun) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    auto running = co_await Transaction::attach(host_, begun);
    if (!running) co_return sdk::fail("looking for our transaction " + begun, running.error());
    if (!*running) co_return sdk::Result<void>();
    host_.log(sdk::LogLevel::info, "waiting for PackageKit's transaction " + begun + ", which an earlier attempt began");
    const auto outcome = co_await (*running)->wait(deadline_);
    if (outcome) co_return sdk::Result<void>();  // however it ended: the database knows what came of it
    if (outcome.error().code == Errc::timeout) co_return sdk::fail(outcome.error());
    // its end was not seen: look again whether it is there
  }
  co_return sdk::fail(Errc::transient, "PackageKit's transaction " + begun + " goes on, but cannot be followed");
}

sdk::Task<sdk::Result<std::vector<Offered>>> PackageKitDriver::offers(std::string package) {
  const auto end = host_.clock().boot_now() + deadline_;  // of all that is asked
  std::vector<std::string> names;
  names.push_back(package);
  auto lines = co_await resolve(host_, std::move(names), deadline_);
  if (!lines) co_return sdk::fail(lines.error());
  std::vector<PackageId> listed = std::move(lines->available);
  std::erase_if(listed, [&](const PackageId& id) { return id.name != package || is_stored(id); });
  int asked = 0;
  for (auto installed : lines->installed) {
    if (installed.name != package) continue;
    // "installed:demo", of zypp also "installed:" and of a package that rpm itself has installed "installed"
    std::vector<std::string> repositories;
    const auto named = installed.data.find(':');
    if (named != std::string::npos && named + 1 < installed.data.size()) repositories.push_back(installed.data.substr(named + 1));
    for (const auto& id : listed)
      if (std::find(repositories.begin(), repositories.end(), id.data) == repositories.end()) repositories.push_back(id.data);
    for (auto& repository : repositories) {
      installed.data = repository;
      if (is_stored(installed)) continue;
      if (++asked > kMostRepositories)
        co_return sdk::fail(Errc::internal, "PackageKit names more repositories for " + package + " than can be asked");
      const sdk::Millis left = end - host_.clock().boot_now();
      if (left <= sdk::Millis(0))
        co_return sdk::fail(Errc::timeout, "asking PackageKit's repositories for " + package + " " + installed.version +
                                               " has not ended after " + sdk::format_duration(deadline_));
      auto id = installed;
      const auto there = co_await has(std::move(id), left);
      if (!there) co_return sdk::fail(there.error());
      if (*there) listed.push_back(installed);
    }
  }
  std::vector<Offered> out;
  for (const auto& id : listed) {
    const Offered offer{id.version, "the repository " + packages::one_line(id.data, 100)};
    if (std::find(out.begin(), out.end(), offer) == out.end()) out.push_back(offer);
  }
  co_return out;
}

sdk::Task<sdk::Result<bool>> PackageKitDriver::has(PackageId id, sdk::Millis most) {
  std::vector<std::string> ids;
  ids.push_back(id.str());
  auto request = packagekit::install(kOnlyTrusted | kSimulate | kAllowReinstall, std::move(ids), most);
  const auto outcome = co_await run_new(host_, std::move(request));
  if (!outcome) co_return sdk::fail(outcome.error());
  // Whoever was not heard has not said no.
  if (const auto failed = failure(*outcome, host_.agent());
      failed && (failed->reaction == packages::Reaction::cancelled || failed->reaction == packages::Reaction::busy))
    co_return sdk::fail("asking for " + id.name + " " + id.version, failed->error);
  if (outcome->exit != Exit::success) co_return false;
  for (const auto& line : outcome->packages) {
    const auto planned = parse_package_id(line.id);
    if (planned && planned->name == id.name && planned->version == id.version) co_return true;
  }
  co_return false;
}

sdk::Task<sdk::Result<std::chrono::seconds>> PackageKitDriver::age_of_lists() { return packagekit::age_of_lists(host_); }

sdk::Task<sdk::Result<void>> PackageKitDriver::refresh(bool force) { return packagekit::refresh(host_, force, deadline_); }

sdk::Task<sdk::Result<void>> PackageKitDriver::repair() { return repair_system(host_, deadline_); }

}  // namespace upkeep::shared::packagekit

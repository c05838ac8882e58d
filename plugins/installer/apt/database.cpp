// SPDX-License-Identifier: Apache-2.0
#include "installer/apt/database.h"

#include <algorithm>

#include "installer/apt/dpkg.h"
#include "installer/apt/updaters.h"
#include "sdk/text.h"
#include "shared/packagekit/locks.h"
#include "shared/packages/text.h"

namespace upkeep::plugins::apt {

using sdk::Result;
using sdk::Task;
namespace {

constexpr const char* kArchives = "/var/cache/apt/archives";

// "demo-agent_1%3a2.3.4-1_": how the name of a downloaded package begins, whatever its architecture.
std::string archive_prefix(const std::string& package, const std::string& version) {
  std::string out = package + "_";
  for (const char c : version) out += c == ':' ? std::string("%3a") : std::string(1, c);
  return out + "_";
}

}  // namespace

AptDatabase::AptDatabase(sdk::Host& host)
    : host_(host),
      manager_{.name = "dpkg",
               .status_file = "/var/lib/dpkg/status",
               .store_file = "apt.sources",
               .finish = "sudo dpkg --configure -a",
               .remove = "sudo apt remove",
               .explain = "apt-cache policy"} {}

Task<Result<std::map<std::string, PackageState>>> AptDatabase::states(std::vector<std::string> packages) {
  return query_states(host_, std::move(packages));
}

// Of apt itself: PackageKit lists the candidate alone.
Task<Result<std::vector<Offered>>> AptDatabase::offers(std::string package) { return query_offers(host_, std::move(package)); }

Result<bool> AptDatabase::pending() { return journal_pending(host_); }

Task<bool> AptDatabase::at_work() {
  return shared::packagekit::at_work(host_, sdk::words({"/var/lib/dpkg/lock", "/var/lib/dpkg/lock-frontend"}));
}

Result<std::vector<std::string>> AptDatabase::find_downloads(const std::string& package, const std::string& version) {
  const auto names = host_.files().list(kArchives);
  if (!names) return sdk::fail("looking for what was downloaded", names.error());
  const auto prefix = archive_prefix(package, version);
  std::vector<std::string> found;
  for (const auto& name : *names)
    if (name.starts_with(prefix) && name.ends_with(".deb")) found.push_back(std::string(kArchives) + "/" + name);
  if (!found.empty()) return found;
  return sdk::fail(sdk::Errc::internal, std::string(kArchives) + " does not have it; is Dir::Cache::archives another folder?");
}

Task<std::vector<std::string>> AptDatabase::other_updaters(std::string package, bool held) {
  return apt::other_updaters(host_, std::move(package), held);
}

// Made by maintainer scripts (update-notifier's, needrestart's), with the packages in a second file.
Task<std::string> AptDatabase::reboot_wanted() {
  if (!host_.files().exists("/run/reboot-required")) co_return "";
  const auto packages = host_.files().read("/run/reboot-required.pkgs", 4096);
  const auto names = packages ? shared::packages::one_line(*packages, 200) : std::string();
  co_return "/run/reboot-required is there" + (names.empty() ? names : ", for " + names);
}

std::vector<sdk::Advice> AptDatabase::advice(const std::string& package, const sdk::Change& change) const {
  // Upkeep's own hold would stop apt-get as well.
  const std::string install = "sudo apt-get install --allow-change-held-packages ";
  std::vector<sdk::Advice> out;
  out.push_back({"sudo dpkg --configure -a && sudo apt-get --fix-broken install", "repairs what was interrupted half-way"});
  if (change.from.empty())
    out.push_back({"sudo apt-get remove --allow-change-held-packages " + package, "back by hand: it was not installed before"});
  else
    out.push_back({install + "--allow-downgrades " + package + "=" + change.from, "back to the former version by hand"});
  if (!change.to.empty()) out.push_back({install + package + "=" + change.to, "or to the new one after all"});
  return out;
}

}  // namespace upkeep::plugins::apt

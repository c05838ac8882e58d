// SPDX-License-Identifier: Apache-2.0
#include "installer/yum/database.h"

#include <algorithm>

#include "sdk/ini.h"
#include "sdk/root_helper.h"
#include "sdk/text.h"
#include "shared/packagekit/offline.h"
#include "shared/packages/text.h"
#include "shared/rpm/make.h"

namespace upkeep::plugins::yum {
namespace {

constexpr const char* kDnf = "/var/cache/dnf";
constexpr const char* kPackageKit = "/var/cache/PackageKit";
constexpr const char* kWanted = "/etc/systemd/system/timers.target.wants/";
constexpr const char* kNeedsRestarting = "/usr/bin/needs-restarting";
constexpr sdk::Millis kAskedOften = std::chrono::minutes(30);
constexpr std::size_t kMostOfConf = std::size_t{64} * 1024;

}  // namespace

YumDatabase::YumDatabase(sdk::Host& host, shared::packages::Driver& driver)
    : RpmDatabase(host, driver,
                  {.name = "rpm",
                   .status_file = shared::rpm::status_file(host),
                   .store_file = "yum.repo",
                   .store_prefix = shared::rpm::store_prefix(host.agent()),
                   .lists_expire = true,
                   .has_vendors = true,
                   .finish = "sudo systemctl start " + sdk::root_unit(sdk::RootHelper::repair, host.agent()),
                   .remove = "sudo dnf remove",
                   .explain = "dnf list --showduplicates"}) {}

// Those of dnf itself, which the native path uses, and PackageKit's, which are below the release's number.
std::vector<shared::rpm::RpmDatabase::Caches> YumDatabase::caches() {
  std::vector<Caches> out = {{kDnf, "repodata/repomd.xml", kDnf, "packages"}};
  const auto releases = host_.files().list(kPackageKit);
  for (const auto& release : releases ? *releases : std::vector<std::string>()) {
    const std::string metadata = std::string(kPackageKit) + "/" + release + "/metadata";
    if (host_.files().exists(metadata)) out.push_back({metadata, "repodata/repomd.xml", metadata, "packages"});
  }
  return out;
}

std::vector<shared::packages::Hold> YumDatabase::holds(const shared::rpm::Subject& subject, std::vector<std::string>& problems) {
  return shared::rpm::dnf_holds(host_.files(), subject, problems);
}

bool applies_updates(std::string_view automatic_conf) {
  for (const auto& section : sdk::parse_ini(automatic_conf))
    if (section.name == "commands" && section.flag("apply_updates", false)) return true;
  return false;
}

sdk::Task<std::vector<std::string>> YumDatabase::other_updaters(std::string package, bool held) {
  std::vector<std::string> out;
  auto& files = host_.files();
  const auto hold = "`sudo upkeep enable " + host_.agent() + "` (without --no-hold) sets a version lock that keeps it away";
  const auto runs = [&](const std::string& timer) { return files.exists(kWanted + timer); };
  bool installs = runs("dnf-automatic-install.timer");
  for (const char* conf : {"/etc/dnf/automatic.conf", "/usr/share/dnf5/dnf5-plugins/automatic.conf"}) {
    const bool timer = runs("dnf-automatic.timer") || runs("dnf5-automatic.timer");
    if (installs || !timer || !files.exists(conf)) continue;
    const auto text = files.read(conf, kMostOfConf);
    installs = text && applies_updates(*text);
  }
  if (!held && installs)
    out.push_back("dnf-automatic runs on this host and moves " + package +
                  " to whatever its repositories offer, past windows, health checks and quarantine; " + hold);
  const auto offline = shared::packagekit::prepared_update(host_, package);
  if (!offline.empty()) out.push_back(offline);
  co_return out;
}

// Whoever has dnf-utils has it; anybody may run it.
sdk::Task<std::string> YumDatabase::reboot_wanted() {
  if (!host_.files().exists(kNeedsRestarting)) co_return "";
  // It is a program of Python that reads all of rpm's database: not at each look.
  const auto now = host_.clock().boot_now();
  if (reboot_asked_ && now - *reboot_asked_ < kAskedOften) co_return reboot_said_;
  reboot_asked_ = now;
  sdk::ProcessRequest request(sdk::words({kNeedsRestarting, "-r"}));
  request.max_output = kMostOfConf;
  const auto done = co_await host_.process().run(std::move(request));
  // Its exit status 1 is also that of any failure.
  const bool wanted = done && done->exit_code == 1 && done->out.find("Reboot is required") != std::string::npos;
  reboot_said_ = wanted ? "needs-restarting -r says so" : "";
  co_return reboot_said_;
}

std::vector<sdk::Advice> YumDatabase::advice(const std::string& package, const sdk::Change& change) const {
  // Upkeep's own version lock would stop dnf as well.
  const std::string dnf = "sudo dnf --disableplugin=versionlock ";
  std::vector<sdk::Advice> out;
  out.push_back({manager().finish, "erases what an interrupted installation has left there twice"});
  if (change.from.empty())
    out.push_back({dnf + "remove " + package, "back by hand: it was not installed before"});
  else
    out.push_back({dnf + "install " + package + "-" + change.from, "back to the former version by hand"});
  if (!change.to.empty()) out.push_back({dnf + "install " + package + "-" + change.to, "or to the new one after all"});
  return out;
}

}  // namespace upkeep::plugins::yum

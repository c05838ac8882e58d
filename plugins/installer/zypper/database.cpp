// SPDX-License-Identifier: Apache-2.0
#include "installer/zypper/database.h"

#include "sdk/ini.h"
#include "sdk/root_helper.h"
#include "sdk/text.h"
#include "shared/packagekit/offline.h"
#include "shared/rpm/make.h"

namespace upkeep::plugins::zypper {
namespace {

constexpr const char* kWanted = "/etc/systemd/system/timers.target.wants/";
constexpr const char* kYastUpdate = "/etc/sysconfig/automatic_online_update";
constexpr const char* kZypper = "/usr/bin/zypper";
constexpr int kRebootNeeded = 102;  // zypper(8), EXIT CODES
constexpr std::size_t kMostOfConf = std::size_t{64} * 1024;

}  // namespace

ZypperDatabase::ZypperDatabase(sdk::Host& host, shared::packages::Driver& driver)
    : RpmDatabase(host, driver,
                  {.name = "rpm",
                   .status_file = shared::rpm::status_file(host),
                   .store_file = "zypper.repo",
                   .store_prefix = shared::rpm::store_prefix(host.agent()),
                   .lists_expire = true,
                   .finish = "sudo systemctl start " + sdk::root_unit(sdk::RootHelper::repair, host.agent()),
                   .remove = "sudo zypper remove",
                   .explain = "zypper search -s --match-exact"}) {}

std::vector<shared::rpm::RpmDatabase::Caches> ZypperDatabase::caches() {
  return {{"/var/cache/zypp/raw", "repodata/repomd.xml", "/var/cache/zypp/packages", ""}};
}

std::vector<shared::packages::Hold> ZypperDatabase::holds(const shared::rpm::Subject& subject, std::vector<std::string>& problems) {
  return shared::rpm::zypp_holds(host_.files(), subject, problems);
}

// A lock would keep them away, and Upkeep as well: libzypp knows no exception from it. So there is a word, and no remedy but theirs.
sdk::Task<std::vector<std::string>> ZypperDatabase::other_updaters(std::string package, bool /*held*/) {
  std::vector<std::string> out;
  auto& files = host_.files();
  const auto warn = [&](const std::string& who, const std::string& remedy) {
    out.push_back(
        who + " runs on this host and moves " + package +
        " to whatever its repositories offer, past windows, health checks and quarantine; zypper knows no lock that would stop it "
        "and not Upkeep: " +
        remedy);
  };
  for (const std::string timer : {"os-update", "transactional-update"})
    if (files.exists(kWanted + timer + ".timer")) warn(timer, "`sudo systemctl disable " + timer + ".timer` if Upkeep is to decide alone");
  if (files.exists(kYastUpdate)) {
    const auto text = files.read(kYastUpdate, kMostOfConf);
    const auto sections = text ? sdk::parse_ini(*text) : std::vector<sdk::IniSection>();
    const auto enabled = sections.empty() ? std::string() : sections.front().text("aou_enable_cronjob");
    if (sdk::lower(enabled).find("true") != std::string::npos)
      warn("YaST's automatic online update",
           std::string("AOU_ENABLE_CRONJOB=\"false\" in ") + kYastUpdate + " if Upkeep is to decide alone");
  }
  if (const auto offline = shared::packagekit::prepared_update(host_, package); !offline.empty()) out.push_back(offline);
  co_return out;
}

// Anybody may ask; it looks at one file.
sdk::Task<std::string> ZypperDatabase::reboot_wanted() {
  if (!host_.files().exists(kZypper)) co_return "";
  sdk::ProcessRequest request(sdk::words({kZypper, "--quiet", "needs-rebooting"}));
  request.max_output = kMostOfConf;
  const auto done = co_await host_.process().run(std::move(request));
  co_return done && done->exit_code == kRebootNeeded ? "zypper needs-rebooting says so" : "";
}

std::vector<sdk::Advice> ZypperDatabase::advice(const std::string& package, const sdk::Change& change) const {
  std::vector<sdk::Advice> out;
  out.push_back({manager().finish, "erases what an interrupted installation has left there twice"});
  if (change.from.empty())
    out.push_back({"sudo zypper remove " + package, "back by hand: it was not installed before"});
  else
    out.push_back({"sudo zypper install --oldpackage " + package + "=" + change.from, "back to the former version by hand"});
  if (!change.to.empty()) out.push_back({"sudo zypper install --oldpackage " + package + "=" + change.to, "or to the new one after all"});
  return out;
}

}  // namespace upkeep::plugins::zypper

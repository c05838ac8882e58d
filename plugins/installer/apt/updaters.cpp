// SPDX-License-Identifier: Apache-2.0
#include "installer/apt/updaters.h"

#include <algorithm>

#include "installer/apt/dpkg.h"
#include "sdk/text.h"
#include "sdk/version.h"

namespace upkeep::plugins::apt {
namespace {

constexpr const char* kUnattended = "/usr/bin/unattended-upgrade";
constexpr const char* kPrepared = "/var/lib/PackageKit/prepared-update";
constexpr std::size_t kMostPrepared = std::size_t{256} * 1024;

// The value of a line `NAME "VALUE";`, when it has that name; a list's items are called "NAME::".
bool value_of(std::string_view line, std::string_view name, std::string_view& value) {
  if (!line.starts_with(name) || line.substr(name.size(), 2) != " \"" || !line.ends_with("\";")) return false;
  value = line.substr(name.size() + 2, line.size() - name.size() - 4);
  return true;
}

// Its entries are regular expressions for the beginning of a name. Only plain ones are believed to keep the package out.
bool names(std::string_view entry, std::string_view package) {
  if (entry.starts_with('^')) entry.remove_prefix(1);
  const bool whole = entry.ends_with('$');
  if (whole) entry.remove_suffix(1);
  const bool plain = !entry.empty() && std::all_of(entry.begin(), entry.end(),
                                                   [](char c) { return sdk::is_letter(c) || sdk::is_digit(c) || c == '-' || c == '.'; });
  return plain && (whole ? package == entry : package.starts_with(entry));
}

}  // namespace

bool moved_unattended(std::string_view apt_config, std::string_view package) {
  bool enabled = true, runs = false;
  while (!apt_config.empty()) {
    const auto end = apt_config.find('\n');
    const auto line = apt_config.substr(0, end);
    apt_config.remove_prefix(end == std::string_view::npos ? apt_config.size() : end + 1);
    std::string_view value;
    if (value_of(line, "APT::Periodic::Enable", value)) enabled = value != "0";
    // days, or with a unit, or "always"
    if (value_of(line, "APT::Periodic::Unattended-Upgrade", value)) runs = !value.empty() && value != "0";
    if (value_of(line, "Unattended-Upgrade::Package-Blacklist::", value) && names(value, package)) return false;
  }
  return enabled && runs;
}

std::string moved_offline(std::string_view prepared, std::string_view package) {
  constexpr std::string_view kBefore = "=,&\n ";
  for (std::size_t at = prepared.find(package); at != std::string_view::npos; at = prepared.find(package, at + 1)) {
    if (at > 0 && kBefore.find(prepared[at - 1]) == std::string_view::npos) continue;
    auto rest = prepared.substr(at + package.size());
    if (rest.starts_with('\\')) rest.remove_prefix(1);  // key files may write ";" as "\;"
    if (!rest.starts_with(';')) continue;
    const std::string version(rest.substr(1, rest.find_first_of(";\\", 1) - 1));
    if (sdk::is_package_version(version)) return version;
  }
  return "";
}

sdk::Task<std::vector<std::string>> other_updaters(sdk::Host& host, std::string package, bool held) {
  std::vector<std::string> out;
  const auto hold = "`sudo upkeep enable " + host.agent() + "` (without --no-hold) sets a hold that keeps it away";
  if (!held && host.files().exists(kUnattended)) {
    auto argv = sdk::words({"/usr/bin/apt-config", "dump"});
    const auto settings = co_await run_tool(host, std::move(argv), 0);
    if (settings && moved_unattended(*settings, package))
      out.push_back("unattended-upgrades runs on this host and moves " + package +
                    " to whatever its allowed origins offer, past windows, health checks and quarantine; " + hold);
  }
  if (host.files().exists(kPrepared)) {
    const auto prepared = host.files().read(kPrepared, kMostPrepared);
    const auto version = prepared ? moved_offline(*prepared, package) : std::string();
    if (!version.empty())
      out.push_back("an offline update that PackageKit has prepared installs " + package + " " + version +
                    " when the host is restarted for it; `sudo rm " + kPrepared + "` drops that update" +
                    (held ? std::string() : ", and " + hold));
  }
  co_return out;
}

}  // namespace upkeep::plugins::apt

// SPDX-License-Identifier: Apache-2.0
#include "installer/apt/updaters.h"

#include <algorithm>

#include "sdk/text.h"
#include "shared/packagekit/offline.h"
#include "shared/packages/tool.h"

namespace upkeep::plugins::apt {
namespace {

constexpr const char* kUnattended = "/usr/bin/unattended-upgrade";

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

sdk::Task<std::vector<std::string>> other_updaters(sdk::Host& host, std::string package, bool held) {
  std::vector<std::string> out;
  const auto hold = "`sudo upkeep enable " + host.agent() + "` (without --no-hold) sets a hold that keeps it away";
  if (!held && host.files().exists(kUnattended)) {
    auto argv = sdk::words({"/usr/bin/apt-config", "dump"});
    const auto settings = co_await shared::packages::run_tool(host, std::move(argv), 0);
    if (settings && moved_unattended(*settings, package))
      out.push_back("unattended-upgrades runs on this host and moves " + package +
                    " to whatever its allowed origins offer, past windows, health checks and quarantine; " + hold);
  }
  auto offline = shared::packagekit::prepared_update(host, package);
  if (!offline.empty()) out.push_back(offline + (held ? std::string() : ", and " + hold));
  co_return out;
}

}  // namespace upkeep::plugins::apt

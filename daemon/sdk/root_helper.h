// SPDX-License-Identifier: Apache-2.0
#pragma once
// What upkeep-root (daemon/root) does for an agent: the units that run it, and what it leaves below /var/lib/upkeep-root, root's and
// readable by all. That an agent is enabled is sdk/unit_job.h enabled_file(); the package store is in sdk/kept.h.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace upkeep::sdk {

// An oneshot each: keeps and compares conffiles, holds, repairs an interrupted installation, fills the package store.
enum class RootHelper { conffiles, hold, repair, store };

[[nodiscard]] inline std::string root_unit(RootHelper helper, const std::string& agent) {
  constexpr const char* kNames[] = {"conffiles", "hold", "repair", "store"};
  return std::string("upkeep-") + kNames[static_cast<int>(helper)] + "@" + agent + ".service";
}

inline constexpr const char* kRootState = "/var/lib/upkeep-root/";

// How the record of an enabled agent (enabled_file()), one line of JSON, names the packages that it was enabled for: the alternatives, then
// the companions; none: an installer without packages.
inline constexpr std::string_view kEnabledPackages = "\"packages\":[";
[[nodiscard]] inline std::string enabled_packages(const std::vector<std::string>& packages) {
  std::string out(kEnabledPackages);
  for (const auto& package : packages) out += (&package == &packages.front() ? "\"" : ",\"") + package + "\"";
  return out + "]";
}
// The same read back, as it stands there.
[[nodiscard]] inline std::vector<std::string> packages_of(std::string_view record) {
  std::vector<std::string> out;
  const auto begin = record.find(kEnabledPackages);
  if (begin == std::string_view::npos) return out;
  const auto list = record.substr(begin + kEnabledPackages.size(), record.find(']', begin) - begin - kEnabledPackages.size());
  for (auto at = list.find('"'); at != std::string_view::npos;) {
    const auto end = list.find('"', at + 1);
    if (end == std::string_view::npos) break;
    out.emplace_back(list.substr(at + 1, end - at - 1));
    at = list.find('"', end + 1);
  }
  return out;
}
// Whether it was enabled for this package, be it among others.
[[nodiscard]] inline bool is_enabled_for(std::string_view record, std::string_view package) {
  const auto packages = packages_of(record);
  return std::find(packages.begin(), packages.end(), package) != packages.end();
}
// And the installer.
[[nodiscard]] inline std::string enabled_installer(std::string_view name) { return "\"installer\":\"" + std::string(name) + "\""; }
// The packages on which we have put a hold, one a line.
[[nodiscard]] inline std::string hold_path(const std::string& agent) { return kRootState + ("holds/" + agent); }
// A folder: the conffiles of before the last installation.
[[nodiscard]] inline std::string conffiles_path(const std::string& agent) { return kRootState + ("conffiles/" + agent); }
// How the last installation changed them.
[[nodiscard]] inline std::string differences_path(const std::string& agent) { return kRootState + ("differences/" + agent); }
// A repair has begun.
[[nodiscard]] inline std::string repairing_path(const std::string& agent) { return kRootState + ("repairing/" + agent); }

}  // namespace upkeep::sdk

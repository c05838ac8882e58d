// SPDX-License-Identifier: Apache-2.0
#pragma once
// What upkeep-root (daemon/root) does for an agent: the units that run it, and what it leaves below /var/lib/upkeep-root, root's and
// readable by all. That an agent is enabled is sdk/unit_job.h enabled_file(); the package store is in sdk/kept.h.

#include <string>
#include <string_view>

namespace upkeep::sdk {

// An oneshot each: keeps and compares conffiles, holds, repairs an interrupted installation, fills the package store.
enum class RootHelper { conffiles, hold, repair, store };

[[nodiscard]] inline std::string root_unit(RootHelper helper, const std::string& agent) {
  constexpr const char* kNames[] = {"conffiles", "hold", "repair", "store"};
  return std::string("upkeep-") + kNames[static_cast<int>(helper)] + "@" + agent + ".service";
}

inline constexpr const char* kRootState = "/var/lib/upkeep-root/";

// How the record of an enabled agent (enabled_file()), one line of JSON, names the package that it was enabled for; empty: none.
[[nodiscard]] inline std::string enabled_package(const std::string& package) {
  return "\"packages\":[" + (package.empty() ? "" : "\"" + package + "\"") + "]";
}
// Whether such a record names this package.
[[nodiscard]] inline bool is_enabled_package(std::string_view record, const std::string& package) {
  const auto begin = record.find("\"packages\":["), end = record.find(']', begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return false;
  return record.substr(begin, end - begin).find("\"" + package + "\"") != std::string_view::npos;
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

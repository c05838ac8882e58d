// SPDX-License-Identifier: Apache-2.0
#pragma once
// What yum and zypper share: rpm's database, and the source files that both tools read in the same form.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "root/package_manager.h"

namespace upkeep::root {

// Of one installed package: there are several for several architectures, and when an installation was interrupted, which leaves the old
// version beside the new one.
struct Instance {
  std::string version, arch, installed_at;
  std::uint64_t size = 0;
  bool operator==(const Instance&) const = default;
};
// The one that was installed last comes first.
[[nodiscard]] sdk::Result<std::vector<Instance>> instances(Outside& outside, const std::string& package);

// As PackageManager::look, without holds.
[[nodiscard]] sdk::Result<Package> look_at_rpm(Outside& outside, const std::string& package);
// As PackageManager::repair: erases what the interrupted transaction had yet to erase.
[[nodiscard]] sdk::Result<std::vector<std::string>> repair_rpm(Outside& outside, const std::vector<std::string>& packages, bool scripts);

// A section of a source file, as it stands there; values with several lines have them joined by blanks.
struct Section {
  std::string id, file;
  std::vector<std::pair<std::string, std::string>> keys;
  // Empty: it has none.
  [[nodiscard]] std::string value(std::string_view key) const;
};
[[nodiscard]] std::vector<Section> sections_of(std::string_view text, const std::string& file);
// The repositories in that folder that are in use and not the store's own copies.
[[nodiscard]] sdk::Result<std::vector<Section>> repositories(Outside& outside, const std::string& folder);
// yes, true, on or 1.
[[nodiscard]] bool is_on(std::string_view value);

// "upkeep-store-AGENT-N"; the number of the copy's folder follows. Names of agents have no capitals, so what begins like this is no other
// agent's.
[[nodiscard]] std::string store_id(const std::string& agent);

}  // namespace upkeep::root

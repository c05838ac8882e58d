// SPDX-License-Identifier: Apache-2.0
#pragma once
// PackageKit's package ids, "name;version;arch;data". Ids come from a root daemon, but what they carry comes from
// repositories: they are read strictly and nothing of them is used before they parsed.

#include <string>
#include <string_view>

#include "sdk/result.h"

namespace upkeep::shared::packagekit {

struct PackageId {
  std::string name, version, arch;
  // The repository, or what a backend says of an installed package; apt's says nothing dependable, see numbers.h: Info.
  std::string data;

  [[nodiscard]] std::string str() const { return name + ";" + version + ";" + arch + ";" + data; }
  bool operator==(const PackageId&) const = default;
};

// Exactly four parts, at most 1 KiB, a sound name and version, no control characters. Errc::internal, because only
// PackageKit says such things.
[[nodiscard]] sdk::Result<PackageId> parse_package_id(std::string_view text);

}  // namespace upkeep::shared::packagekit

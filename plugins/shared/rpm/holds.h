// SPDX-License-Identifier: Apache-2.0
#pragma once
// What an administrator has written to keep a package as it is. PackageKit keeps hardly any of it, so it is read before every dry run.
// A file that is not there holds nothing; one that cannot be read is said in `problems`.

#include <string>
#include <string_view>
#include <vector>

#include "sdk/host.h"
#include "shared/packages/database.h"

namespace upkeep::shared::rpm {

// A package as patterns are compared with it.
struct Subject {
  std::string name, version, arch;  // version as "[EPOCH:]VERSION-RELEASE"
};

// "demo-agent", "demo*", "demo-agent-1.2.3-1.*", "demo-agent-0:1.2.3-1.noarch": whether it means the package.
[[nodiscard]] bool pattern_means(const std::string& pattern, const Subject& subject);

// Of the file versionlock.list: a line is a pattern, "!" before it excludes it.
[[nodiscard]] std::vector<packages::Hold> version_locks(std::string_view list, const Subject& subject);
// Of dnf.conf and .repo files: excludepkgs (exclude), of all or of a repository. `file` is where the text is from.
[[nodiscard]] std::vector<packages::Hold> excludes(std::string_view text, const std::string& file, const Subject& subject);
// Of /etc/zypp/locks: a stanza for each lock.
[[nodiscard]] std::vector<packages::Hold> zypp_locks(std::string_view text, const Subject& subject);

// All of dnf's on this host, and all of zypp's.
[[nodiscard]] std::vector<packages::Hold> dnf_holds(sdk::Files& files, const Subject& subject, std::vector<std::string>& problems);
[[nodiscard]] std::vector<packages::Hold> zypp_holds(sdk::Files& files, const Subject& subject, std::vector<std::string>& problems);

// The texts of the .repo files of a folder, each with its path.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> repo_files(sdk::Files& files, const std::string& folder,
                                                                          std::vector<std::string>& problems);

}  // namespace upkeep::shared::rpm

// SPDX-License-Identifier: Apache-2.0
#pragma once
// One frozen copy of rpm packages: fetched by the host's own tool from the repository that has them, verified with that repository's keys,
// which are kept beside them, and with metadata made anew.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "root/rpm.h"
#include "sdk/kept.h"
#include "sdk/repo_trust.h"

namespace upkeep::root {

// What differs between the two tools.
struct RpmTool {
  std::string sources;  // folder of the source files of this host
  bool key_of_its_own;  // it believes the keys that a source file names; else those alone that rpm knows
  // The repository that the package was installed from, as far as that is known: an id, or a name of it; empty: it is not.
  // `work`: a folder for what it writes; empty: where it always does.
  std::string (*origin)(Outside& outside, const Package& package, const std::string& work);
  // Fetches exactly this file from the one repository in the folder `work`/repos, to anywhere below `work`/download, or says why not.
  sdk::Result<std::string> (*download)(Outside& outside, const std::string& work, const std::string& package, const Instance& wanted);
};

// As PackageManager::make_copy and no_store.
[[nodiscard]] sdk::Result<sdk::Kept> make_rpm_copy(Outside& outside, const RpmTool& tool, const std::string& folder,
                                                   const std::string& name, const std::vector<Package>& packages);
[[nodiscard]] sdk::Result<std::string> no_rpm_store(Outside& outside, const RpmTool& tool);

// The repositories that these packages may come from: that which they were installed from, where it is known, else all of them.
[[nodiscard]] sdk::Result<std::vector<Section>> origins_of(Outside& outside, const RpmTool& tool, const std::vector<Package>& packages,
                                                           const std::string& work = "");

// Those of them whose packages nobody verifies, by the rule of the daemon. `installer`: as an agent's file calls the tool.
[[nodiscard]] std::vector<sdk::UnverifiedRepository> unverified_origins(Outside& outside, const RpmTool& tool, std::string_view installer,
                                                                        const std::vector<Package>& packages);

// Removes what a cache in that folder has of the agent's copies, but for those whose ids are to stay.
void forget_caches(Outside& outside, const std::string& folder, const std::string& agent, const std::vector<std::string>& stay = {});

// A running packagekitd has read its repositories already. The next one reads them anew, so it is asked to end, as anybody may. That
// cancels what others have waiting or running in the background, so it is asked only while it has no transaction at all. A forced refresh
// would do too, but would ask the network for all repositories, and forget those that do not answer.
void end_packagekit(Outside& outside);

}  // namespace upkeep::root

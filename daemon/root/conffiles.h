// SPDX-License-Identifier: Apache-2.0
#pragma once
// Configuration files over a way back. dpkg keeps what an administrator edited, but for one case: a file that was edited to exactly what
// the new version ships counts as never edited from then on, and going back replaces it. So their contents are kept before a change, and
// what dpkg replaced is put back after it. Whoever calls this chooses nothing: what is done follows from what dpkg says was installed when.

#include <string>

#include "root/grant.h"
#include "root/outside.h"

namespace upkeep::root {

// Keeps the contents as they are now. Has the package been installed again since the last call, at the same version: what differs from
// then is put back where dpkg's own file stands, and all that differs is listed in `differences` beside it, for the daemon.
[[nodiscard]] sdk::Result<void> keep_conffiles(Outside& outside, const Grant& grant);
// Forgets what was kept.
[[nodiscard]] sdk::Result<void> forget_conffiles(Outside& outside, const std::string& agent);

}  // namespace upkeep::root

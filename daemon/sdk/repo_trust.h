// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which of an rpm host's repositories hand out packages that nobody verifies, as their files say.

#include <string>
#include <string_view>
#include <vector>

#include "sdk/host.h"

namespace upkeep::sdk {

struct UnverifiedRepository {
  std::string id, file;
  bool index_is_verified = false;  // zypper: a signed index vouches for them, and their own signatures are not looked at
};

// Of those that are enabled. `installer`: "yum" or "zypper"; any other has none. What cannot be read is passed over.
[[nodiscard]] std::vector<UnverifiedRepository> unverified_repositories(Files& files, std::string_view installer);

// For people, with what to write where.
[[nodiscard]] std::string shown(const UnverifiedRepository& repository);

}  // namespace upkeep::sdk

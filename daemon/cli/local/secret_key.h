// SPDX-License-Identifier: Apache-2.0
#pragma once
// Publishers' secret keys and their passwords. Whoever handles one forbids core dumps first, and says nothing of it.

#include <string>
#include <vector>

#include "cli/local/offline.h"
#include "core/minisign_secret.h"

namespace upkeep::cli {

struct SecretKeyOptions {
  std::vector<std::string> files;
  std::string password_file;  // its first line; for all of them
};

// Passwords come from the file, else from $UPKEEP_KEY_PASSWORD, else from the terminal, without echo. denied: a wrong one, or none can be
// had.
[[nodiscard]] sdk::Result<std::vector<core::MinisignSecret>> load_secret_keys(Offline& offline, const SecretKeyOptions& options);

// A new one, asked for twice on a terminal. invalid: it is empty, or the two differ.
[[nodiscard]] sdk::Result<core::SecretBytes> new_password(Offline& offline, const std::string& password_file);

// Of the kernel, through the host.
[[nodiscard]] core::SecretBytes random_secret(Offline& offline, std::size_t bytes);

}  // namespace upkeep::cli

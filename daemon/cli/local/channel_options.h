// SPDX-License-Identifier: Apache-2.0
#pragma once
// What `channel set`, `promote` and `withdraw` are given as words, and the edit that it means.

#include <string>
#include <vector>

#include "cli/local/channel_base.h"
#include "cli/local/secret_key.h"
#include "core/release_edit.h"

namespace upkeep::cli {

// Empty: not given.
struct PublishOptions {
  std::string base = ".";
  SecretKeyOptions keys;
  std::string critical;  // yes or no
  std::string expires;   // a duration or a time
  std::string issued, serial;
  std::string notes, not_before, minimum_from, rollout, schedule;  // none: taken away
  std::vector<std::string> images, packages, announced;            // REPO=sha256:HEX; FILE or NAME=HEX; keys. none: taken away
  bool allow_downgrade = false, allow_serial_jump = false;
};

// invalid: which option, and what it takes.
[[nodiscard]] sdk::Result<core::ReleaseEdit> edit_of(Offline& offline, const PublishOptions& options, const ChannelBase& base);

[[nodiscard]] sdk::Result<sdk::Version> version_option(const std::string& text);

}  // namespace upkeep::cli

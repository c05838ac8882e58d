// SPDX-License-Identifier: Apache-2.0
#pragma once
// A channel as it lies in a folder: what it says, who has signed it, and writing it so that readers are safe at every moment.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/local/channel_base.h"
#include "core/channel_files.h"
#include "core/release_document.h"
#include "io/fd.h"

namespace upkeep::cli {

struct ChannelState {
  std::optional<core::Document> document;  // nullopt: a new channel; of plain files it has neither serial nor times
  std::string bytes;                       // of release.json; empty: there is none
  core::Signatures signatures;             // by the base's keys, of just these bytes
};

// invalid: no name of a channel, or files that say nothing, or a signed channel in a base without keys, or one whose document is lost.
[[nodiscard]] sdk::Result<ChannelState> load_channel(Offline& offline, const ChannelBase& base, const std::string& channel);

// All its files in the order in which they are written.
[[nodiscard]] std::vector<core::ChannelFile> files_of(const ChannelBase& base, const ChannelState& state);

// Writes all files beside the old ones, so that a full disk leaves those as they are; then puts each in its place, in this order, and
// removes signatures that are not among them. What is the same already is not touched. Everybody may read what it makes. `folder` is
// absolute, and one process at a time writes there.
[[nodiscard]] sdk::Result<void> write_files(Offline& offline, const std::string& folder, const std::vector<core::ChannelFile>& files);

// The names of all channels below a base, sorted.
[[nodiscard]] std::vector<std::string> channels_of(const ChannelBase& base);

// Of all who publish in a folder one does at a time. Made where it is missing. busy: another one does; held as long as the value lives.
[[nodiscard]] sdk::Result<io::Fd> lock_folder(const std::string& folder);

struct LockedBase {
  io::Fd lock;
  ChannelBase base;
};
// As load_base, for whoever writes below it.
[[nodiscard]] sdk::Result<LockedBase> lock_base(Offline& offline, const std::string& folder);

}  // namespace upkeep::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once
// A channel's address on the command line as a source plugin, set up and checked as an agent's [source] table is.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/local/offline.h"
#include "core/minisign.h"
#include "sdk/source.h"

namespace upkeep::cli {

struct ChannelPlace {
  std::string where;                 // https://…/CHANNEL, s3://BUCKET/…/CHANNEL, gs://BUCKET/…/CHANNEL, or a folder
  std::string channel;               // how the channel is called; empty: as the last part of `where`
  std::string ca_file;               // empty: the system's
  std::vector<std::string> options;  // KEY=VALUE, keys of the source's table
};

// A place for people and for comparing: folders are absolute, and no slash is at the end.
[[nodiscard]] std::string tidy_place(const std::string& where);
[[nodiscard]] bool is_address(const std::string& where);

[[nodiscard]] sdk::Result<std::unique_ptr<sdk::Source>> open_source(Offline& offline, const ChannelPlace& place);

// One read of everything; what a source says when there is nothing is an error.
[[nodiscard]] sdk::Result<sdk::Offer> read_plain(Offline& offline, sdk::Source& source);
[[nodiscard]] sdk::Result<sdk::Offer> read_signed(Offline& offline, sdk::Source& source, const std::vector<core::MinisignKey>& keys);

}  // namespace upkeep::cli

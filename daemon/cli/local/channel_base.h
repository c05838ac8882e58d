// SPDX-License-Identifier: Apache-2.0
#pragma once
// BASE/publisher.toml: whose signatures the channels below a folder have, written by `channel init` and read by all that publish there.

#include <string>
#include <string_view>
#include <vector>

#include "cli/local/offline.h"
#include "core/minisign.h"

namespace upkeep::cli {

inline constexpr const char* kBaseFile = "publisher.toml";

struct ChannelBase {
  std::string folder;                   // absolute
  std::vector<core::MinisignKey> keys;  // none: its channels are plain
  int signatures = 1;                   // how many a document needs
  sdk::Millis expires = std::chrono::days(90);
  [[nodiscard]] bool is_signed() const { return !keys.empty(); }
};

// unsupported: there is no such file; the message says which command makes it. invalid: with file and line.
[[nodiscard]] sdk::Result<ChannelBase> load_base(Offline& offline, const std::string& folder);
// Of the folder itself or the nearest one above it that is a base; nullopt: none is.
[[nodiscard]] sdk::Result<std::optional<ChannelBase>> base_above(Offline& offline, const std::string& folder);
[[nodiscard]] std::string text_of(const ChannelBase& base);

// What is wrong with it as a whole; "" nothing.
[[nodiscard]] std::string problem_of(const ChannelBase& base);

// A key given by its file or by itself.
[[nodiscard]] sdk::Result<core::MinisignKey> public_key_option(Offline& offline, const std::string& text);
[[nodiscard]] sdk::Result<std::vector<core::MinisignKey>> public_key_options(Offline& offline, const std::vector<std::string>& texts);

// "E6001D034D1490BC, 9A3F9ED4BCC107D6"
[[nodiscard]] std::string ids_of(const std::vector<core::MinisignKey>& keys);

}  // namespace upkeep::cli

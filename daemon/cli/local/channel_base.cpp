// SPDX-License-Identifier: Apache-2.0
#include "cli/local/channel_base.h"

#include <algorithm>
#include <filesystem>

#include "config/keys.h"
#include "sdk/text.h"

namespace upkeep::cli {
namespace {

using sdk::KeyType;

constexpr int kMostBaseKeys = 16;
constexpr sdk::KeySpec kBaseKeys[] = {{.name = "keys", .type = KeyType::text_list},
                                      {.name = "signatures", .type = KeyType::integer},
                                      {.name = "expires", .type = KeyType::duration}};

void read_keys(const config::Section& section, ChannelBase& out) {
  for (const std::string& text : section.table.texts("keys")) {
    auto key = core::parse_minisign_key(text);
    if (!key) return section.issue("keys", key.error().message);
    out.keys.push_back(std::move(*key));
  }
}

}  // namespace

std::string problem_of(const ChannelBase& base) {
  std::vector<std::string> ids;
  for (const auto& key : base.keys) ids.push_back(key.id);
  std::sort(ids.begin(), ids.end());
  if (std::adjacent_find(ids.begin(), ids.end()) != ids.end()) return "a key is named twice";
  if (ids.size() > kMostBaseKeys) return "there are more than " + std::to_string(kMostBaseKeys) + " keys";
  if (!ids.empty() && base.signatures > static_cast<int>(ids.size()))
    return std::to_string(base.signatures) + " signatures cannot be had of " + std::to_string(ids.size()) +
           (ids.size() == 1 ? " key" : " keys");
  return "";
}

sdk::Result<ChannelBase> load_base(Offline& offline, const std::string& folder) {
  ChannelBase out{.folder = std::filesystem::absolute(folder).lexically_normal().string()};
  while (out.folder.size() > 1 && out.folder.ends_with('/')) out.folder.pop_back();
  const std::string file = (out.folder == "/" ? "" : out.folder) + "/" + kBaseFile;
  const auto text = offline.host().files().read(file, config::kMaxFile);
  if (!text && text.error().code == sdk::Errc::unsupported)
    return sdk::fail(sdk::Errc::unsupported,
                     "there is no " + file + ": `upkeep channel init FOLDER` makes a folder of channels, and --base names it");
  if (!text) return sdk::fail(text.error());
  config::Issues issues;
  if (const auto tree = config::parse(*text, file, issues)) {
    const config::Section section{*tree, "", issues};
    config::check_keys(*tree, kBaseKeys, "", issues);
    if (issues.empty()) {
      read_keys(section, out);
      section.bounded("signatures", out.signatures, 1, kMostBaseKeys);
      section.bounded("expires", out.expires, std::chrono::hours(1), std::chrono::days(3650));
      if (const std::string problem = problem_of(out); !problem.empty()) section.issue("keys", problem);
    }
  }
  if (!issues.empty()) return sdk::fail(sdk::Errc::invalid, config::text(issues.front()));
  return out;
}

sdk::Result<std::optional<ChannelBase>> base_above(Offline& offline, const std::string& folder) {
  for (std::filesystem::path at = std::filesystem::absolute(folder).lexically_normal();; at = at.parent_path()) {
    if (auto base = load_base(offline, at.string()); base || base.error().code != sdk::Errc::unsupported)
      return base.map([](ChannelBase& found) { return std::optional(std::move(found)); });
    if (at == at.parent_path()) return std::optional<ChannelBase>();
  }
}

std::string text_of(const ChannelBase& base) {
  std::string out = "# How `upkeep channel` publishes what lies below this folder; `upkeep channel init` writes it.\n";
  out += "# Whose signatures count; without keys the channels are plain.\nkeys = [";
  for (const auto& key : base.keys) out += "\n  \"" + core::to_text(key) + "\",  # " + key.id;
  out += base.keys.empty() ? "]\n" : "\n]\n";
  out += "# By how many of them a release must be signed, and how long it holds.\nsignatures = " + std::to_string(base.signatures);
  return out + "\nexpires = \"" + sdk::format_duration(base.expires) + "\"\n";
}

sdk::Result<core::MinisignKey> public_key_option(Offline& offline, const std::string& text) {
  if (auto key = core::parse_minisign_key(text)) return key;
  const auto bytes = offline.host().files().read(std::filesystem::absolute(text).string(), core::kMostSignatureBytes);
  if (!bytes && bytes.error().code == sdk::Errc::unsupported)
    return sdk::fail(sdk::Errc::invalid, sdk::quoted(text) + " is neither a public key nor a file that holds one");
  if (!bytes) return sdk::fail(bytes.error());
  auto key = core::parse_minisign_key(*bytes);
  return key ? key : sdk::fail(text, key.error());
}

sdk::Result<std::vector<core::MinisignKey>> public_key_options(Offline& offline, const std::vector<std::string>& texts) {
  std::vector<core::MinisignKey> out;
  for (const std::string& text : texts) {
    auto key = public_key_option(offline, text);
    if (!key) return sdk::fail("--key", key.error());
    out.push_back(std::move(*key));
  }
  return out;
}

std::string ids_of(const std::vector<core::MinisignKey>& keys) {
  std::string out;
  for (const auto& key : keys) out += (out.empty() ? "" : ", ") + key.id;
  return out;
}

}  // namespace upkeep::cli

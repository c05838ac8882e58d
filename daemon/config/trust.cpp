// SPDX-License-Identifier: Apache-2.0
// [trust]: whose signatures make a release count.
#include <algorithm>

#include "config/agent.h"

namespace upkeep::config {
namespace {

using sdk::KeyType;

constexpr int kMostKeys = 16;

constexpr sdk::KeySpec kTrustKeys[] = {
    {.name = "keys",
     .type = KeyType::text_list,
     .required = true,
     .help = "minisign public keys, the second line of a .pub file each; what they have not signed does not count, and the channel's plain "
             "files never do"},
    {.name = "signatures", .type = KeyType::integer, .fallback = "1", .help = "how many different keys must have signed a release"},
    {.name = "channel",
     .type = KeyType::text,
     .help = "the channel that a signed release must name, where it is not called like the source's channel"},
    {.name = "clock_tolerance",
     .type = KeyType::duration,
     .fallback = "5m",
     .help = "how far this host's clock and the publisher's may be apart, from 0s to 1h: when a release was issued, and when it expires"},
};

void read_keys(const Section& section, core::Trust& out) {
  for (const std::string& text : section.table.texts("keys")) {
    auto key = core::parse_minisign_key(text);
    if (!key) {
      section.issue("keys", sdk::quoted(text) + " is no minisign public key: " + key.error().message);
      continue;
    }
    const auto same = [&](const core::MinisignKey& one) { return one.id == key->id; };
    if (std::any_of(out.keys.begin(), out.keys.end(), same)) section.issue("keys", "has the key " + key->id + " twice");
    out.keys.push_back(std::move(*key));
  }
  if (section.table.texts("keys").empty()) section.issue("keys", "is empty: without a [trust] table nothing is verified");
  if (out.keys.size() > kMostKeys) section.issue("keys", "has more than " + std::to_string(kMostKeys) + " keys");
}

// The sources' own, which must agree: what one of them serves is not the release of another one.
void choose_channel(const Section& section, const std::vector<core::PluginUse>& sources, core::Trust& out) {
  out.channel = section.table.text("channel");
  if (!out.channel.empty()) return;
  for (const core::PluginUse& source : sources) {
    const std::string channel = source.config.text("channel");
    if (channel.empty() || (!out.channel.empty() && channel != out.channel))
      return section.issue("channel", channel.empty() ? "is missing: the source has no channel of its own to compare with"
                                                      : "is missing: the sources name different channels, and a release names one");
    out.channel = channel;
  }
}

}  // namespace

void read_trust(const Section& section, core::AgentSettings& out) {
  const std::size_t before = section.issues.size();
  check_keys(section.table, kTrustKeys, section.path, section.issues);
  if (section.issues.size() > before) return;
  read_keys(section, out.trust);
  section.bounded("signatures", out.trust.signatures, 1, kMostKeys);
  if (out.trust.signatures > static_cast<int>(out.trust.keys.size()) && section.issues.size() == before)
    section.issue("signatures", "asks for more keys than there are");
  section.bounded("clock_tolerance", out.trust.clock_tolerance, sdk::Millis(0), std::chrono::hours(1));
  if (!out.sources.empty()) choose_channel(section, out.sources, out.trust);
}

std::span<const sdk::KeySpec> trust_keys() { return kTrustKeys; }

}  // namespace upkeep::config

// SPDX-License-Identifier: Apache-2.0
#pragma once
// A channel read and judged as a host with trusted keys would, for `show`, `verify` and `push`.

#include <optional>
#include <string>
#include <vector>

#include "cli/local/channel_base.h"
#include "cli/local/channel_source.h"
#include "core/trust.h"

namespace upkeep::cli {

// The keys that are named, else those of the base that a folder lies in, else none. The channel is that of the place.
[[nodiscard]] sdk::Result<core::Trust> trust_for(Offline& offline, const ChannelPlace& place, const std::vector<std::string>& keys,
                                                 int signatures);

// How a host that reads this place calls the channel: as the place says; in a base as its folder lies there; elsewhere as the document
// does, if the address ends so, else by its last part. A host whose base is another folder calls it otherwise, so that is only assumed.
struct ChannelName {
  std::string name;
  bool assumed = false;
};
[[nodiscard]] sdk::Result<ChannelName> channel_at(Offline& offline, const ChannelPlace& place, const std::string& document);

// The signed document that a host would take now. denied: it would not; the message says why.
[[nodiscard]] sdk::Result<core::Trusted> check_place(Offline& offline, sdk::Source& source, const ChannelPlace& place, core::Trust trust);

// What the plain files say otherwise than the document; "" nothing. invalid: they cannot be read.
[[nodiscard]] sdk::Result<std::string> disagreement(Offline& offline, sdk::Source& source, const sdk::Release& release);

}  // namespace upkeep::cli

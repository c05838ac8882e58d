// SPDX-License-Identifier: Apache-2.0
#pragma once
// What `set`, `promote` and `withdraw` have in common: from a channel's next document to its files, signed and written.

#include <functional>
#include <string>

#include "cli/local/channel_folder.h"
#include "cli/local/channel_options.h"

namespace upkeep::cli {

// What the channel says next, from what it says now and what the options ask for.
using NextDocument = std::function<sdk::Result<core::Document>(Offline& offline, const ChannelBase& base, const ChannelState& before,
                                                               const core::ReleaseEdit& edit)>;

// Loads the base and the channel, asks for the next document, signs it with the secret keys that are given and writes all files; then
// shows what was written, and what is still missing.
void publish(const std::string& channel, const PublishOptions& options, const NextDocument& next, Context& context);

// Adds the signatures of these secret keys to the state's document. denied: a key that is none of the base's; invalid: its document has
// expired.
[[nodiscard]] sdk::Result<void> sign_state(ChannelState& state, const ChannelBase& base, const std::vector<core::MinisignSecret>& secrets,
                                           sdk::TimePoint now);

// What lies in the folder now.
void show_state(const ChannelBase& base, const ChannelState& state, Context& context);

}  // namespace upkeep::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once
// What `set`, `promote`, `withdraw` and `sign` have in common: from a channel's next document to its files, signed and written.

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

// Signs the state's document, where the base is signed, with these secret keys beside the signatures that it has, writes all files and
// shows what lies there now. Refused, and nothing is written: a key that is none of the base's, a document that has expired.
void sign_and_write(Offline& offline, const ChannelBase& base, const std::string& channel, ChannelState state, const SecretKeyOptions& keys,
                    Context& context);

}  // namespace upkeep::cli

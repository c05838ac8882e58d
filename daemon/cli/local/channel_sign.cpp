// SPDX-License-Identifier: Apache-2.0
// channel sign: one more signature under a document that somebody else has made, or the same one again.
#include <utility>

#include "cli/local/channel_commands.h"
#include "cli/local/channel_publish.h"
#include "sdk/text.h"

namespace upkeep::cli {

void sign_channel(const std::string& channel, const std::string& base_folder, const SecretKeyOptions& keys, Context& context) {
  Offline offline(context);
  const auto locked = lock_base(offline, base_folder);
  if (!locked) return report(context, locked.error());
  const auto* base = &locked->base;
  auto state = load_channel(offline, *base, channel);
  if (!state) return report(context, state.error());
  if (state->bytes.empty())
    return report(context,
                  {sdk::Errc::invalid, "channel " + sdk::quoted(channel) + " has no release.json to sign; `upkeep channel set` makes it"});
  sign_and_write(offline, *base, channel, std::move(*state), keys, context);
}

}  // namespace upkeep::cli

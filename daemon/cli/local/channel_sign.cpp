// SPDX-License-Identifier: Apache-2.0
// channel sign: one more signature under a document that somebody else has made, or the same one again.
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
  const auto secrets = load_secret_keys(offline, keys);
  if (!secrets) return report(context, secrets.error());
  if (const auto done = sign_state(*state, *base, *secrets, offline.host().clock().now()); !done) return report(context, done.error());
  if (const auto written = write_files(offline, base->folder + "/" + channel, files_of(*base, *state)); !written)
    return report(context, written.error());
  show_state(*base, *state, context);
}

}  // namespace upkeep::cli

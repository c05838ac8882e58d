// SPDX-License-Identifier: Apache-2.0
// channel init: a folder for channels, and who signs them. Again: what is given changes, the rest stays.
#include <filesystem>
#include <iostream>

#include "cli/local/channel_base.h"
#include "cli/local/channel_commands.h"
#include "cli/local/channel_folder.h"
#include "io/durable.h"
#include "sdk/text.h"

namespace upkeep::cli {
namespace {

sdk::Result<ChannelBase> next_base(Offline& offline, const InitOptions& options) {
  auto base = load_base(offline, options.folder);
  if (!base && base.error().code == sdk::Errc::unsupported) {
    base = ChannelBase();
    base->folder = std::filesystem::absolute(options.folder).lexically_normal().string();
    while (base->folder.size() > 1 && base->folder.ends_with('/')) base->folder.pop_back();
  }
  if (!base) return base;
  if (!options.keys.empty()) {
    auto keys = public_key_options(offline, options.keys);
    if (!keys) return sdk::fail(keys.error());
    base->keys = std::move(*keys);
  }
  if (options.signatures > 0) base->signatures = options.signatures;
  if (!options.expires.empty()) {
    const auto expires = sdk::parse_duration(options.expires);
    if (!expires) return sdk::fail("--expires", expires.error());
    if (*expires < std::chrono::hours(1)) return sdk::fail(sdk::Errc::invalid, "--expires: at least 1h");
    base->expires = *expires;
  }
  if (const std::string problem = problem_of(*base); !problem.empty()) return sdk::fail(sdk::Errc::invalid, problem);
  return base;
}

// The folder is not made for what makes no sense, and what lies there is read once more when nobody else changes it.
sdk::Result<ChannelBase> write_base(Offline& offline, const InitOptions& options) {
  auto base = next_base(offline, options);
  if (!base) return base;
  const auto lock = lock_folder(base->folder);
  if (!lock) return sdk::fail(lock.error());
  base = next_base(offline, options);
  if (!base) return base;
  if (const auto written = io::write_atomic(base->folder + "/" + kBaseFile, text_of(*base), 0644); !written)
    return sdk::fail(written.error());
  return base;
}

}  // namespace

void init_base(const InitOptions& options, Context& context) {
  Offline offline(context);
  const auto base = write_base(offline, options);
  if (!base) return report(context, base.error());
  std::vector<std::string> keys;
  for (const auto& key : base->keys) keys.push_back(core::to_text(key));
  if (context.json)
    return context.print_json(
        {{"base", base->folder}, {"keys", keys}, {"signatures", base->signatures}, {"expires", sdk::format_duration(base->expires)}});
  std::cout << base->folder << ": " << (keys.empty() ? "plain channels" : "signed channels") << "\n";
  if (keys.empty()) return;
  std::cout << "Hosts that shall believe nothing else have in their agent's file:\n\n[trust]\nkeys = [";
  for (const auto& key : keys) std::cout << "\"" << key << (&key == &keys.back() ? "\"]\n" : "\", ");
  if (base->signatures > 1) std::cout << "signatures = " << base->signatures << "\n";
}

}  // namespace upkeep::cli

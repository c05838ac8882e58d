// SPDX-License-Identifier: Apache-2.0
// channel verify: whether a host with these keys would take what is published, and whether older clients read the same.
#include <iostream>

#include "cli/local/channel_commands.h"
#include "cli/local/channel_print.h"
#include "cli/local/channel_trust.h"
#include "sdk/text.h"

namespace upkeep::cli {
namespace {

struct Verified {
  core::Trusted trusted;
  std::vector<std::string> warnings;
  bool assumed = false;  // the channel's name
};

sdk::Result<Verified> verified(Offline& offline, const VerifyOptions& options) {
  std::optional<sdk::Millis> valid_for;
  if (!options.valid_for.empty()) {
    const auto duration = sdk::parse_duration(options.valid_for);
    if (!duration) return sdk::fail("--valid-for", duration.error());
    valid_for = *duration;
  }
  const auto trust = trust_for(offline, options.place, options.keys, options.signatures);
  if (!trust) return sdk::fail(trust.error());
  if (!trust->wanted())
    return sdk::fail(sdk::Errc::invalid,
                     "there is no key to verify with: --key PUBLIC names one, and so does a folder that `upkeep channel init` made");
  const auto source = open_source(offline, options.place);
  if (!source) return sdk::fail(source.error());
  auto trusted = check_place(offline, **source, options.place, *trust);
  if (!trusted) return sdk::fail(trusted.error());
  const auto& release = trusted->document.release;
  if (valid_for && *release.expires < offline.host().clock().now() + *valid_for)
    return sdk::fail(sdk::Errc::denied,
                     "it expires at " + sdk::rfc3339(*release.expires) + ", in less than " + sdk::format_duration(*valid_for));
  Verified out{.warnings = trusted->document.warnings};
  const auto differs = disagreement(offline, **source, release);
  if (differs && !differs->empty()) return sdk::fail(sdk::Errc::denied, *differs);
  if (!differs) out.warnings.push_back("older clients read nothing here: " + differs.error().message);
  const auto channel = channel_at(offline, options.place, trusted->document.channel);
  if (!channel) return sdk::fail(channel.error());
  out.assumed = channel->assumed;
  out.trusted = std::move(*trusted);
  return out;
}

}  // namespace

void verify_channel(const VerifyOptions& options, Context& context) {
  Offline offline(context);
  const auto good = verified(offline, options);
  if (!good) return report(context, good.error());
  const auto& [document, signers, seen] = good->trusted;
  if (context.json) {
    auto out = json_of(document);
    out["verified"] = true;
    out["signed_by"] = signers;
    out["warnings"] = good->warnings;
    if (good->assumed) out["channel_assumed"] = true;
    return context.print_json(out);
  }
  print_document(document);
  std::string by;
  for (const auto& id : signers) by += (by.empty() ? "" : ", ") + id;
  print_field(
      "signed by",
      by + ", verified" +
          (good->assumed ? " as the channel " + sdk::quoted(document.channel) + ", a name that is assumed: --channel NAME says it" : ""));
  print_warnings(good->warnings);
}

}  // namespace upkeep::cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/local/channel_publish.h"

#include <algorithm>
#include <iostream>
#include <utility>

#include "cli/local/channel_print.h"

namespace upkeep::cli {
namespace {

// invalid: it says what two plain files cannot.
sdk::Result<void> check_plain(const ChannelBase& base, const core::Document& document, const PublishOptions& options) {
  const bool more = core::says_more(document) || !options.expires.empty() || !options.issued.empty() || !options.serial.empty();
  if (!more && options.keys.files.empty()) return {};
  return sdk::fail(sdk::Errc::invalid,
                   std::string(more ? "plain channels say version and critical only" : "there is nothing to sign in plain channels") +
                       "; `upkeep channel init " + base.folder + " --key PUBLIC` makes them signed");
}

sdk::Result<ChannelState> next_state(Offline& offline, const ChannelBase& base, const std::string& channel, const PublishOptions& options,
                                     const NextDocument& next) {
  const auto before = load_channel(offline, base, channel);
  if (!before) return sdk::fail(before.error());
  const auto edit = edit_of(offline, options, base);
  if (!edit) return sdk::fail(edit.error());
  auto document = next(offline, base, *before, *edit);
  if (!document) return sdk::fail(document.error());
  if (!base.is_signed()) {
    if (const auto plain = check_plain(base, *document, options); !plain) return sdk::fail(plain.error());
    return ChannelState{.document = std::move(*document)};
  }
  ChannelState out{.bytes = core::write_document(*document)};
  auto read_back = core::parse_document(out.bytes);  // what no host would read is not written
  if (!read_back) return sdk::fail(read_back.error());
  out.document = std::move(*read_back);
  return out;
}

sdk::Result<void> sign_state(ChannelState& state, const ChannelBase& base, const std::vector<core::MinisignSecret>& secrets,
                             sdk::TimePoint now) {
  if (*state.document->release.expires <= now)
    return sdk::fail(sdk::Errc::invalid,
                     "release.json expired at " + sdk::rfc3339(*state.document->release.expires) + "; `upkeep channel set` renews it");
  for (const auto& secret : secrets) {
    const auto& key = secret.public_key;
    if (std::find(base.keys.begin(), base.keys.end(), key) == base.keys.end())
      return sdk::fail(sdk::Errc::denied, "key " + key.id + " is none of " + base.folder + "/" + kBaseFile + ", which has " +
                                              ids_of(base.keys) + "; `upkeep channel init` changes that");
    auto signature = core::sign(secret, state.bytes, core::trusted_comment_of(*state.document));
    if (!signature) return sdk::fail(signature.error());
    state.signatures.insert_or_assign(key.id, std::move(*signature));
  }
  return {};
}

void show_state(const ChannelBase& base, const ChannelState& state, Context& context) {
  const auto& document = *state.document;
  std::vector<std::string> signers;
  for (const auto& [id, text] : state.signatures) signers.push_back(id);
  const int missing = base.is_signed() ? std::max(0, base.signatures - static_cast<int>(signers.size())) : 0;
  if (context.json) {
    auto out =
        base.is_signed()
            ? json_of(document)
            : nlohmann::json{{"channel", document.channel},
                             {"version", document.release.version ? nlohmann::json(document.release.version->str()) : nlohmann::json()},
                             {"critical", document.release.critical}};
    out["signed"] = base.is_signed();
    out["signed_by"] = signers;
    out["signatures_missing"] = missing;
    return context.print_json(out);
  }
  if (!base.is_signed()) {
    std::cout << document.channel << ": " << (document.release.version ? document.release.version->str() : "no release")
              << (document.release.critical ? ", critical" : "") << "\n";
    return;
  }
  print_document(document);
  std::string by;
  for (const auto& id : signers) by += (by.empty() ? "" : ", ") + id;
  print_field("signed by", signers.empty() ? "nobody" : by);
  if (missing > 0)
    std::cerr << "No host takes it before " << missing << (missing == 1 ? " more has" : " more have") << " signed: upkeep channel sign "
              << document.channel << " --key FILE --base " << base.folder << "\n";
}

}  // namespace

void sign_and_write(Offline& offline, const ChannelBase& base, const std::string& channel, ChannelState state, const SecretKeyOptions& keys,
                    Context& context) {
  if (base.is_signed()) {
    const auto secrets = load_secret_keys(offline, keys);
    if (!secrets) return report(context, secrets.error());
    if (const auto done = sign_state(state, base, *secrets, offline.host().clock().now()); !done) return report(context, done.error());
  }
  if (const auto written = write_files(offline, base.folder + "/" + channel, files_of(base, state)); !written)
    return report(context, written.error());
  show_state(base, state, context);
}

void publish(const std::string& channel, const PublishOptions& options, const NextDocument& next, Context& context) {
  Offline offline(context);
  const auto locked = lock_base(offline, options.base);
  if (!locked) return report(context, locked.error());
  const auto* base = &locked->base;
  auto state = next_state(offline, *base, channel, options, next);
  if (!state) return report(context, state.error());
  sign_and_write(offline, *base, channel, std::move(*state), options.keys, context);
}

}  // namespace upkeep::cli

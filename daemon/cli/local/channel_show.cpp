// SPDX-License-Identifier: Apache-2.0
// channel show: what a channel says now, signed or plain. With keys only what they have signed is shown.
#include <iostream>

#include "cli/local/channel_commands.h"
#include "cli/local/channel_print.h"
#include "cli/local/channel_trust.h"
#include "cli/terminal.h"
#include "core/channel.h"
#include "sdk/utf8.h"

namespace upkeep::cli {
namespace {

using nlohmann::json;

// A signature as it calls itself; whether it is one says `verified`, null where there is no key to ask.
json signature_json(const std::string& text, const std::string& document, const std::vector<core::MinisignKey>& keys) {
  const auto signature = core::parse_minisign_signature(text);
  if (!signature) return {{"key", nullptr}, {"comment", nullptr}, {"verified", false}, {"problem", signature.error().message}};
  json out = {{"key", signature->key_id}, {"comment", sdk::valid_utf8(signature->trusted_comment, 200)}, {"verified", nullptr}};
  for (const auto& key : keys) {
    const auto good = key.id == signature->key_id ? core::verify(key, document, *signature) : sdk::Result<void>();
    if (key.id != signature->key_id) continue;
    out["verified"] = good.has_value();
    if (!good) out["problem"] = good.error().message;
  }
  return out;
}

void show_plain(const core::CheckedRelease& checked, Context& context) {
  const auto& release = checked.release;
  if (context.json)
    return context.print_json({{"version", release.version ? json(release.version->str()) : json()},
                               {"critical", release.critical},
                               {"signed", false},
                               {"warnings", checked.warnings}});
  std::cout << (release.version ? release.version->str() : "no release") << (release.critical ? ", critical" : "") << "\n";
  print_warnings(checked.warnings);
}

void show_signed(const core::Document& document, const json& signatures, std::vector<std::string> warnings, Context& context) {
  warnings.insert(warnings.begin(), document.warnings.begin(), document.warnings.end());
  if (context.json) {
    auto out = json_of(document);
    out["signed"] = true;
    out["signatures"] = signatures;
    out["warnings"] = warnings;
    return context.print_json(out);
  }
  print_document(document);
  for (const json& one : signatures) {
    const std::string who =
        one["key"].is_string() ? one["key"].get<std::string>() + ", \"" + one["comment"].get<std::string>() + "\"" : "nobody";
    const bool known = one["verified"].is_boolean();
    print_field("signed by", who + (!known                        ? ", not verified"
                                    : one["verified"].get<bool>() ? ", verified"
                                                                  : ": " + one["problem"].get<std::string>()));
  }
  print_warnings(warnings);
}

void show(Offline& offline, const VerifyOptions& options, Context& context) {
  const auto trust = trust_for(offline, options.place, options.keys, options.signatures);
  if (!trust) return report(context, trust.error());
  const auto source = open_source(offline, options.place);
  if (!source) return report(context, source.error());
  const auto offer = read_signed(offline, **source, trust->keys);
  if (!offer) {
    // Whoever let a whole poll's time pass would do so twice.
    if (trust->wanted() || offer.error().code == sdk::Errc::timeout) return report(context, offer.error());
    // A web server without a signed document may call that anything; what the plain files say is the answer then.
    const auto plain = read_plain(offline, **source);
    auto checked = plain ? core::check_offer(*plain) : sdk::Result<core::CheckedRelease>(sdk::fail(plain.error()));
    if (!checked) return report(context, checked.error());
    const auto why = offer.error().code;
    if (why != sdk::Errc::invalid && why != sdk::Errc::denied)  // as a bucket may call what is missing
      checked->warnings.push_back("whether it is signed could not be read: " + offer.error().message);
    return show_plain(*checked, context);
  }
  const auto& body = std::get<sdk::SignedOffer>(offer->body);
  const auto document = core::parse_document(body.document);
  if (!document) return report(context, document.error().with_context((*source)->origin() + "/release.json"));
  std::vector<std::string> warnings;
  if (trust->wanted()) {
    const auto channel = channel_at(offline, options.place, document->channel);
    if (!channel) return report(context, channel.error());
    core::Trust judged = *trust;
    judged.channel = channel->name;
    const auto good = core::check_signed(body, judged, std::nullopt, nullptr, offline.host().clock().now());
    if (!good) return report(context, good.error());
  }
  const auto differs = disagreement(offline, **source, document->release);
  if (!differs) warnings.push_back("older clients read nothing here: " + differs.error().message);
  if (differs && !differs->empty()) warnings.push_back(*differs);
  json signatures = json::array();
  for (const std::string& text : body.signatures) signatures.push_back(signature_json(text, body.document, trust->keys));
  show_signed(*document, signatures, std::move(warnings), context);
}

}  // namespace

void show_channel(const VerifyOptions& options, Context& context) {
  Offline offline(context);
  show(offline, options, context);
}

}  // namespace upkeep::cli

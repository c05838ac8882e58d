// SPDX-License-Identifier: Apache-2.0
#include "cli/local/channel_trust.h"

#include <filesystem>

#include "core/channel.h"

namespace upkeep::cli {
namespace {

std::string shown_release(const sdk::Release& release) {
  return (release.version ? release.version->str() : "none") + (release.critical ? ", critical" : ", not critical");
}

}  // namespace

sdk::Result<core::Trust> trust_for(Offline& offline, const ChannelPlace& place, const std::vector<std::string>& keys, int signatures) {
  core::Trust out;
  if (!keys.empty()) {
    auto read = public_key_options(offline, keys);
    if (!read) return sdk::fail(read.error());
    out.keys = std::move(*read);
  } else if (!is_address(place.where)) {
    auto base = base_above(offline, place.where);
    if (!base) return sdk::fail(base.error());
    if (*base) {
      out.keys = std::move((*base)->keys);
      out.signatures = (*base)->signatures;
    }
  }
  if (signatures > 0) out.signatures = signatures;
  if (out.wanted() && out.signatures > static_cast<int>(out.keys.size()))
    return sdk::fail(sdk::Errc::invalid, "--signatures asks for more keys than there are");
  return out;
}

sdk::Result<ChannelName> channel_at(Offline& offline, const ChannelPlace& place, const std::string& document) {
  if (!place.channel.empty()) return ChannelName{place.channel};
  const std::string where = tidy_place(place.where);
  if (!is_address(where)) {
    const auto base = base_above(offline, where);
    if (!base) return sdk::fail(base.error());
    if (*base && (*base)->folder != where) return ChannelName{std::filesystem::path(where).lexically_relative((*base)->folder).string()};
  }
  return ChannelName{where.ends_with("/" + document) ? document : where.substr(where.rfind('/') + 1), true};
}

sdk::Result<core::Trusted> check_place(Offline& offline, sdk::Source& source, const ChannelPlace& place, core::Trust trust) {
  const auto offer = read_signed(offline, source, trust.keys);
  if (!offer) return sdk::fail(offer.error());
  const auto& body = std::get<sdk::SignedOffer>(offer->body);
  const auto document = core::parse_document(body.document);
  auto channel = channel_at(offline, place, document ? document->channel : "");
  if (!channel) return sdk::fail(channel.error());
  trust.channel = std::move(channel->name);
  return core::check_signed(body, trust, std::nullopt, nullptr, offline.host().clock().now());
}

sdk::Result<std::string> disagreement(Offline& offline, sdk::Source& source, const sdk::Release& release) {
  const auto offer = read_plain(offline, source);
  if (!offer) return sdk::fail(offer.error());
  const auto plain = core::check_offer(*offer);
  if (!plain) return sdk::fail(plain.error());
  const std::string said = shown_release(plain->release), meant = shown_release(release);
  return said == meant ? "" : "the plain files say " + said + ", and release.json " + meant;
}

}  // namespace upkeep::cli

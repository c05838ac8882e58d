// SPDX-License-Identifier: Apache-2.0
#include "core/trust.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "sdk/text.h"

namespace upkeep::core {

using nlohmann::json;
using sdk::Errc;
using sdk::Result;

namespace {

// Signature files that are looked at.
constexpr std::size_t kMostSignatures = 64;

tl::unexpected<sdk::Error> not_trusted(Errc code, const std::string& why) { return sdk::fail(code, "not trusted: " + why); }

// Who has signed these bytes, and what is wrong with the signatures that do not count.
struct Signers {
  std::vector<std::string> ids;
  std::vector<std::string> notes;
};

Signers signers_of(const sdk::SignedOffer& offer, const std::vector<MinisignKey>& keys) {
  Signers out;
  std::set<std::string> noted;
  const auto note = [&](std::string text) {
    if (noted.insert(text).second && noted.size() <= 4) out.notes.push_back(std::move(text));
  };
  for (std::size_t i = 0; i < std::min(offer.signatures.size(), kMostSignatures); ++i) {
    const auto signature = parse_minisign_signature(offer.signatures[i]);
    if (!signature) {
      note("a signature file cannot be read: " + signature.error().message);
      continue;
    }
    const auto key = std::find_if(keys.begin(), keys.end(), [&](const MinisignKey& one) { return one.id == signature->key_id; });
    if (key == keys.end()) {
      note("key " + signature->key_id + " is not trusted");
    } else if (const auto good = verify(*key, offer.document, *signature); !good) {
      note("the signature of key " + key->id + " does not fit: " + good.error().message);
    } else if (std::find(out.ids.begin(), out.ids.end(), key->id) == out.ids.end()) {
      out.ids.push_back(key->id);
    }
  }
  return out;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& one : texts) out += (out.empty() ? "" : "; ") + one;
  return out;
}

Result<void> check_times(const sdk::Release& release, sdk::Millis tolerance, sdk::TimePoint now) {
  if (*release.issued > now + tolerance)
    return sdk::fail(Errc::denied, "release.json was issued at " + sdk::rfc3339(*release.issued) + ", and here it is " + sdk::rfc3339(now) +
                                       ": one of the two clocks is wrong");
  if (*release.expires + tolerance <= now)
    return sdk::fail(Errc::denied, "release.json expired at " + sdk::rfc3339(*release.expires) + "; its publisher must sign it again");
  return {};
}

// The announcement of an accepted document: it stands for all that were made before.
std::vector<AnnouncedKey> announced_by(const Document& document, const std::vector<std::string>& signers, const Trust& trust) {
  std::vector<AnnouncedKey> out;
  for (const MinisignKey& key : *document.keys) {
    const auto same_id = [&](const MinisignKey& one) { return one.id == key.id; };
    if (std::none_of(trust.keys.begin(), trust.keys.end(), same_id)) out.push_back({key, signers});
  }
  return out;
}

Seen nothing_under(const Trust& trust) {
  Seen out;
  out.channel = trust.channel;
  out.signatures = trust.signatures;
  for (const auto& key : trust.keys) out.keys.push_back(to_text(key));
  std::sort(out.keys.begin(), out.keys.end());
  return out;
}

}  // namespace

bool is_under(const Trust& trust, const Seen& seen) {
  const Seen now = nothing_under(trust);
  return seen.channel == now.channel && seen.signatures == now.signatures && seen.keys == now.keys;
}

Seen seen_under(const Trust& trust, const std::optional<Seen>& seen) {
  Seen out = nothing_under(trust);
  if (!seen || seen->channel != out.channel) return out;
  const auto known = [&](const std::string& key) { return std::find(seen->keys.begin(), seen->keys.end(), key) != seen->keys.end(); };
  if (std::any_of(out.keys.begin(), out.keys.end(), known)) out.serial = seen->serial;
  if (is_under(trust, *seen)) out.announced = seen->announced;
  return out;
}

std::vector<MinisignKey> valid_keys(const Trust& trust, const Seen& seen) {
  std::vector<MinisignKey> out = trust.keys;
  for (const AnnouncedKey& one : seen.announced) out.push_back(one.key);
  return out;
}

sdk::Wanted wanted_files(const Trust& trust, const std::optional<Seen>& seen) {
  sdk::Wanted out;
  out.signed_document = trust.wanted();
  if (trust.wanted())
    for (const auto& key : valid_keys(trust, seen_under(trust, seen))) out.key_ids.push_back(key.id);
  return out;
}

Result<Trusted> check_signed(const sdk::SignedOffer& offer, const Trust& trust, const std::optional<Seen>& seen, const std::string* before,
                             sdk::TimePoint now) {
  Trusted out;
  out.seen = seen_under(trust, seen);
  if (offer.document.size() > kMostDocumentBytes) return not_trusted(Errc::invalid, "release.json is longer than 64 KiB");
  // Before anything is read out of it.
  auto signers = signers_of(offer, valid_keys(trust, out.seen));
  if (signers.ids.size() < static_cast<std::size_t>(trust.signatures)) {
    std::string why = std::to_string(signers.ids.size()) + " of the " + std::to_string(trust.signatures) +
                      (trust.signatures == 1 ? " signature" : " signatures") + " that it takes";
    if (offer.signatures.empty()) why += "; there is no signature file";
    if (!signers.notes.empty()) why += "; " + joined(signers.notes);
    return not_trusted(Errc::denied, why);
  }
  out.signers = std::move(signers.ids);
  auto document = parse_document(offer.document);
  if (!document) return not_trusted(document.error().code, "release.json: " + document.error().message);
  out.document = std::move(*document);
  const sdk::Release& release = out.document.release;
  if (out.document.channel != trust.channel)
    return not_trusted(Errc::denied, "release.json is that of the channel " + sdk::quoted(out.document.channel) + ", not of " +
                                         sdk::quoted(trust.channel));
  if (*release.serial < out.seen.serial)
    return not_trusted(Errc::denied, "release.json has serial " + std::to_string(*release.serial) + ", and " +
                                         std::to_string(out.seen.serial) + " was seen before: an old one is served again");
  if (*release.serial == out.seen.serial && before != nullptr && *before != offer.document)
    return not_trusted(Errc::denied,
                       "release.json has the serial " + std::to_string(*release.serial) + " that another document had before");
  if (const auto good = check_times(release, trust.clock_tolerance, now); !good)
    return not_trusted(good.error().code, good.error().message);
  out.seen.serial = *release.serial;
  if (out.document.keys) out.seen.announced = announced_by(out.document, out.signers, trust);
  return out;
}

json to_json(const Seen& seen) {
  json announced = json::array();
  for (const auto& one : seen.announced) announced.push_back({{"key", to_text(one.key)}, {"by", one.by}});
  return {{"channel", seen.channel},
          {"signatures", seen.signatures},
          {"keys", seen.keys},
          {"serial", seen.serial},
          {"announced", std::move(announced)}};
}

Result<Seen> seen_from(const json& fields) {
  Seen out;
  out.channel = fields.at("channel").get<std::string>();
  out.signatures = fields.at("signatures").get<int>();
  out.keys = fields.at("keys").get<std::vector<std::string>>();
  out.serial = fields.at("serial").get<std::uint64_t>();
  for (const json& one : fields.at("announced")) {
    auto key = parse_minisign_key(one.at("key").get<std::string>());
    if (!key) return sdk::fail("announced", key.error());
    out.announced.push_back({std::move(*key), one.at("by").get<std::vector<std::string>>()});
  }
  return out;
}

}  // namespace upkeep::core

// SPDX-License-Identifier: Apache-2.0
#include "core/accept.h"

#include "core/channel.h"

namespace upkeep::core {
namespace {

using nlohmann::json;

std::string show(const std::optional<sdk::Version>& version) { return version ? version->str() : "none"; }

// An offer and what it means, before the rules of what may come into force.
struct Checked {
  sdk::Release release;
  std::vector<std::string> warnings, signers;
  std::optional<Seen> seen;
};

sdk::Result<Trusted> check_trusted(const sdk::Offer& offer, const Trust& trust, const std::optional<InForce>& remembered,
                                   sdk::TimePoint now) {
  const auto* signed_offer = std::get_if<sdk::SignedOffer>(&offer.body);
  if (signed_offer == nullptr)
    return sdk::fail(sdk::Errc::denied, "not trusted: " + offer.origin + " has no signed document, and without one nothing counts here");
  const auto* before = remembered ? std::get_if<sdk::SignedOffer>(&remembered->offer.body) : nullptr;
  const bool same_channel = remembered && remembered->seen && remembered->seen->serial == remembered->release.serial;
  auto trusted = check_signed(*signed_offer, trust, remembered ? remembered->seen : std::nullopt,
                              before != nullptr && same_channel ? &before->document : nullptr, now);
  if (!trusted) return sdk::fail(trusted.error().code, offer.origin + ": " + trusted.error().message);
  return trusted;
}

sdk::Result<Checked> check(const sdk::Offer& offer, const Trust& trust, const std::optional<InForce>& remembered, sdk::TimePoint now) {
  Checked out;
  if (remembered) out.seen = remembered->seen;
  if (!trust.wanted()) {
    auto checked = check_offer(offer);
    if (!checked) return sdk::fail(checked.error());
    out.release = std::move(checked->release);
    out.warnings = std::move(checked->warnings);
    return out;
  }
  auto trusted = check_trusted(offer, trust, remembered, now);
  if (!trusted) return sdk::fail(trusted.error());
  out.release = std::move(trusted->document.release);
  out.release.origin = offer.origin;
  out.warnings = std::move(trusted->document.warnings);
  out.signers = std::move(trusted->signers);
  out.seen = std::move(trusted->seen);
  return out;
}

// The two files of a plain channel are not published at once.
bool needs_second_read(const sdk::Offer& offer) { return std::holds_alternative<sdk::PlainOffer>(offer.body); }

bool knows_flag(const InForce& in_force) {
  const auto* plain = std::get_if<sdk::PlainOffer>(&in_force.offer.body);
  return plain == nullptr || plain->critical.has_value();
}

}  // namespace

bool same_content(const sdk::Offer& one, const sdk::Offer& other) { return one.origin == other.origin && one.body == other.body; }

bool accepted_under(const InForce& in_force, const Trust& trust) {
  return !trust.wanted() || (!in_force.signers.empty() && in_force.seen && is_under(trust, *in_force.seen));
}

sdk::Result<void> judge(const sdk::Offer& offer, const Trust& trust, const std::optional<InForce>& remembered, sdk::TimePoint now) {
  if (!trust.wanted()) return {};
  const auto trusted = check_trusted(offer, trust, remembered, now);
  if (!trusted) return sdk::fail(trusted.error());
  return {};
}

sdk::Result<Accepted> accept(const std::optional<InForce>& previous, const sdk::Offer& offer, bool fallback, sdk::TimePoint now,
                             const Trust& trust, const std::optional<InForce>& remembered) {
  auto checked = check(offer, trust, remembered, now);
  if (!checked) return sdk::fail(checked.error());
  Accepted out;
  out.warnings = checked->warnings;
  out.in_force = InForce{offer, checked->release, checked->release.critical, true, now, checked->seen, checked->signers};
  const bool same_version = previous && previous->release.version == checked->release.version;
  const bool flag_known = same_version && knows_flag(*previous);
  if (fallback && previous && previous->release.version &&
      (!checked->release.version || *checked->release.version < *previous->release.version))
    return sdk::fail(sdk::Errc::unsupported, offer.origin + " is a fallback and says " + show(checked->release.version) +
                                                 ", which is lower than " + show(previous->release.version) + " in force: not taken");
  auto& next = out.in_force;
  if (next.says_critical && needs_second_read(offer)) {
    if (!flag_known) {
      next.confirmed = false;
    } else if (previous->says_critical && !previous->confirmed) {
      next.read_at = previous->read_at;
      next.confirmed = now - previous->read_at >= kConfirmAfter;
    }
  }
  next.release.critical = next.says_critical && next.confirmed;
  out.changed =
      !previous || !same_content(previous->offer, next.offer) || previous->confirmed != next.confirmed || previous->signers != next.signers;
  // Other words, another place or a flag make no new version: what counts from here on must not begin anew with each of them.
  if (same_version && next.confirmed) next.read_at = previous->read_at;
  return out;
}

// A plain offer: {origin, etag, version, critical?, critical_note, confirmed, read_at}; a signed one has {document, signatures, signers}
// in place of the files. `seen`, when anything was.
json to_json(const InForce& in_force) {
  json out = {{"origin", in_force.offer.origin},
              {"etag", in_force.offer.etag},
              {"confirmed", in_force.confirmed},
              {"read_at", sdk::rfc3339(in_force.read_at)}};
  if (const auto* plain = std::get_if<sdk::PlainOffer>(&in_force.offer.body)) {
    out["version"] = plain->version;
    out["critical_note"] = plain->critical_note;
    if (plain->critical) out["critical"] = *plain->critical;
  } else {
    const auto& signed_offer = std::get<sdk::SignedOffer>(in_force.offer.body);
    out["document"] = signed_offer.document;
    out["signatures"] = signed_offer.signatures;
    out["signers"] = in_force.signers;
  }
  if (in_force.seen) out["seen"] = to_json(*in_force.seen);
  return out;
}

// What was verified when it was accepted is not verified again.
sdk::Result<InForce> in_force_from(const json& fields) {
  InForce out;
  out.offer.origin = fields.at("origin").get<std::string>();
  out.offer.etag = fields.at("etag").get<std::string>();
  if (fields.contains("document")) {
    out.offer.body = sdk::SignedOffer{fields.at("document").get<std::string>(), fields.at("signatures").get<std::vector<std::string>>()};
    out.signers = fields.at("signers").get<std::vector<std::string>>();
  } else {
    sdk::PlainOffer plain;
    plain.version = fields.at("version").get<std::string>();
    if (fields.contains("critical")) plain.critical = fields.at("critical").get<std::string>();
    plain.critical_note = fields.at("critical_note").get<std::string>();
    out.offer.body = std::move(plain);
  }
  if (fields.contains("seen")) {
    auto seen = seen_from(fields.at("seen"));
    if (!seen) return sdk::fail("seen", seen.error());
    out.seen = std::move(*seen);
  }
  out.confirmed = fields.at("confirmed").get<bool>();
  const auto read_at = sdk::parse_rfc3339(fields.at("read_at").get<std::string>());
  if (!read_at) return sdk::fail("read_at", read_at.error());
  out.read_at = *read_at;
  auto checked = check_offer(out.offer);
  if (!checked) return sdk::fail("release", checked.error());
  out.release = checked->release;
  out.says_critical = out.release.critical;
  out.release.critical = out.says_critical && out.confirmed;
  return out;
}

}  // namespace upkeep::core

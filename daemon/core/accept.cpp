// SPDX-License-Identifier: Apache-2.0
#include "core/accept.h"

#include "core/channel.h"

namespace upkeep::core {
namespace {

using nlohmann::json;

std::string show(const std::optional<sdk::Version>& version) { return version ? version->str() : "none"; }

}  // namespace

bool same_content(const sdk::Offer& one, const sdk::Offer& other) { return one.origin == other.origin && one.body == other.body; }

sdk::Result<Accepted> accept(const std::optional<InForce>& previous, const sdk::Offer& offer, bool fallback, sdk::TimePoint now) {
  auto checked = check_offer(offer);
  if (!checked) return sdk::fail(checked.error());
  Accepted out;
  out.warnings = checked->warnings;
  out.in_force = InForce{offer, checked->release, checked->release.critical, true, now};
  const bool same_version = previous && previous->release.version == checked->release.version;
  const bool flag_known = same_version && std::get<sdk::PlainOffer>(previous->offer.body).critical.has_value();
  if (fallback && previous && previous->release.version &&
      (!checked->release.version || *checked->release.version < *previous->release.version))
    return sdk::fail(sdk::Errc::unsupported, offer.origin + " is a fallback and says " + show(checked->release.version) +
                                                 ", which is lower than " + show(previous->release.version) + " in force: not taken");
  auto& next = out.in_force;
  if (next.says_critical) {
    if (!flag_known) {
      next.confirmed = false;
    } else if (previous->says_critical && !previous->confirmed) {
      next.read_at = previous->read_at;
      next.confirmed = now - previous->read_at >= kConfirmAfter;
    }
  }
  next.release.critical = next.says_critical && next.confirmed;
  out.changed = !previous || !same_content(previous->offer, next.offer) || previous->confirmed != next.confirmed;
  // Other words, another place or a flag make no new version: what counts from here on must not begin anew with each of them.
  if (same_version && next.confirmed) next.read_at = previous->read_at;
  return out;
}

json to_json(const InForce& in_force) {
  const auto& plain = std::get<sdk::PlainOffer>(in_force.offer.body);
  json out = {{"origin", in_force.offer.origin}, {"etag", in_force.offer.etag},          {"version", plain.version},
              {"confirmed", in_force.confirmed}, {"critical_note", plain.critical_note}, {"read_at", sdk::rfc3339(in_force.read_at)}};
  if (plain.critical) out["critical"] = *plain.critical;
  return out;
}

sdk::Result<InForce> in_force_from(const json& fields) {
  sdk::PlainOffer plain;
  plain.version = fields.at("version").get<std::string>();
  if (fields.contains("critical")) plain.critical = fields.at("critical").get<std::string>();
  plain.critical_note = fields.at("critical_note").get<std::string>();
  InForce out;
  out.offer = sdk::Offer{fields.at("origin").get<std::string>(), fields.at("etag").get<std::string>(), plain};
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

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which offer becomes the release in force, and when `critical` counts.

#include <optional>
#include <string>

#include "core/agent_state.h"

namespace upkeep::core {

// A second read that confirms a critical release comes this long after the first, at the earliest and at the latest.
inline constexpr sdk::Millis kConfirmAfter = std::chrono::seconds(30);
inline constexpr sdk::Millis kConfirmUntil = std::chrono::seconds(60);

struct Accepted {
  InForce in_force;
  bool changed = false;  // against `previous`: journal it
  std::vector<std::string> warnings;
};

// The same bytes of the same place. Their cursor does not count: it is of use only as long as the server knows it, and a
// server that gives the same bytes another one each time must not fill the journal.
[[nodiscard]] bool same_content(const sdk::Offer& one, const sdk::Offer& other);

// With trusted keys only a signed offer counts, and is verified here (core/trust.h) against what is remembered, which is what the journal
// has last, whether or not that is in force.
// `fallback`: not the first source; such an answer never lowers the version in force (Errc::unsupported says so).
// The two files of a plain channel are not published atomically: when the version changes in the same read, critical
// counts only after a read at least kConfirmAfter later says the same; so it does when the flag could not be read last time.
[[nodiscard]] sdk::Result<Accepted> accept(const std::optional<InForce>& previous, const sdk::Offer& offer, bool fallback,
                                           sdk::TimePoint now, const Trust& trust = {}, const std::optional<InForce>& remembered = {});

// Whether the offer was accepted under exactly these trusted keys, or needs none.
[[nodiscard]] bool accepted_under(const InForce& in_force, const Trust& trust);

// As accept judges, for one offer by itself: denied, invalid or unsupported when it cannot be trusted. Plain offers are not judged when
// there are no trusted keys.
[[nodiscard]] sdk::Result<void> judge(const sdk::Offer& offer, const Trust& trust, const std::optional<InForce>& remembered,
                                      sdk::TimePoint now);

// The fields of the `release` entry, and back.
[[nodiscard]] nlohmann::json to_json(const InForce& in_force);
[[nodiscard]] sdk::Result<InForce> in_force_from(const nlohmann::json& fields);

}  // namespace upkeep::core

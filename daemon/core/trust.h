// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whom an agent believes: the keys that sign its channel, how many of them it takes, and what was seen under them. With trusted keys
// only a signed document counts.
//
// Keys rotate in a chain: a document that enough valid keys have signed may announce further ones (`keys`), which sign later documents
// beside the configured ones and may announce others. What was announced, and the highest serial, are remembered under [trust] as it was
// then. When it changes what was announced is forgotten. The serial stays as long as the channel has the same name and one of the
// configured keys is the same: who has none of them in common starts anew.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/release_document.h"
#include "sdk/release.h"
#include "sdk/result.h"
#include "sdk/source.h"
#include "sdk/time.h"

namespace upkeep::core {

// [trust]
struct Trust {
  std::vector<MinisignKey> keys;  // empty: nothing is verified, the plain files count
  int signatures = 1;             // by as many different keys
  std::string channel;            // that the document has to name
  sdk::Millis clock_tolerance = std::chrono::minutes(5);

  [[nodiscard]] bool wanted() const { return !keys.empty(); }
};

struct AnnouncedKey {
  MinisignKey key;
  std::vector<std::string> by;  // ids of the keys that signed the announcement, for people
};

// What was seen under the keys of a Trust; journalled with the release.
struct Seen {
  std::string channel;
  int signatures = 1;
  std::vector<std::string> keys;  // the configured ones, as to_text writes them, sorted
  std::uint64_t serial = 0;
  std::vector<AnnouncedKey> announced;
};

// Whether it was seen under exactly this.
[[nodiscard]] bool is_under(const Trust& trust, const Seen& seen);

// What of what is remembered counts under this.
[[nodiscard]] Seen seen_under(const Trust& trust, const std::optional<Seen>& seen);

// The configured keys, and those that were announced in a chain from them.
[[nodiscard]] std::vector<MinisignKey> valid_keys(const Trust& trust, const Seen& seen);

// What a source has to read: the plain files, or the document with the signatures of all valid keys.
[[nodiscard]] sdk::Wanted wanted_files(const Trust& trust, const std::optional<Seen>& seen);

struct Trusted {
  Document document;
  std::vector<std::string> signers;  // ids of the keys
  Seen seen;                         // from now on
};

// Signatures, the channel's name, serial and times. `before`: the document with the highest serial, if that is known; nothing else may
// stand under its serial. denied, or as parse_document says: not to be trusted; the message says why, and starts with "not trusted: ".
[[nodiscard]] sdk::Result<Trusted> check_signed(const sdk::SignedOffer& offer, const Trust& trust, const std::optional<Seen>& seen,
                                                const std::string* before, sdk::TimePoint now);

[[nodiscard]] nlohmann::json to_json(const Seen& seen);
[[nodiscard]] sdk::Result<Seen> seen_from(const nlohmann::json& json);

}  // namespace upkeep::core

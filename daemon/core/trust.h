// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whom an agent believes: the keys that sign its channel, how many of them it takes, and what was seen under them. With trusted keys
// only a signed document counts.
//
// Keys rotate in a chain: a document that enough valid keys have signed may announce further ones (`keys`), which sign later documents
// beside the configured ones and may announce others. What was announced, and the highest serial, are remembered under [trust] as it was
// then; when its keys, their number or the channel's name change they are forgotten, which is also how an operator starts a channel anew.

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
  std::string under;  // identity() of that Trust
  std::uint64_t serial = 0;
  std::vector<AnnouncedKey> announced;
};

// The channel's name, how many signatures it takes, and the configured keys in whatever order.
[[nodiscard]] std::string identity(const Trust& trust);

// What is remembered, as far as it was seen under these keys.
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

// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a channel says: the bytes as they came (Offer) and what they mean once checked (Release).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sdk/config.h"
#include "sdk/time.h"
#include "sdk/version.h"

namespace upkeep::sdk {

// A plain channel: the two files. `critical` is absent when that file could not be read; `critical_note` then says why.
struct PlainOffer {
  std::string version;                  // a semantic version, or "none": there is no release
  std::optional<std::string> critical;  // "yes" or "no"
  std::string critical_note;
  bool operator==(const PlainOffer&) const = default;
};

// A signed channel: the document, and one minisign file a signature.
struct SignedOffer {
  std::string document;
  std::vector<std::string> signatures;
  bool operator==(const SignedOffer&) const = default;
};

// Bytes of a channel. What they mean and whether they are trusted is decided in core.
struct Offer {
  std::string origin;  // where it came from, fit to be shown: no credentials, no query
  std::string etag;    // the source's own cursor (opaque, at most 1 KiB); goes back to the source with these very bytes
  std::variant<PlainOffer, SignedOffer> body;
  bool operator==(const Offer&) const = default;
};

// One entry of a signed channel's withdrawn list.
struct Withdrawn {
  Version version;
  std::optional<Version> go_to;
};

struct RolloutStage {
  TimePoint starts;
  int percent = 100;
};

// A release in force. A plain channel fills version, critical and origin only.
struct Release {
  std::optional<Version> version;  // nullopt: the channel says "none"
  bool critical = false;
  std::string origin;
  std::optional<std::uint64_t> serial;
  std::optional<TimePoint> issued, expires, not_before;
  std::optional<Version> minimum_from;
  std::vector<Withdrawn> withdrawn;
  std::vector<RolloutStage> rollout;
  std::string notes_url;           // where people read what is new; empty: nowhere
  std::optional<Config> schedule;  // a table like that of schedule/window, for agents with `use = "channel"`
  // What exactly stands for this release; empty: nothing is said.
  std::map<std::string, std::string> images;    // repository without tag → "sha256:" and 64 hexadecimal digits
  std::map<std::string, std::string> packages;  // name of a package file → its sha256, 64 hexadecimal digits
};

}  // namespace upkeep::sdk

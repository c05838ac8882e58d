// SPDX-License-Identifier: Apache-2.0
#pragma once
// release.json, the document of a signed channel, read strictly and written canonically. What it says is not trusted before its
// signatures were verified (core/trust.h).
//
//   {"channel": "stable", "version": "14.3.33" or "none", "critical": false, "serial": 12,
//    "issued": "2026-11-29T12:00:00Z", "expires": "2027-02-27T12:00:00Z",
//    and, each only where it is wanted:
//    "notes": "https://…",
//    "not_before": TIME, "minimum_from": "14.0.0",
//    "rollout": [{"starts": TIME, "percent": 10}, …],
//    "withdrawn": [{"version": "14.3.32", "go_to": "14.3.31"}, …],
//    "schedule": {a table like [[schedule]] of schedule/window, without `use`},
//    "images": {"registry.example.com/agent": "sha256:…"}, "packages": {"agent_14.3.33_amd64.deb": "64 hexadecimal digits"},
//    "keys": ["RWQ…", …],
//    "requires": ["rollout", …]}
//
// `keys`: those which may sign later documents beside the configured ones; absent: as announced before. `requires`: names of members
// that a reader must understand, or refuse the document. Members that nobody requires and nobody knows are left alone, with a warning.

#include <string>
#include <string_view>
#include <vector>

#include "core/minisign.h"
#include "sdk/release.h"
#include "sdk/result.h"

namespace upkeep::core {

inline constexpr std::size_t kMostDocumentBytes = 64 * 1024;
inline constexpr std::size_t kMostDepth = 16;      // of nesting
inline constexpr std::size_t kMostEntries = 1000;  // of a list or table in it
inline constexpr std::size_t kMostAnnounced = 16;  // keys

struct Document {
  std::string channel;
  sdk::Release release;                          // all but its origin; serial, issued and expires are there
  std::optional<std::vector<MinisignKey>> keys;  // nullopt: it says nothing of keys
  std::vector<std::string> warnings;             // "unknown member …"
};

// invalid: no JSON document of this form; the message names the member and quotes at most 60 printable characters. unsupported: it
// requires what this version of Upkeep does not know.
[[nodiscard]] sdk::Result<Document> parse_document(std::string_view bytes);

// The same document always gives the same bytes: members sorted, two blanks of indentation, a newline at the end. `requires` is made
// of the members that change what a host does. The result parses.
[[nodiscard]] std::string write_document(const Document& document);

}  // namespace upkeep::core

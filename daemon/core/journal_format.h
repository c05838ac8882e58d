// SPDX-License-Identifier: Apache-2.0
#pragma once
// The journal's lines: one JSON object each, with sequence, times and a checksum. A torn last line is cut off and said; a
// bad line anywhere else is damage, which is never guessed around.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/result.h"
#include "sdk/time.h"

namespace upkeep::core {

inline constexpr int kJournalSchema = 1;

// What an entry says. The closed list; a test compares it with what fold understands.
enum class Event {
  release,        // {origin, etag, confirmed, read_at, seen?, and of a plain channel version, critical?, critical_note, of a signed one
                  // document, signatures, signers}: accepted, in force
  installed,      // {version, by: "first" | "others", who?, undoes?}: seen without an operation of ours; `undoes`: the release version
                  // of the operation that was undone by it
  suspended,      // {actor, reason, until?, place?}; `place`: a wish of the agent's own object, where it stands
  resumed,        // {actor, place?}; `place`: that wish stands there no more
  pinned,         // {actor, version, allow_downgrade}
  unpinned,       // {actor}
  unquarantined,  // {version, actor}
  wish,           // {state: "taken" | "refused" | "gone", identity, of taken version, actor, place, of refused detail}: core/taken_wish.h
  begin,          // {from, from_release?, back_to, back_release?, target, reason, actor, downgrade, images?, packages?, settings, wish?}:
                  // an operation, phase preparing; a release version is null where the installer knows none, and absent in older
                  // journals; `wish`: its identity, when one began the operation
  phase,          // {phase, detail, …}: of the operation
  note,           // {bytes}: the installer's note within the operation
  record,         // {topic, lines}: for people, of the operation that runs or of one in the history
  hook,           // {hook, state: "started" | "ended", to, ok?, detail?, lines?}: of the operation that runs, or of the one that ended last
  end,            // {result, phase, detail, counted, quarantine?: {version, reason}, tried?: […]}: of the operation
  compacted,      // {entries: […]}: stands for older entries
};
[[nodiscard]] std::string_view name(Event event);

struct Entry {
  std::uint64_t sequence = 0;
  sdk::TimePoint time;
  std::string boot;  // boot id
  sdk::BootTime boot_time{0};
  std::string operation;  // id; empty: none
  Event event = Event::installed;
  nlohmann::json fields = nlohmann::json::object();
};

// One line without newline. Bytes that are no UTF-8 are replaced.
[[nodiscard]] std::string encode(const Entry& entry);
// Errc::unsupported: written by a newer schema; Errc::invalid: damaged.
[[nodiscard]] sdk::Result<Entry> decode(std::string_view line);

struct ReadJournal {
  std::vector<Entry> entries;
  std::size_t good_bytes = 0;  // up to the end of the last good line
  bool torn = false;           // bytes follow that are no whole line: to be cut off
  std::string damage;          // not empty: what is wrong and in which line; entries before it are there
};
[[nodiscard]] ReadJournal read_journal(std::string_view bytes);

}  // namespace upkeep::core

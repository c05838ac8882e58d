// SPDX-License-Identifier: Apache-2.0
#pragma once
// An agent's state: a pure fold over its journal, nothing else is remembered.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/decide.h"
#include "core/hooks.h"
#include "core/journal_format.h"
#include "core/phase.h"
#include "core/record.h"
#include "core/taken_wish.h"
#include "core/trust.h"
#include "sdk/installer.h"
#include "sdk/release.h"

namespace upkeep::core {

// The offer that was accepted last, and what it says.
struct InForce {
  sdk::Offer offer;
  sdk::Release release;  // critical is true only when it counts (`confirmed`)
  bool says_critical = false;
  bool confirmed = true;             // false: critical waits for a second read
  sdk::TimePoint read_at;            // when these bytes were read first
  std::optional<Seen> seen;          // what was seen under trusted keys, by this offer or an earlier one
  std::vector<std::string> signers;  // ids of the keys that this offer was accepted by; empty: nothing was verified
};

struct PhaseAt {
  Phase phase;
  sdk::TimePoint at;
  std::string detail;
};

// A hook that has begun.
struct HookRun {
  bool ended = false;
  std::string to;  // the version that the operation leads to, as the hook was told
};

// A hook, what it is told, and how it is run by the settings of its operation.
struct HookCall {
  Hook hook = Hook::after_commit;
  std::string operation, from, to;
  HookSettings settings;
};

// What runs after an operation's end, and before the next one begins.
struct DueHook {
  HookCall call;
  int starts = 0;  // how often it has begun
};

// A version that is not tried again by itself.
struct Quarantine {
  std::string version;  // release version
  std::string why;
};

// How an operation ends.
struct End {
  OperationResult result = OperationResult::failed;
  Phase phase = Phase::idle;  // in which it leaves the agent
  std::string detail;         // one sentence for people
  bool counted = false;       // as a failure of the version
  std::optional<Quarantine> quarantine;
  std::vector<std::string> tried;  // stuck: each attempt to go back, for people
};
// The fields of its entry.
[[nodiscard]] nlohmann::json to_json(const End& end);

struct OperationState {
  std::string id;
  sdk::Change change;
  std::string back_to;  // what a revert puts back: the last committed version (from, unless another operation was superseded)
  std::optional<sdk::Version> from_release, back_release;  // of those two, as the installer knows them
  sdk::Reason reason = sdk::Reason::window_open;
  std::string actor;  // empty: nobody asked
  sdk::TimePoint started;
  Phase phase = Phase::preparing;
  std::vector<PhaseAt> phases;
  int transitions = 0;                // phase entries
  int resumes = 0;                    // times the present phase was entered again
  std::string note;                   // of the installer, last one
  std::vector<std::string> packages;  // that it changes (since applying)
  std::vector<Record> record;
  std::map<Hook, HookRun> hooks;  // that have begun
  nlohmann::json settings;        // core/config_json.h: operation_settings
  // The entry that began the present phase: its times.
  sdk::TimePoint phase_at;
  std::string phase_boot;
  sdk::BootTime phase_boot_time{0};
  // The boot in which it was entered last, when that boot's first entry of it came, and how many boots in a row had come to it
  // within kRebootsBelongTogether: a version that takes its machine down each time is found by that.
  std::string boot;
  sdk::TimePoint boot_at;
  sdk::BootTime boot_since{0};
  int reboots = 0;
  // From the phases before: what the probes need to know.
  nlohmann::json baseline = nlohmann::json::object();        // probe name → why it was failing before the operation
  nlohmann::json before_restart = nlohmann::json::object();  // unit name → its invocation and boot right before activation
  // Why it is taken back (since reverting).
  std::string cause;
  OperationResult revert_result = OperationResult::rolled_back;
  std::optional<Quarantine> quarantine;  // takes effect at reverting
  std::vector<std::string> tried;        // since stuck: each attempt to go back, for people

  // The version that it leads to, for people: the exact one as soon as it is known.
  [[nodiscard]] std::string shown_to() const;
  // For going back: `from` is what is put back.
  [[nodiscard]] sdk::Change change_back() const;
  // The release version of an exact one: of the three that it knows as the installer said, of another what the text says.
  [[nodiscard]] std::optional<sdk::Version> release_of(const std::string& exact) const;
};

struct Finished {
  std::string id, from, back_to, to, actor, detail;
  std::string target;  // release version
  std::optional<sdk::Version> from_release, back_release;
  sdk::Reason reason = sdk::Reason::window_open;
  OperationResult result = OperationResult::committed;
  sdk::TimePoint started, ended;
  std::vector<PhaseAt> phases;
  std::vector<Record> record;
  int times = 1;  // equal attempts in a row that touched nothing are one line of history
};

// Others have put back what an operation of ours had left.
struct Undone {
  std::string target;  // release version, of the operation
  std::string who;     // for people; empty: not known
  sdk::TimePoint at;   // the last time
  int times = 1;       // that it happened, each within kUndoneTogether of the one before
};
inline constexpr sdk::Millis kUndoneTogether = std::chrono::hours(24);
inline constexpr int kContested = 2;  // times, and it is not tried again by itself

struct AgentState {
  std::uint64_t next_sequence = 1;
  sdk::TimePoint last_time{};  // the latest of all entries
  std::optional<InForce> in_force;
  std::optional<Suspension> suspension;         // an operator's
  std::optional<Suspension> wished_suspension;  // of the agent's own object, when last looked at
  std::optional<TakenWish> wish;                // the last one
  std::optional<Pin> pin;
  std::map<std::string, std::string> quarantined;            // release version → why
  std::map<std::string, std::vector<std::string>> attempts;  // release version → operations that failed and count
  std::map<std::string, int> tries;                          // release version → failures in a row, counted or not: for back-off
  std::optional<sdk::TimePoint> last_failure;                // of the last of `tries`
  std::string last_seen;                                     // exact version installed, when last looked at or changed by us
  bool seen = false;                                         // last_seen means something
  std::string changed_outside;                               // "1.2.3 -> 2.0.0 at TIME": the last change by others, until our next commit
  std::optional<Undone> undone;                              // until another version is, or an operator says `unquarantine`
  std::optional<OperationState> operation;                   // running, or stuck
  std::optional<DueHook> due_hook;                           // of the operation that ended last
  std::pair<std::string, std::string> hook_trouble;          // operation, and which of its after-hooks failed how; until another commits
  std::deque<Finished> history;                              // newest last, at most kHistory
  [[nodiscard]] const Finished* last() const { return history.empty() ? nullptr : &history.back(); }
};
inline constexpr std::size_t kHistory = 100;

// From what is installed to the target; `to` is still empty. `release`: in force; what it says of exact bytes is for its own version.
[[nodiscard]] sdk::Change change_to(const sdk::Installed& installed, const sdk::Version& target, const sdk::Release* release,
                                    std::string operation);

// The version to go back to from what is installed: itself, unless it was never committed, as after a superseded operation.
[[nodiscard]] std::string back_to(const AgentState& state, const std::string& installed);
// Its release version; nullopt: not known.
[[nodiscard]] std::optional<sdk::Version> back_release(const AgentState& state, const sdk::Installed& installed);

// What others undo by installing this: the release version of our last operation that has changed anything, when they put back what
// it had left. Empty: nothing.
[[nodiscard]] std::string undoes(const AgentState& state, const std::string& installed);

// Who keeps putting back what was there before this release version, for people; empty: nobody.
[[nodiscard]] std::string contested(const AgentState& state, const std::string& target);

// Takes one entry in. Errc::invalid: the entry cannot follow this state (an illegal phase, no operation, a bad value);
// the state is then not to be used.
[[nodiscard]] sdk::Result<void> fold(AgentState& state, const Entry& entry);
[[nodiscard]] sdk::Result<AgentState> fold(const std::vector<Entry>& entries);

// The entries that still matter, as the fields of one `compacted` entry. While they have more than `most_bytes`, records go first
// and then whole operations, the oldest first; what the state rests on stays, however long.
[[nodiscard]] nlohmann::json compact(const std::vector<Entry>& entries, const AgentState& state, std::size_t most_bytes = SIZE_MAX);

}  // namespace upkeep::core

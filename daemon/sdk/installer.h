// SPDX-License-Identifier: Apache-2.0
#pragma once
// An installer changes the agent. Its verbs are called in the order prepare, apply, activate, and revert when the
// version is taken back; apply, activate and revert are idempotent, because after a crash the engine calls the last
// one again without having heard its first result.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/happening.h"
#include "sdk/result.h"
#include "sdk/task.h"
#include "sdk/version.h"

namespace upkeep::sdk {

enum class Health { unknown, healthy, unhealthy };
[[nodiscard]] std::string_view name(Health health);

// How the version that is installed now could be had again after an upgrade.
enum class WayBackHow { none, store, repository, image };
[[nodiscard]] std::string_view name(WayBackHow how);
struct WayBack {
  WayBackHow how = WayBackHow::none;
  std::string text;  // for people; when there is none, what to do about it
  [[nodiscard]] bool possible() const { return how != WayBackHow::none; }
};

// What the agent's own object asks for, as a workload's annotations do: a way to speak for people who reach nothing but the object.
// Whoever may change it may ask; nobody has proven who that was.
enum class Wished {
  suspend,  // no new operations for as long as the wish stands there
  force,    // as `upkeep force VERSION`, once
};
[[nodiscard]] std::string_view name(Wished kind);
struct Wish {
  Wished kind = Wished::suspend;
  std::string text;      // suspend: the reason, may be empty; force: the version
  std::string actor;     // who wrote it there as the object has it, "kubectl-annotate": shown as claimed. Empty: not known
  std::string place;     // where it stands, for people: "annotation upkeep.dev/force of deployment default/web"
  std::string identity;  // of a force: the same as long as it stands there, another for another one: the object's uid and the text
  bool operator==(const Wish&) const = default;
};

struct Installed {
  std::string version;             // exact, as the package manager spells it; empty: not installed
  std::optional<Version> release;  // its release version; nullopt: unknown
  bool matches_target = false;     // accepts(target, version); false without a target
  WayBack way_back;
  std::vector<std::string> former;   // lower release versions that can be had for going back to, the highest first
  std::vector<std::string> held_by;  // other people's holds, each with where it stands; empty: none
  std::vector<Wish> wishes;          // of the agent's own object; the first of each kind counts
  std::vector<std::string> warnings;
  std::string changed_by;  // for people: who made it so, where the installer can tell (a workload's field manager); empty: not known
  std::string identity;    // what tells this agent from the same one elsewhere (a workload's uid); empty: the machine's id does
};

// One attempt, as it is journalled. `to` is empty until prepare has found it.
struct Change {
  std::string operation;          // id
  std::string from;               // exact installed version at the beginning; empty: was not installed
  std::string to;                 // exact version to install
  std::optional<Version> target;  // the release version that `to` stands for
  bool downgrade = false;         // a lower version is wanted, policy has been asked
  // What exactly the release says stands for it, as in sdk/release.h; empty: it says nothing. Other bytes are refused with `denied`.
  std::map<std::string, std::string> images, packages;
};

struct PlanItem {
  std::string package;
  std::string from;  // empty: newly installed
  std::string to;    // empty: removed
};
// For people: "libdemo 1.0-1 -> 1.1-1", "(new)" and "(removed)" where there is no version.
[[nodiscard]] std::string shown(const PlanItem& item);

// What exactly would happen.
struct Plan {
  std::string to;               // exact version
  std::vector<PlanItem> items;  // the agent's package first
};

// What a part of an operation's record is about (`upkeep history AGENT --operation ID`).
enum class Topic {
  package_manager,  // its own messages
  also_changed,     // what the plan changed beside the agent's package: "libdemo 1.0-1 -> 1.1-1"
  differences,      // what is not as it was after a way back
  probe,            // the health check that failed, with its last output
  unit_log,         // the unit's last lines
  hook,             // an operator's hook and how it ended
  stuck,            // what was tried, what the host looked like, and what helps
};
[[nodiscard]] std::string_view name(Topic topic);

// What a running verb leaves in the journal.
class Note {
 public:
  virtual ~Note() = default;
  // Where the verb stands, so that it can be found again after a crash. Returns once the bytes are durable; on an error the
  // verb must not go on. At most 1 KiB; the last one counts.
  virtual Task<Result<void>> write(std::string bytes) = 0;
  // Lines for people, in the operation's record; what is more than 4 KiB is cut off at the end. An error is no reason to stop.
  virtual Task<Result<void>> record(Topic topic, std::vector<std::string> lines) = 0;
};

// Where the agent stands when nothing of ours runs any more.
enum class Standing {
  target,     // at `to`
  baseline,   // exactly at `from`
  elsewhere,  // another version, package state clean: somebody else changed it
  broken,     // half installed, also after one repair
};
[[nodiscard]] std::string_view name(Standing standing);
struct Verified {
  Standing standing = Standing::broken;
  std::string version;  // what is there now; empty: nothing
  std::string detail;   // for people
};

// What the installer itself knows of the agent's health, such as that of a workload whose pods only its server sees.
struct Vitals {
  Health state = Health::unknown;   // unknown: not proven yet, with the reason in `text`
  std::string text;                 // for people: "2 of 3 replicas are updated"
  bool final = false;               // unhealthy, and waiting cannot help
  bool excused = false;             // what is wrong is not the version's doing (no node has room): no reason for a quarantine
  std::vector<std::string> output;  // more of what was seen, for the operation's record
};

// A command that helps a person, ready to be typed, and what it is good for.
struct Advice {
  std::string command, text;
};

// What a verb may change, when it is called again, and what comes of its error:
//
//   verb      changes     called again   on an error
//   inspect   nothing     any time       the agent waits; asked again in a minute
//   prepare   nothing     any time       denied, invalid, unsupported: refused, asked again later; transient, busy, cancelled: again with
//                                        back-off; any other counts, and the third one quarantines
//   fetch     downloads   any time       a warning; tried again
//   apply     the agent   after a crash  verify says what came of it. Still at `from`: as prepare's, but invalid and unsupported count;
//                                        without an error it counts for nothing, and is tried again with back-off. Broken: applied again
//                                        after transient, busy, cancelled, denied; else taken back, quarantined
//   activate  runs it     after a crash  transient, busy: for 10 minutes, anew from where a rollout could be followed for a minute. What
//                                        stays: taken back, and quarantined but for transient, busy, cancelled, denied
//   verify    repairs     any time       transient, busy: for 10 minutes. What stays: after apply it is taken back, and quarantined but for
//                                        transient, busy, cancelled, denied, timeout; in a soak it is ignored; on a way back as revert's
//   revert    the agent   until done     denied, invalid, unsupported: stuck; any other: again with back-off, stuck after revert_deadline.
//                                        Not where verify sees another version: then there is nothing to take back any more
//   keep      no version  any time       a warning; again in an hour
//   changed   nothing     in a loop      called again after a pause
//   taken     the wish    until done     a warning; again at the next look that finds it
//   tell      nothing     never          a warning; it is lost
//   show      nothing     any time       a warning; again with back-off
//
// What is tried again waits as long as the error's retry_after says, where that is longer than the engine's own pause.
class Installer {
 public:
  virtual ~Installer() = default;
  // What is there now. `target` nullptr: no target is known. Cheap enough for each decision; changes nothing.
  virtual Task<Result<Installed>> inspect(const Version* target) = 0;
  // Dry run: finds the exact version and the exact plan, or says why not (invalid: refuse this release; denied; busy; …).
  virtual Task<Result<Plan>> prepare(const Change& change) = 0;
  // Downloads ahead of time.
  virtual Task<Result<void>> fetch(const Change& change);
  // Installs `to`. `note` is what this operation's last note said, empty at first.
  virtual Task<Result<void>> apply(const Change& change, Note& note, const std::string& last_note) = 0;
  // Restarts what has to be restarted. Success: the restart was done, not that the agent is healthy.
  virtual Task<Result<void>> activate(const Change& change) = 0;
  // Waits for a transaction of ours that still runs (last_note), repairs a half-done one once, and says where the agent
  // stands with respect to `from` and `to`.
  virtual Task<Result<Verified>> verify(const Change& change, const std::string& last_note) = 0;
  // Puts `from` back and restarts.
  virtual Task<Result<void>> revert(const Change& change, Note& note, const std::string& last_note) = 0;
  // After an operation's end, at start and hourly: keep the installed version for a way back, put our hold back. Idempotent. What is not
  // on this host is kept after a look only, and not while people hold or suspend it.
  virtual Task<Result<void>> keep();
  // Returns when something outside may have changed the agent; the engine inspects then. Default: never.
  virtual Task<Result<void>> changed();
  // How the agent does as it is installed now; asked only where the descriptor says that it proves health. Changes nothing, and may run
  // beside any other verb. Errors: denied, unsupported: it can say nothing here, however long one waits; others: nothing for now.
  virtual Task<Result<Vitals>> vitals() { co_return Result<Vitals>(Vitals()); }
  // Whether the agent lives on the daemon's machine. false: the boots of that machine say nothing of it.
  [[nodiscard]] virtual bool on_this_host() const { return true; }
  // The engine has taken this force wish, and what comes of it is in its journal: takes the wish away from where it stands, if it is still
  // that one there. Called again as long as inspect finds it.
  virtual Task<Result<void>> taken(const Wish& /*wish*/) { co_return Result<void>(); }
  // Tells what has happened where the agent lives. Runs beside any other verb, one at a time, and is cut off after half a minute.
  virtual Task<Result<void>> tell(const Happening& /*happening*/) { co_return Result<void>(); }
  // Whether the agent's status is to be shown where it lives. false: show is never called.
  [[nodiscard]] virtual bool shows() const { return false; }
  // Shows it: one agent of `upkeep status --json`, an object in one line. Called when it has changed, not more often than every ten
  // seconds; runs beside any other verb, and is cut off after half a minute.
  virtual Task<Result<void>> show(const std::string& /*status*/) { co_return Result<void>(); }
  // When neither the change nor its way back (`from`) came to an end: what a person can do by hand. Asks nobody.
  [[nodiscard]] virtual std::vector<Advice> advice(const Change& /*change*/) const { return {}; }
};

}  // namespace upkeep::sdk

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The decision: facts in, an action with exactly one reason out. Pure; the first row of the table in decide.cpp
// that matches wins.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/settings.h"
#include "sdk/installer.h"
#include "sdk/reason.h"
#include "sdk/release.h"
#include "sdk/schedule.h"

namespace upkeep::core {

struct Suspension {
  std::string actor, reason;
  std::optional<sdk::TimePoint> until;  // nullopt: until resumed
  std::string place;                    // of a wish: where it stands, and lasts as long as it does; empty: an operator's
  [[nodiscard]] bool in_force(sdk::TimePoint now) const { return !until || *until > now; }
  bool operator==(const Suspension&) const = default;
};

struct Pin {
  sdk::Version version;
  bool allow_downgrade = false;
};

// An operator's force, with the words that pass what force alone does not.
struct Force {
  bool allow_downgrade = false, allow_major = false, quarantined = false, no_way_back = false;
};

struct NamedVerdict {
  std::string name;  // "window", as configured
  sdk::Verdict verdict;
};

struct Facts {
  sdk::TimePoint now;
  Policy policy;
  std::optional<Suspension> suspension, wished_suspension;  // an operator's, and what the agent's own object asks for
  std::optional<Pin> pin;
  std::optional<Force> force;
  std::optional<sdk::Version> rollback_to;    // an operator's rollback: the target is this version
  const sdk::Release* release = nullptr;      // in force; nullptr: nothing was ever accepted
  std::string not_trusted;                    // why no trusted release is in force; empty: that is not the trouble
  std::string last_error;                     // of the last poll, for texts
  const sdk::Installed* installed = nullptr;  // never nullptr when decide is called
  sdk::Health health = sdk::Health::unknown;
  std::map<std::string, std::string> quarantined;  // release version → why
  std::string contested;                           // who keeps putting the old version back; empty: nobody
  std::vector<NamedVerdict> schedules;
  std::string clock_problem;       // not empty: the wall clock is not believed, so no window is open
  double share = 0;                // this host's place in a rollout, [0, 100)
  sdk::Millis clock_tolerance{0};  // an expired release still counts for so long
  std::string agent;               // its name, for the commands in texts; empty: "AGENT"
};

struct Decision {
  sdk::Action action = sdk::Action::none;
  sdk::Reason reason = sdk::Reason::no_release;
  std::optional<sdk::TimePoint> until;  // when it could change, if known
  std::string text;                     // one sentence for people
  std::optional<sdk::Version> target;   // also when nothing is to be done
};

// How far a release's rollout has come, for a place in it.
struct Turn {
  bool has_come = false;                // also without stages
  int percent = 0;                      // of the stage that runs
  std::optional<sdk::TimePoint> comes;  // when a later stage reaches the place, if it has not come
};
[[nodiscard]] Turn turn_of(const sdk::Release& release, double share, sdk::TimePoint now);

// The version to be at: the rollback's, else the pin's, else what the channel says, or the version that its withdrawn list names in place
// of that one, or of the installed one as long as what is offered is not open to this host.
[[nodiscard]] std::optional<sdk::Version> choose_target(const Facts& facts);

[[nodiscard]] Decision decide(const Facts& facts);

// Whether nothing but time stands between the agent and an upgrade: a window, the date of a release, a place in its rollout.
[[nodiscard]] bool only_time_is_missing(const Facts& facts);

}  // namespace upkeep::core

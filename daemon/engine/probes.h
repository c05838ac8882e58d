// SPDX-License-Identifier: Apache-2.0
#pragma once
// An agent's health checks. In a soak each probe must hold: enough successes in a row, and no run of failures. Outside a
// soak only units are looked at. A probe that was failing before the operation is the baseline and does not count.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/settings.h"
#include "engine/unit_status.h"
#include "sdk/host.h"
#include "sdk/installer.h"

namespace upkeep::engine {

enum class ProbeState { unknown, ok, failing };
[[nodiscard]] std::string_view name(ProbeState state);

struct ProbeStatus {
  std::string name;
  ProbeState state = ProbeState::unknown;
  std::optional<sdk::TimePoint> since;
  std::string detail;
  bool baseline = false;  // failing before the operation: does not count
};

class Probes {
 public:
  Probes(sdk::Host& host, std::vector<core::ProbeSettings> settings);

  // One look at each unit (all = at the other probes too).
  sdk::Task<void> look_once(bool all);
  // What the activation must change, per unit: to be journalled before it.
  sdk::Task<nlohmann::json> before_restart();
  // Names and details of those failing now.
  [[nodiscard]] nlohmann::json failing() const;

  // A soak begins (or goes on after a restart of the daemon: successes are counted anew).
  void begin_soak(const nlohmann::json& baseline, const nlohmann::json& before_restart, bool other_boot);
  // Looks at the probes that are due; returns the boot time of the next one due.
  sdk::Task<sdk::BootTime> look_due();
  // The first probe that fails and counts; empty: none.
  [[nodiscard]] std::string failure() const;
  // For the operation's record: that probe's name, what was wrong, and its last output, at most 2 KiB. Empty when nothing failed.
  [[nodiscard]] std::vector<std::string> evidence() const { return evidence_; }
  // Every probe that counts has its needed successes.
  [[nodiscard]] bool all_hold() const;
  // Probes that count and have not their successes yet, for people.
  [[nodiscard]] std::string missing() const;
  void end_soak();

  // Something about a unit may have changed: look at it now.
  void units_changed();
  [[nodiscard]] const std::vector<ProbeStatus>& status() const { return status_; }
  [[nodiscard]] sdk::Health health() const;
  [[nodiscard]] std::vector<std::string> units() const;

 private:
  struct Reading {
    ProbeState state = ProbeState::unknown;
    std::string detail;
    bool final = false;               // no number of allowed failures helps
    std::vector<std::string> output;  // more of what it got, for the record
  };
  struct Track {
    int good = 0, bad = 0;
    bool failed = false;
    sdk::BootTime next{0};
    std::string first_invocation;  // of this soak
    std::string old_invocation;    // before the restart
    std::uint64_t restarts = 0;    // allowed: counted before this soak
  };
  sdk::Task<Reading> look(std::size_t index);
  sdk::Task<Reading> look_at_unit(std::size_t index);
  sdk::Task<Reading> run_command(std::size_t index);
  void note(std::size_t index, const Reading& reading);

  sdk::Host& host_;
  std::vector<core::ProbeSettings> settings_;
  std::vector<ProbeStatus> status_;
  std::vector<Track> tracks_;
  std::vector<std::string> evidence_;
  bool soaking_ = false;
};

}  // namespace upkeep::engine

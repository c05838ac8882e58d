// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the engine counts, and where it stands, as plain numbers for the metrics page. Counters begin at zero when the daemon
// starts and only grow; each lives where its event happens. Nothing here is a text from outside, except versions that parsed.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/hooks.h"
#include "core/phase.h"
#include "engine/histogram.h"
#include "sdk/installer.h"
#include "sdk/reason.h"
#include "sdk/result.h"
#include "sdk/version.h"

namespace upkeep::engine {

inline constexpr std::size_t kErrcCount = static_cast<std::size_t>(sdk::Errc::internal) + 1;
inline constexpr std::size_t kPhaseCount = static_cast<std::size_t>(core::Phase::stuck) + 1;
inline constexpr std::size_t kHookCount = static_cast<std::size_t>(core::Hook::after_rollback) + 1;
inline constexpr std::size_t kResultCount = static_cast<std::size_t>(core::OperationResult::stuck) + 1;

// What the configuration says of an agent: good, has errors, or nothing any more.
enum class Setup { configured, broken, orphaned };
[[nodiscard]] std::string_view name(Setup setup);

// What all agents of the daemon count together. One, in Shared.
struct DaemonCounters {
  Histogram append{kDiskSeconds};  // the state store's append: write and fsync
  Histogram poll{kNetworkSeconds};
  Histogram operation{kOperationSeconds};
  std::array<Histogram, kPhaseCount> phases = every_phase(std::make_index_sequence<kPhaseCount>());
  std::uint64_t reloads = 0, failed_reloads = 0;

 private:
  template <std::size_t... I>
  static std::array<Histogram, kPhaseCount> every_phase(std::index_sequence<I...> /*one for each*/) {
    return {((void)I, Histogram(kOperationSeconds))...};
  }
};

// What one agent counts.
struct AgentCounters {
  std::uint64_t polls = 0, poll_bytes = 0;
  std::array<std::uint64_t, kErrcCount> poll_errors{};   // by the reaction they ask for
  std::array<std::uint64_t, kResultCount> operations{};  // by result; a stuck one counts again when it is resolved
  std::uint64_t reverts = 0;                             // begun
  std::uint64_t changed_outside = 0;
  std::array<std::uint64_t, kHookCount> hook_failures{};  // by hook
};

struct JournalFigures {
  std::uint64_t appends = 0, append_errors = 0;
  std::size_t entries = 0, bytes = 0;
  bool damaged = false, failing = false;  // failing: the last append did not succeed
};

// One agent, now.
struct AgentFigures {
  std::string name;
  AgentCounters counters;
  JournalFigures journal;
  Setup setup = Setup::orphaned;
  std::size_t config_errors = 0, warnings = 0;

  core::Phase phase = core::Phase::idle;
  sdk::Action action = sdk::Action::none;
  sdk::Reason reason = sdk::Reason::no_release;
  std::optional<sdk::TimePoint> decided_at, changes_at;

  std::optional<sdk::Version> installed, target, offered;  // release versions; nullopt: none, or unknown
  bool inspected = false;                                  // the host was looked at; if not, the next three mean nothing
  bool at_target = false, held = false;
  sdk::WayBackHow way_back = sdk::WayBackHow::none;
  bool critical_offered = false, suspended = false, pinned = false, clock_trouble = false;
  bool schedules_open = false;
  std::size_t quarantined = 0, failed_attempts = 0;  // versions; attempts of the target that count

  std::optional<sdk::TimePoint> release_at;       // the release in force was read first
  std::optional<sdk::TimePoint> release_expires;  // of a signed one
  std::optional<sdk::TimePoint> channel_ok;       // the last good read that counts
  bool channel_failing = false;

  sdk::Health health = sdk::Health::unknown;
  std::size_t probes_ok = 0, probes_failing = 0, probes_unknown = 0;

  struct Running {
    sdk::TimePoint started;
    std::optional<int> percent;
  };
  std::optional<Running> operation;
  struct Last {
    core::OperationResult result = core::OperationResult::committed;
    sdk::TimePoint ended;
  };
  std::optional<Last> last_operation;
};

struct PluginFigures {
  std::string_view kind;
  std::string name;                     // [a-z0-9-]
  std::optional<sdk::Version> version;  // nullopt: its text is no version
};

struct Figures {
  std::string version;  // of the program
  bool ready = false, clock_synchronized = false;
  std::size_t troubles = 0;
  std::uint64_t events = 0;
  bool last_reload_ok = true;
  sdk::TimePoint configured_at;  // the configuration in use was read
  DaemonCounters counters;
  std::vector<PluginFigures> plugins;
  std::vector<AgentFigures> agents;
};

}  // namespace upkeep::engine

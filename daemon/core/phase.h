// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where an agent stands, the edges that are allowed, and how operations end.
//
//   idle ⇄ waiting ─▶ preparing ─▶ applying ─▶ activating ─▶ soaking ─▶ committed ─▶ idle
//                       │             │            │            │
//                       │ refused     │ half done  └─ fails ────┴─▶ reverting ─▶ rolled_back ─▶ idle
//                       │ or failed   └─────────────────────────────▲    └─▶ stuck ─▶ committed | rolled_back, by an operator
//                       ▼
//                     idle | waiting
//
//   applying ─▶ waiting: nothing was changed, or as before. applying, activating, soaking, reverting ─▶ idle: somebody else changed
//   it (overtaken); soaking ─▶ idle also when another release takes over (superseded).

#include <chrono>
#include <optional>
#include <string_view>

namespace upkeep::core {

enum class Phase { idle, waiting, preparing, applying, activating, soaking, reverting, committed, rolled_back, stuck };
[[nodiscard]] std::string_view name(Phase phase);
[[nodiscard]] std::optional<Phase> phase_from(std::string_view name);

// The same phase again (a resume after a restart) is allowed for phases of a running operation.
[[nodiscard]] bool may_go(Phase from, Phase to);

// Something of the agent may have been touched, or is about to be.
[[nodiscard]] constexpr bool touched(Phase phase) {
  return phase == Phase::applying || phase == Phase::activating || phase == Phase::soaking || phase == Phase::reverting;
}

enum class OperationResult { committed, rolled_back, refused, withdrawn, superseded, overtaken, failed, stuck };
[[nodiscard]] std::string_view name(OperationResult result);
[[nodiscard]] std::optional<OperationResult> result_from(std::string_view name);

// The most phase entries one operation may have: no loop is endless.
inline constexpr int kMaxTransitions = 64;
// The most times one phase is resumed after a restart of the daemon: an upgrade that kills its host every time ends.
inline constexpr int kMaxResumes = 4;
// Machines are rebooted for many reasons. Boots that follow one another faster than this in one soak are counted together,
// kMaxResumes of them are borne, and each must prove the version for this long (or the whole soak, if that is shorter).
inline constexpr std::chrono::hours kRebootsBelongTogether{2};
inline constexpr std::chrono::hours kProvenInOneBoot{1};
// Failures of one version that changed nothing: this one quarantines it.
inline constexpr int kMaxAttempts = 3;

}  // namespace upkeep::core

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Families with one series an agent, and with one for each word of a short closed list.

#include <vector>

#include "control/metrics_page.h"
#include "engine/face.h"

namespace upkeep::control {

// One family of one number an agent.
template <typename Read>
void each(MetricsPage& page, const std::vector<engine::AgentFigures>& agents, const Read& read) {
  for (const auto& one : agents) page.add({{"agent", one.name}}, read(one));
}

// One series for each value of an enum, from its first to `last`.
template <typename Enum, typename Read>
void states(MetricsPage& page, const engine::AgentFigures& one, const char* label, Enum last, const Read& value) {
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    const auto state = static_cast<Enum>(i);
    page.add({{"agent", one.name}, {label, name(state)}}, value(state));
  }
}

}  // namespace upkeep::control

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The metrics page, made anew for each reading out of numbers that lie in memory: a reading waits for nothing and leaves
// nothing behind. Label values are agents' names, words of closed lists and versions that parsed, so what a reading can bring
// is bounded by the configuration. The names are listed in conf/api/openapi.yaml.

#include <string>

#include "control/process_figures.h"
#include "control/traffic.h"
#include "engine/face.h"

namespace upkeep::control {

[[nodiscard]] std::string metrics_page(engine::Face& face, const Traffic& traffic, const ProcessFigures& process);

// metrics_agents.cpp: where each agent stands.
void write_agents(MetricsPage& page, const std::vector<engine::AgentFigures>& agents);
// metrics_history.cpp: what each has done.
void write_channels(MetricsPage& page, const std::vector<engine::AgentFigures>& agents);
void write_operations(MetricsPage& page, const std::vector<engine::AgentFigures>& agents);
void write_journals(MetricsPage& page, const std::vector<engine::AgentFigures>& agents);

}  // namespace upkeep::control

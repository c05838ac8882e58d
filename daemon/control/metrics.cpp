// SPDX-License-Identifier: Apache-2.0
#include "control/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <utility>

namespace upkeep::control {
namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Page {
 public:
  void family(const char* name, const char* help) { families_.push_back({name, help, prometheus::MetricType::Gauge, {}}); }
  // Of the family begun last.
  void gauge(const Labels& labels, double value) {
    prometheus::ClientMetric metric;
    for (const auto& [name, text] : labels) metric.label.push_back({name, text});
    metric.gauge.value = value;
    families_.back().metric.push_back(std::move(metric));
  }
  [[nodiscard]] std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  std::vector<prometheus::MetricFamily> families_;
};

std::string text_in(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

std::string metrics_page(engine::Face& face) {
  Page page;
  page.family("upkeep_build_info", "The running program; the value is always 1");
  page.gauge({{"version", text_in(face.version(), "version")}}, 1);
  page.family("upkeep_troubles", "What keeps the daemon from working as it should; 0 when all is well");
  page.gauge({}, static_cast<double>(face.troubles().size()));

  const auto status = face.status(std::nullopt);
  if (!status) return page.text();
  const nlohmann::json agents = status->value("agents", nlohmann::json::array());
  page.family("upkeep_agents", "Agents that the daemon looks after");
  page.gauge({}, static_cast<double>(agents.size()));
  page.family("upkeep_agent_phase", "Phase of the agent, as a label; the value is always 1");
  for (const auto& agent : agents) page.gauge({{"agent", text_in(agent, "name")}, {"phase", text_in(agent, "phase")}}, 1);
  page.family("upkeep_agent_decision", "The last decision on the agent, as labels; the value is always 1");
  for (const auto& agent : agents) {
    const nlohmann::json decision = agent.value("decision", nlohmann::json::object());
    page.gauge({{"agent", text_in(agent, "name")}, {"action", text_in(decision, "action")}, {"reason", text_in(decision, "reason")}}, 1);
  }
  return page.text();
}

}  // namespace upkeep::control

// SPDX-License-Identifier: Apache-2.0
#include "control/metrics_page.h"

#include <prometheus/text_serializer.h>

#include <limits>
#include <utility>

namespace upkeep::control {

void MetricsPage::begin(const char* name, const char* help, prometheus::MetricType type) {
  finish();
  family_.name = name;
  family_.help = help;
  family_.type = type;
}

void MetricsPage::finish() {
  if (!family_.metric.empty()) prometheus::TextSerializer().Serialize(text_, {family_});
  family_.metric.clear();
}

prometheus::ClientMetric& MetricsPage::sample(Labels labels) {
  auto& metric = family_.metric.emplace_back();
  metric.label.reserve(labels.size());
  for (const auto& [name, value] : labels) metric.label.push_back({name, std::string(value)});
  return metric;
}

void MetricsPage::add(Labels labels, double value) {
  auto& metric = sample(labels);
  metric.gauge.value = metric.counter.value = value;  // one of them is read, by the family's type
}

void MetricsPage::add(Labels labels, const std::optional<sdk::TimePoint>& time) {
  if (time) add(labels, std::chrono::duration<double>(time->time_since_epoch()).count());
}

void MetricsPage::add(Labels labels, const engine::Histogram& histogram) {
  auto& out = sample(labels).histogram;
  out.sample_count = histogram.count;
  out.sample_sum = histogram.sum;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < histogram.bounds.size(); ++i) out.bucket.push_back({below += histogram.counts[i], histogram.bounds[i]});
  out.bucket.push_back({histogram.count, std::numeric_limits<double>::infinity()});
}

std::string MetricsPage::take() {
  finish();
  return std::move(text_).str();
}

}  // namespace upkeep::control

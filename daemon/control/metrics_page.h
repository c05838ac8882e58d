// SPDX-License-Identifier: Apache-2.0
#pragma once
// A page in the Prometheus text format, written family by family, so that only one family's samples are held at a time.
// A family without samples is left out.

#include <prometheus/metric_family.h>

#include <initializer_list>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "engine/face.h"
#include "sdk/time.h"

namespace upkeep::control {

class MetricsPage {
 public:
  struct Label {
    const char* name;
    std::string_view value;
  };
  using Labels = std::initializer_list<Label>;

  // Each begins a family; what follows belongs to it.
  void gauge(const char* name, const char* help) { begin(name, help, prometheus::MetricType::Gauge); }
  void counter(const char* name, const char* help) { begin(name, help, prometheus::MetricType::Counter); }
  void histogram(const char* name, const char* help) { begin(name, help, prometheus::MetricType::Histogram); }

  void add(Labels labels, double value);
  void add(Labels labels, std::uint64_t value) { add(labels, static_cast<double>(value)); }
  void add(Labels labels, bool value) { add(labels, value ? 1.0 : 0.0); }
  // Seconds since 1970; nothing when there is no such time.
  void add(Labels labels, const std::optional<sdk::TimePoint>& time);
  void add(Labels labels, const engine::Histogram& histogram);

  [[nodiscard]] std::string take();

 private:
  void begin(const char* name, const char* help, prometheus::MetricType type);
  void finish();
  prometheus::ClientMetric& sample(Labels labels);

  prometheus::MetricFamily family_;
  std::ostringstream text_;
};

}  // namespace upkeep::control

// SPDX-License-Identifier: Apache-2.0
#pragma once
// One health check: a look, and what it makes of it. How many looks it takes is not its business (engine/probes.h).

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/probe_settings.h"
#include "sdk/host.h"
#include "sdk/installer.h"

namespace upkeep::engine {

enum class ProbeState { unknown, ok, failing };
[[nodiscard]] std::string_view name(ProbeState state);

struct Reading {
  ProbeState state = ProbeState::unknown;
  std::string detail;
  bool final = false;               // failing: no number of allowed failures helps; unknown: nor does waiting
  bool excused = false;             // not the version's doing
  std::vector<std::string> output;  // more of what it got, for the record
};

class Probe {
 public:
  virtual ~Probe() = default;
  virtual sdk::Task<Reading> look() = 0;
  // The unit whose signals say when to look; empty: only time does.
  [[nodiscard]] virtual std::string unit() const { return ""; }
  // Something says when to look (the unit's signals, the installer's changed()), so that it is looked at with each decision.
  [[nodiscard]] virtual bool signalled() const { return !unit().empty(); }
  // What it finds before an operation is the baseline, which does not count.
  [[nodiscard]] virtual bool excusable() const { return true; }
  // A look that takes but a moment, whatever the agent does.
  [[nodiscard]] virtual bool quick() const { return false; }
  // Adds what must be known after the restart of the time before it.
  virtual sdk::Task<void> before_restart(nlohmann::json& out);
  // Until end_soak, what counts is what has been since that restart.
  virtual void begin_soak(const nlohmann::json& /*before_restart*/, bool /*other_boot*/) {}
  virtual void end_soak() {}
};

// The host outlives it.
[[nodiscard]] std::shared_ptr<Probe> make_probe(sdk::Host& host, const std::shared_ptr<sdk::Installer>& installer,
                                                const core::ProbeSettings& settings);

[[nodiscard]] std::shared_ptr<Probe> make_unit_probe(sdk::Host& host, const core::ProbeSettings& settings);  // and notify
[[nodiscard]] std::shared_ptr<Probe> make_command_probe(sdk::Host& host, const core::ProbeSettings& settings);
[[nodiscard]] std::shared_ptr<Probe> make_http_probe(sdk::Host& host, const core::ProbeSettings& settings);
[[nodiscard]] std::shared_ptr<Probe> make_tcp_probe(sdk::Host& host, const core::ProbeSettings& settings);
[[nodiscard]] std::shared_ptr<Probe> make_log_probe(sdk::Host& host, const core::ProbeSettings& settings);
[[nodiscard]] std::shared_ptr<Probe> make_installer_probe(sdk::Host& host, std::shared_ptr<sdk::Installer> installer,
                                                          const core::ProbeSettings& settings);

// The end of an output by lines, for the record.
[[nodiscard]] std::vector<std::string> end_of_output(std::string_view text);

}  // namespace upkeep::engine

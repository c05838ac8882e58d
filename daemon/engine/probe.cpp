// SPDX-License-Identifier: Apache-2.0
#include "engine/probe.h"

#include <algorithm>

#include "sdk/text.h"

namespace upkeep::engine {

std::string_view name(ProbeState state) {
  switch (state) {
    case ProbeState::ok:
      return "ok";
    case ProbeState::failing:
      return "failing";
    case ProbeState::unknown:
      break;
  }
  return "unknown";
}

sdk::Task<void> Probe::before_restart(nlohmann::json& /*out*/) { co_return; }

std::shared_ptr<Probe> make_probe(sdk::Host& host, const std::shared_ptr<sdk::Installer>& installer, const core::ProbeSettings& settings) {
  if (settings.use == "installer") return make_installer_probe(host, installer, settings);
  if (settings.use == "command") return make_command_probe(host, settings);
  if (settings.use == "http") return make_http_probe(host, settings);
  if (settings.use == "tcp") return make_tcp_probe(host, settings);
  if (settings.use == "log") return make_log_probe(host, settings);
  return make_unit_probe(host, settings);
}

std::vector<std::string> end_of_output(std::string_view text) {
  constexpr std::size_t kMost = 1500;
  return sdk::lines_of(text.substr(text.size() - std::min(text.size(), kMost)));
}

}  // namespace upkeep::engine

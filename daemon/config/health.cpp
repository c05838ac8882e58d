// SPDX-License-Identifier: Apache-2.0
// [health]: the probes that prove a new version, in their short and long forms, and what follows when there are none.
#include <algorithm>

#include "config/agent.h"
#include "config/names.h"
#include "config/probe.h"

namespace upkeep::config {
namespace {

using sdk::KeyType;
using std::chrono::hours;
using std::chrono::seconds;

const sdk::KeySpec kHealthKeys[] = {
    {.name = "unit",
     .type = KeyType::text,
     .help = "short for a probe with use = \"unit\"; absent, and no other probe: the unit that the installer restarts"},
    {.name = "command", .type = KeyType::text_list, .help = "short for a probe with use = \"command\""},
    {.name = "http", .type = KeyType::text, .help = "short for a probe with use = \"http\": its url"},
    {.name = "tcp", .type = KeyType::text, .help = "short for a probe with use = \"tcp\": its address"},
    {.name = "notify", .type = KeyType::text, .help = "short for a probe with use = \"notify\": its unit"},
    {.name = "log", .type = KeyType::text, .help = "short for a probe with use = \"log\": its pattern"},
    {.name = "baseline",
     .type = KeyType::text,
     .fallback = "excuse",
     .help = "excuse: a probe that was failing right before the upgrade does not count in its soak, which status says; strict: it counts"},
    {.name = "soak",
     .type = KeyType::duration,
     .fallback = "2m",
     .help = "how long every probe must hold before a new version counts as good, up to 7d"},
    {.name = "probe", .type = KeyType::table_list, .help = "one health check each", .children = probe_keys()},
};

// A probe asks when the main process started only where our own restart starts it.
void set_fresh_start(const std::string& restart, const std::string& how, core::AgentSettings& out) {
  const bool restarts = how == "try-restart" || how == "restart";
  bool proven = false;
  for (core::ProbeSettings& probe : out.probes) {
    proven = proven || probe.use == "installer";
    // READY=1 seen again is what a notify probe is about, whoever makes its unit start again.
    probe.fresh_start = restarts && (probe.use == "notify" || (probe.use == "unit" && probe.unit == restart));
    proven = proven || (probe.fresh_start && probe.unit == restart);
  }
  if (proven || out.probes.empty()) return;
  if (!restart.empty() && !restarts)
    out.warnings.push_back("restart_how is \"" + how + "\": nothing proves that the new version is the one that runs");
  else
    out.warnings.emplace_back("no unit probe watches the unit that is restarted: nothing proves that the new version is the one that runs");
}

bool asks_installer(const core::AgentSettings& settings) {
  return std::any_of(settings.probes.begin(), settings.probes.end(), [](const auto& probe) { return probe.use == "installer"; });
}

void read_probes(const Section& section, const std::string& restart, core::AgentSettings& out) {
  const std::string unit = section.table.has("unit") ? section.table.text("unit") : restart;
  for (const std::string_view use : core::kProbeKinds)
    if (section.table.has(use)) read_short_probe(section, use, unit, out.probes);
  int i = 0;
  for (const sdk::Config* probe : section.table.tables("probe"))
    read_probe({*probe, section.path + ".probe[" + std::to_string(i++) + "]", section.issues}, unit, out.probes);
}

}  // namespace

std::span<const sdk::KeySpec> health_keys() { return kHealthKeys; }

void read_health(const Section* section, const sdk::Config* installer, bool installer_proves, core::AgentSettings& out) {
  const std::string restart = installer == nullptr ? "" : installer->text("restart");
  const std::string how = installer == nullptr ? "" : installer->text("restart_how", "try-restart");
  if (section != nullptr) {
    const std::size_t before = section->issues.size();
    check_keys(section->table, kHealthKeys, section->path, section->issues);
    if (section->issues.size() > before) return;
    read_probes(*section, restart, out);
    section->choose("baseline", out.strict_baseline, {{"excuse", false}, {"strict", true}});
    section->bounded("soak", out.soak, sdk::Millis(0), hours(24 * 7));
  }
  if (section != nullptr && asks_installer(out) && !installer_proves)
    section->issue("probe",
                   "use = \"installer\" is for installers that know the agent's health; " + sdk::quoted(out.installer.use) + " does not");
  if (installer_proves && !asks_installer(out)) {
    core::ProbeSettings probe;
    probe.use = "installer";
    out.probes.insert(out.probes.begin(), std::move(probe));
  }
  if (out.probes.empty() && is_service_name(restart)) {
    core::ProbeSettings probe;
    probe.use = "unit";
    probe.unit = restart;
    out.probes.push_back(std::move(probe));
  }
  if (out.probes.empty()) {
    if (section != nullptr && section->table.has("soak"))
      section->issue("soak", "proves nothing without a probe: add `unit` or another one, or leave [health] out");
    out.soak = sdk::Millis(0);
    out.warnings.emplace_back("no probe and no service to restart: nothing proves that a new version is healthy");
  }
  set_fresh_start(restart, how, out);
}

}  // namespace upkeep::config

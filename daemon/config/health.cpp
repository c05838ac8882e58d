// SPDX-License-Identifier: Apache-2.0
// [health]: the probes that prove a new version, in their short and long forms, and what follows when there are none.
#include "config/agent.h"
#include "config/names.h"

namespace upkeep::config {
namespace {

using sdk::KeyType;
using std::chrono::hours;
using std::chrono::seconds;

constexpr sdk::KeySpec kProbeKeys[] = {
    {.name = "use", .type = KeyType::text, .required = true, .help = "unit or command"},
    {.name = "unit", .type = KeyType::text, .help = "with use = \"unit\": the service that must run, its whole name"},
    {.name = "command",
     .type = KeyType::text_list,
     .help = "with use = \"command\": program (an absolute path) and arguments, without a shell; must end with status 0"},
    {.name = "interval", .type = KeyType::duration, .fallback = "5s", .help = "how often it looks during the soak, from 1s to 1h"},
    {.name = "timeout", .type = KeyType::duration, .fallback = "10s", .help = "how long one look may take, from 1s to 1h"},
    {.name = "successes", .type = KeyType::integer, .fallback = "1", .help = "good looks in a row that it needs, from 1 to 1000"},
    {.name = "failures", .type = KeyType::integer, .fallback = "1", .help = "bad looks in a row that make it failing, from 1 to 1000"},
};
constexpr sdk::KeySpec kKeys[] = {
    {.name = "unit", .type = KeyType::text, .help = "short for a probe with use = \"unit\"; absent: the unit that the installer restarts"},
    {.name = "command", .type = KeyType::text_list, .help = "short for a probe with use = \"command\""},
    {.name = "soak",
     .type = KeyType::duration,
     .fallback = "2m",
     .help = "how long every probe must hold before a new version counts as good, up to 7d"},
    {.name = "probe", .type = KeyType::table_list, .help = "one health check each", .children = kProbeKeys},
};

void add_unit(const Section& section, core::AgentSettings& out) {
  core::ProbeSettings probe;
  probe.use = "unit";
  probe.unit = section.table.text("unit");
  if (!is_service_name(probe.unit))
    section.issue("unit", sdk::quoted(probe.unit) + " is no service; write its whole name, as in \"agent.service\"");
  out.probes.push_back(std::move(probe));
}

void add_command(const Section& section, core::AgentSettings& out) {
  core::ProbeSettings probe;
  probe.use = "command";
  probe.command = section.table.texts("command");
  if (probe.command.empty() || !probe.command.front().starts_with('/'))
    section.issue("command", "is a list of program and arguments, without a shell; the program is an absolute path");
  out.probes.push_back(std::move(probe));
}

void add_probe(const Section& section, core::AgentSettings& out) {
  const std::string use = section.table.text("use");
  if (use != "unit" && use != "command") {
    section.issue("use", sdk::quoted(use) + " is no probe" + suggestion(use, {"unit", "command"}));
    return;
  }
  const std::string_view other = use == "unit" ? "command" : "unit";
  if (section.table.has(other)) section.issue(other, "does not belong to a probe with use = \"" + use + "\"");
  if (!section.table.has(use)) {
    section.issue(use, "is missing");
    return;
  }
  if (use == "unit")
    add_unit(section, out);
  else
    add_command(section, out);
  core::ProbeSettings& probe = out.probes.back();
  section.bounded("interval", probe.interval, seconds(1), hours(1));
  section.bounded("timeout", probe.timeout, seconds(1), hours(1));
  section.bounded("successes", probe.successes, 1, 1000);
  section.bounded("failures", probe.failures, 1, 1000);
}

// A probe asks when the main process started only where our own restart starts it.
void set_fresh_start(const std::string& restart, const std::string& how, core::AgentSettings& out) {
  const bool restarts = how == "try-restart" || how == "restart";
  bool proven = false;
  for (core::ProbeSettings& probe : out.probes) {
    probe.fresh_start = probe.use == "unit" && restarts && probe.unit == restart;
    proven = proven || probe.fresh_start;
  }
  if (proven || out.probes.empty()) return;
  if (!restart.empty() && !restarts)
    out.warnings.push_back("restart_how is \"" + how + "\": nothing proves that the new version is the one that runs");
  else
    out.warnings.emplace_back("no unit probe watches the unit that is restarted: nothing proves that the new version is the one that runs");
}

void read_probes(const Section& section, core::AgentSettings& out) {
  if (section.table.has("unit")) add_unit(section, out);
  if (section.table.has("command")) add_command(section, out);
  int i = 0;
  for (const sdk::Config* probe : section.table.tables("probe"))
    add_probe({*probe, section.path + ".probe[" + std::to_string(i++) + "]", section.issues}, out);
}

}  // namespace

std::span<const sdk::KeySpec> health_keys() { return kKeys; }

void read_health(const Section* section, const sdk::Config* installer, core::AgentSettings& out) {
  const std::string restart = installer == nullptr ? "" : installer->text("restart");
  const std::string how = installer == nullptr ? "" : installer->text("restart_how", "try-restart");
  if (section != nullptr) {
    const std::size_t before = section->issues.size();
    check_keys(section->table, kKeys, section->path, section->issues);
    if (section->issues.size() > before) return;
    read_probes(*section, out);
    section->bounded("soak", out.soak, sdk::Millis(0), hours(24 * 7));
  }
  if (out.probes.empty() && is_service_name(restart)) {
    core::ProbeSettings probe;
    probe.use = "unit";
    probe.unit = restart;
    out.probes.push_back(std::move(probe));
  }
  if (out.probes.empty()) {
    if (section != nullptr && section->table.has("soak"))
      section->issue("soak", "proves nothing without a probe: add `unit` or `command`, or leave [health] out");
    out.soak = sdk::Millis(0);
    out.warnings.emplace_back("no probe and no service to restart: nothing proves that a new version is healthy");
  }
  set_fresh_start(restart, how, out);
}

}  // namespace upkeep::config

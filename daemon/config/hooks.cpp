// SPDX-License-Identifier: Apache-2.0
// [hooks]: what operators want run around an operation: an argument vector, or a table with a command or a unit.
#include "config/agent.h"
#include "config/names.h"
#include "sdk/unit_job.h"

namespace upkeep::config {
namespace {

using core::Hook;
using sdk::KeyType;

constexpr sdk::KeySpec kOneHookKeys[] = {
    {.name = "command",
     .type = KeyType::text_list,
     .help = "program (an absolute path) and arguments, without a shell; runs as the daemon's user inside its sandbox, is killed with the "
             "daemon, and finds UPKEEP_AGENT, UPKEEP_FROM, UPKEEP_TO and UPKEEP_OPERATION in its environment"},
    {.name = "unit",
     .type = KeyType::text,
     .help = "in place of command: a unit that is started, and waited for; `upkeep enable` allows it; as it may run as root it is told "
             "nothing, but it may ask `upkeep status AGENT --json`"},
    {.name = "timeout", .type = KeyType::duration, .fallback = "5m", .help = "how long it may take, from 1s to 24h; then it has failed"},
};

constexpr sdk::KeySpec kHookKeys[] = {
    {.name = "before_apply",
     .type = KeyType::table,
     .help = "right before something is installed; when it fails the operation is refused; a list is short for its command, here and below",
     .children = kOneHookKeys},
    {.name = "after_apply",
     .type = KeyType::table,
     .help = "when the new version is installed and not restarted yet; when it fails, as with those below, that is reported only",
     .children = kOneHookKeys},
    {.name = "after_commit",
     .type = KeyType::table,
     .help = "when the new version has proved healthy; like each hook it runs at least once: again, with the same UPKEEP_OPERATION, when "
             "the daemon ends before it does",
     .children = kOneHookKeys},
    {.name = "after_rollback",
     .type = KeyType::table,
     .help = "when the former version was put back, and whenever an operation whose before_apply was begun ends without a commit, so that "
             "what before_apply did can be undone",
     .children = kOneHookKeys},
};

void read_command(const Section& section, const sdk::Config& at, std::vector<std::string>& out) {
  const auto* items = std::get_if<sdk::Config::Array>(&at.value());
  for (const auto& item : *items)
    if (const auto* text = std::get_if<std::string>(&item.value())) out.push_back(*text);
  if (out.size() != items->size() || !is_command(out)) section.issues.push_back({at.place(), section.path, kNoCommand});
}

void read_table(const Section& section, core::HookSettings& out) {
  const std::size_t before = section.issues.size();
  check_keys(section.table, kOneHookKeys, section.path, section.issues);
  if (section.issues.size() > before) return;
  const sdk::Config* command = section.table.find("command");
  out.unit = section.table.text("unit");
  if ((command == nullptr) == !section.table.has("unit"))
    section.issues.push_back({section.table.place(), section.path, "wants one of `command` and `unit`"});
  else if (command != nullptr)
    read_command({section.table, join(section.path, "command"), section.issues}, *command, out.command);
  else if (!sdk::is_unit_name(out.unit))
    section.issue("unit", sdk::quoted(out.unit) + " is no unit that can be started; write its whole name, as in \"drain.service\"");
  section.bounded("timeout", out.timeout, std::chrono::seconds(1), std::chrono::hours(24));
}

}  // namespace

std::span<const sdk::KeySpec> hook_keys() { return kHookKeys; }

void read_hooks(const Section& section, core::AgentSettings& out) {
  check_known(section.table, names_of(kHookKeys), section.path, section.issues);
  for (const sdk::KeySpec& key : kHookKeys) {
    const sdk::Config* value = section.table.find(key.name);
    if (value == nullptr) continue;
    const std::string path = join(section.path, key.name);
    core::HookSettings settings;
    if (value->is_table())
      read_table({*value, path, section.issues}, settings);
    else if (std::holds_alternative<sdk::Config::Array>(value->value()))
      read_command({section.table, path, section.issues}, *value, settings.command);
    else
      section.issues.push_back({value->place(), path, "is a list of program and arguments, or a table with command or unit"});
    out.hooks.emplace(core::hook_from(key.name).value(), std::move(settings));
  }
}

}  // namespace upkeep::config

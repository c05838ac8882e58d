// SPDX-License-Identifier: Apache-2.0
#include "cli/local/keys.h"

#include <algorithm>
#include <iostream>

#include "cli/help.h"
#include "cli/local/offline.h"
#include "cli/terminal.h"
#include "config/agent.h"
#include "config/daemon.h"

namespace upkeep::cli {
namespace {

using sdk::KeyType;
using sdk::PluginKind;

std::string_view type_text(KeyType type) {
  constexpr std::string_view kTexts[] = {"text", "whole number", "number", "true or false", "duration", "list of texts", "table", "tables"};
  return kTexts[static_cast<std::size_t>(type)];
}

bool is_table(const sdk::KeySpec& key) { return key.type == KeyType::table || key.type == KeyType::table_list; }

// `table` and the tables in it.
void add(std::vector<KeyTable>& out, KeyTable table, std::span<const sdk::KeySpec> keys) {
  for (const sdk::KeySpec& key : keys)
    if (!is_table(key) && key.name != config::kOtherPackages) table.keys.push_back(&key);
  const KeyTable outer = out.emplace_back(std::move(table));
  for (const sdk::KeySpec& key : keys) {
    if (!is_table(key)) continue;
    KeyTable inner = outer;
    inner.name += "." + std::string(key.name);
    inner.many = key.type == KeyType::table_list;
    inner.required = key.required;
    inner.help = key.help;
    inner.keys.clear();
    add(out, std::move(inner), key.children);
  }
}

void add_plugins(KeyReference& out, const sdk::KeySpec& section, const KeyTable& table, engine::Registry& registry) {
  for (const PluginKind kind : {PluginKind::source, PluginKind::schedule, PluginKind::installer, PluginKind::state}) {
    if (sdk::name(kind) != section.name) continue;
    for (const std::string& name : registry.names(kind)) {
      const auto plugin = registry.find(kind, name);
      if (!plugin) {
        out.warnings.push_back(plugin.error().message);
        continue;
      }
      KeyTable own = table;
      own.plugin = *plugin;
      own.help = (*plugin)->summary;
      add(out.tables, std::move(own), (*plugin)->keys);
    }
  }
}

void add_file(KeyReference& out, bool of_daemon, std::span<const sdk::KeySpec> sections, engine::Registry& registry) {
  for (const sdk::KeySpec& section : sections) {
    const KeyTable table{
        of_daemon, std::string(section.name), section.type == KeyType::table_list, section.required, std::string(section.help), nullptr,
        {}};
    add(out.tables, table, section.children);
    add_plugins(out, section, table, registry);
  }
}

nlohmann::json to_json(const KeyTable& table) {
  nlohmann::json keys = nlohmann::json::array();
  for (const sdk::KeySpec* key : table.keys)
    keys.push_back({{"name", key->name},
                    {"type", sdk::name(key->type)},
                    {"required", key->required},
                    {"default", key->fallback.empty() ? nlohmann::json() : nlohmann::json(key->fallback)},
                    {"help", key->help},
                    {"secret", key->secret}});
  return {{"file", table.of_daemon ? "upkeep.toml" : "agents.d/AGENT.toml"},
          {"table", table.name},
          {"many", table.many},
          {"required", table.required},
          {"help", table.help},
          {"plugin", table.plugin == nullptr ? nlohmann::json() : nlohmann::json(table.plugin->name)},
          {"keys", std::move(keys)}};
}

}  // namespace

KeyReference key_reference(engine::Registry& registry) {
  KeyReference out;
  add_file(out, true, config::daemon_keys(), registry);
  add_file(out, false, config::agent_keys(), registry);
  return out;
}

std::string heading(const KeyTable& table) {
  const std::string name = table.many ? "[[" + table.name + "]]" : "[" + table.name + "]";
  return table.plugin == nullptr ? name : name + " with use = \"" + table.plugin->name + "\"";
}

std::string kind_of(const sdk::KeySpec& key) {
  std::string out(type_text(key.type));
  if (key.required) out += ", required";
  if (!key.fallback.empty()) out += ", default " + std::string(key.fallback);
  return key.secret ? out + ", secret" : out;
}

void show_keys(Context& context) {
  Offline offline(context);
  const KeyReference reference = key_reference(offline.registry());
  for (const std::string& warning : reference.warnings) context.fail(warning);
  if (context.json) {
    nlohmann::json tables = nlohmann::json::array();
    for (const KeyTable& table : reference.tables) tables.push_back(to_json(table));
    return context.print_json({{"tables", std::move(tables)}, {"warnings", reference.warnings}});
  }
  const Style style;
  bool daemon = false, agent = false;
  for (const KeyTable& table : reference.tables) {
    if (!std::exchange(table.of_daemon ? daemon : agent, true))
      std::cout << (table.of_daemon ? "" : "\n") << "In " << (table.of_daemon ? "upkeep.toml" : "agents.d/AGENT.toml") << ":\n";
    std::cout << "\n" << style.bold(printable(heading(table))) << "\n  " << filled(printable(table.help), 2, 80) << "\n";
    for (const sdk::KeySpec* key : table.keys)
      std::cout << help_entry(printable(key->name), printable(std::string(key->help) + " (" + kind_of(*key) + ")"));
  }
}

}  // namespace upkeep::cli

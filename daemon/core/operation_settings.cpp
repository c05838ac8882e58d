// SPDX-License-Identifier: Apache-2.0
// The part of an agent's settings that an operation keeps from its beginning to its end.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/config_json.h"

namespace upkeep::core {
namespace {

using nlohmann::json;
using sdk::Config;
using sdk::Millis;

// Throws json::exception for anything else; apply_operation_settings catches it.
Millis read_millis(const json& value) { return Millis(value.get_ref<const json::number_integer_t&>()); }

// Puts the secret keys of one table into another; in lists of tables item by item, as far as both reach.
void copy_secrets(const Config& from, Config& into, std::span<const sdk::KeySpec> keys) {
  auto* table = std::get_if<Config::Table>(&into.value());
  if (table == nullptr) return;
  for (const sdk::KeySpec& key : keys) {
    const Config* source = from.find(key.name);
    if (source == nullptr) continue;
    if (key.secret) {
      table->insert_or_assign(std::string(key.name), *source);
      continue;
    }
    auto target = table->find(key.name);
    if (target == table->end()) continue;
    if (source->is_table()) copy_secrets(*source, target->second, key.children);
    const auto* sources = std::get_if<Config::Array>(&source->value());
    auto* targets = std::get_if<Config::Array>(&target->second.value());
    if (sources == nullptr || targets == nullptr) continue;
    for (std::size_t i = 0; i < std::min(sources->size(), targets->size()); ++i) copy_secrets((*sources)[i], (*targets)[i], key.children);
  }
}

}  // namespace

json operation_settings(const AgentSettings& settings, std::span<const sdk::KeySpec> installer_keys) {
  json probes = json::array();
  for (const ProbeSettings& probe : settings.probes) probes.push_back(to_json(probe));
  return {{"installer", {{"use", settings.installer.use}, {"config", config_to_json(settings.installer.config, installer_keys)}}},
          {"probes", probes},
          {"baseline", settings.strict_baseline ? "strict" : "excuse"},
          {"soak_ms", settings.soak.count()},
          {"hooks", hooks_to_json(settings.hooks)},
          {"revert_deadline_ms", settings.revert_deadline.count()}};
}

sdk::Result<void> apply_operation_settings(const json& value, AgentSettings& settings, std::span<const sdk::KeySpec> installer_keys) {
  AgentSettings out = settings;
  try {
    const json& installer = value.at("installer");
    out.installer.use = installer.at("use").get<std::string>();
    const json& config = installer.at("config");
    if (!config.is_object()) return sdk::fail(sdk::Errc::invalid, "operation settings: installer.config is no table");
    out.installer.config = config_from_json(config);
    out.probes.clear();
    for (const json& probe : value.at("probes").get_ref<const json::array_t&>()) out.probes.push_back(probe_from_json(probe));
    out.strict_baseline = value.contains("baseline") && value.at("baseline").get<std::string>() == "strict";
    out.soak = read_millis(value.at("soak_ms"));
    // Absent in journals of before there were hooks.
    out.hooks = value.contains("hooks") ? hooks_from_json(value.at("hooks")) : Hooks();
    out.revert_deadline = read_millis(value.at("revert_deadline_ms"));
  } catch (const json::exception& error) {
    return sdk::fail(sdk::Errc::invalid, std::string("operation settings: ") + error.what());
  }
  if (out.installer.use == settings.installer.use) copy_secrets(settings.installer.config, out.installer.config, installer_keys);
  settings = std::move(out);
  return {};
}

}  // namespace upkeep::core

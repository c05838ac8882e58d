// SPDX-License-Identifier: Apache-2.0
#pragma once
// Configuration trees and agents' settings as JSON, for the journal: an operation finishes with the configuration it
// began with. Secret keys are left out by the writer's key tables; file places are not kept.

#include <nlohmann/json_fwd.hpp>
#include <span>

#include "core/settings.h"

namespace upkeep::core {

// `keys`: the plugin's table; keys marked secret (also nested) are left out.
[[nodiscard]] nlohmann::json config_to_json(const sdk::Config& config, std::span<const sdk::KeySpec> keys);
[[nodiscard]] sdk::Config config_from_json(const nlohmann::json& json);

// What an operation needs of its agent's settings: installer, probes, soak, hooks, revert_deadline.
[[nodiscard]] nlohmann::json operation_settings(const AgentSettings& settings, std::span<const sdk::KeySpec> installer_keys);
// Puts them over `settings`. Secret keys, which the JSON does not have, stay those of `settings` as long as its installer
// is the same plugin. Errc::invalid, with `settings` as it was, when the JSON is not what operation_settings writes.
[[nodiscard]] sdk::Result<void> apply_operation_settings(const nlohmann::json& json, AgentSettings& settings,
                                                         std::span<const sdk::KeySpec> installer_keys = {});

}  // namespace upkeep::core

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Merged → validated: an agent's tree as settings. Each part reads one table of the file; trouble becomes issues, and
// whoever calls must not use the settings when there are any.

#include <string>

#include "config/keys.h"
#include "config/load.h"

namespace upkeep::config {

// The whole file of the agent `name`.
void read_agent(const sdk::Config& tree, const Lookup& lookup, core::AgentSettings& out, Issues& issues);

// One table of a plugin: `use`, the keys `common` to its kind (left out of `config`), and the plugin's own.
void read_use(sdk::PluginKind kind, const Section& section, std::span<const sdk::KeySpec> common, const Lookup& lookup,
              core::PluginUse& out);

// [trust], after the sources.
void read_trust(const Section& section, core::AgentSettings& out);

// [policy]
void read_policy(const Section& section, core::AgentSettings& out);

// [hooks]
void read_hooks(const Section& section, core::AgentSettings& out);

// [health], nullptr when absent; `installer` is that table, nullptr when absent, for its `restart` and `restart_how`; `installer_proves`:
// its plugin knows the agent's health.
void read_health(const Section* section, const sdk::Config* installer, bool installer_proves, core::AgentSettings& out);

// Their tables of keys, and that of the whole file: a table each, without the plugins' own keys. They live for ever.
[[nodiscard]] std::span<const sdk::KeySpec> trust_keys();
[[nodiscard]] std::span<const sdk::KeySpec> policy_keys();
[[nodiscard]] std::span<const sdk::KeySpec> hook_keys();
[[nodiscard]] std::span<const sdk::KeySpec> health_keys();
[[nodiscard]] std::span<const sdk::KeySpec> agent_keys();

// Set by `load` in installers whose table has it, from the other agents' `package`; nobody may write it.
inline constexpr std::string_view kOtherPackages = "other_packages";

}  // namespace upkeep::config

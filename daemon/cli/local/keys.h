// SPDX-License-Identifier: Apache-2.0
#pragma once
// The reference of configuration keys: the daemon's and the agents' own tables, and those of every plugin there is. It is
// made from the tables that configuration is checked against, so that it cannot lag behind them.

#include <deque>
#include <span>
#include <string>
#include <vector>

#include "cli/context.h"
#include "engine/registry.h"
#include "sdk/config.h"

namespace upkeep::cli {

struct KeyTable {
  bool of_daemon = false;  // of upkeep.toml; else of an agent's file
  std::string name;        // "control", "health.probe"
  bool many = false;       // [[name]]
  bool required = false;   // of the file
  std::string help;
  const sdk::Descriptor* plugin = nullptr;  // these are its keys, with use = "its name"
  std::vector<const sdk::KeySpec*> keys;    // tables are listed on their own, behind it
};

struct KeyReference {
  std::vector<KeyTable> tables;
  std::vector<std::string> warnings;  // plugins that cannot be loaded
};
[[nodiscard]] KeyReference key_reference(engine::Registry& registry);

// "[control]", "[[schedule]] with use = \"window\"".
[[nodiscard]] std::string heading(const KeyTable& table);
// "text, required", "duration, default 5m", "text, secret".
[[nodiscard]] std::string kind_of(const sdk::KeySpec& key);

// `config keys`
void show_keys(Context& context);

}  // namespace upkeep::cli

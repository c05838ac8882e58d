// SPDX-License-Identifier: Apache-2.0
#pragma once
// Configuration: raw files → merged trees → validated settings. A bad agent file disables that agent only; issues of the
// daemon's own file are for the caller to end on.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/settings.h"
#include "sdk/host.h"
#include "sdk/plugin.h"

namespace upkeep::config {

// Finds the descriptor of a plugin (the registry; loads it if need be).
using Lookup = std::function<sdk::Result<const sdk::Descriptor*>(sdk::PluginKind, std::string_view name)>;

struct Loaded {
  core::DaemonSettings daemon;
  std::vector<sdk::ConfigIssue> daemon_issues;                  // not empty: `daemon` must not be used
  std::vector<core::AgentSettings> agents;                      // the good ones, by name
  std::map<std::string, std::vector<sdk::ConfigIssue>> broken;  // agents with issues, by name
};

// `upkeep.toml` of the folder only; absent file: defaults. Before any plugin can be looked up.
[[nodiscard]] Loaded load_daemon(sdk::Files& files, const std::string& dir);
// All: upkeep.toml, agents.d/*.toml, and for each its *.toml.d/*.toml drop-ins (sorted; tables merge key by key, arrays and values
// replace).
[[nodiscard]] Loaded load(sdk::Files& files, const std::string& dir, const Lookup& lookup);
// One agent file (with its drop-ins).
[[nodiscard]] Loaded load_agent_file(sdk::Files& files, const std::string& path, const Lookup& lookup);

// "file:line: path: message", one line.
[[nodiscard]] std::string text(const sdk::ConfigIssue& issue);

}  // namespace upkeep::config

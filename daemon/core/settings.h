// SPDX-License-Identifier: Apache-2.0
#pragma once
// Validated configuration as values: made by config, used by the engine. Defaults here are the documented ones.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/hooks.h"
#include "core/probe_settings.h"
#include "core/trust.h"
#include "sdk/config.h"
#include "sdk/host.h"
#include "sdk/time.h"

namespace upkeep::core {

enum class Downgrade { never, same_major, any };
enum class RequireWayBack { always, unless_critical, never };

struct Policy {
  Downgrade downgrade = Downgrade::same_major;
  std::optional<std::uint64_t> major_skip;  // most majors to skip at once; nullopt: any
  bool unhealthy_may_upgrade = false;
  RequireWayBack require_way_back = RequireWayBack::unless_critical;
  bool install_missing = false;
  sdk::Millis spread{0};
  bool download_ahead = false;    // before the gate opens
  bool finish_in_window = false;  // no start that is expected to end after its window
};

// One use of a plugin: `use`, and its own table (without the keys that are common to the kind).
struct PluginUse {
  std::string use;
  sdk::Config config;
};

struct AgentSettings {
  std::string name;
  std::vector<PluginUse> sources;  // in the order of failover
  sdk::Millis poll = std::chrono::minutes(5);
  Trust trust;
  std::vector<PluginUse> schedules;
  PluginUse installer;
  std::vector<ProbeSettings> probes;
  bool strict_baseline = false;  // [health] baseline = "strict": what was failing before counts too
  sdk::Millis soak = std::chrono::minutes(2);
  Hooks hooks;
  Policy policy;
  sdk::Millis max_age = std::chrono::hours(24);         // [policy] max_age: oldest last good read of the channel that still counts
  sdk::Millis revert_deadline = std::chrono::hours(1);  // [policy] revert_deadline
  std::vector<std::string> warnings;                    // shown in status
};

struct DaemonSettings {
  std::string config_dir = "/etc/upkeep";
  std::string plugin_dir;                                           // [daemon] plugins
  std::string state_dir = "/var/lib/upkeep";                        // [daemon] state
  std::string socket = "/run/upkeep/control.sock";                  // [control] socket
  std::string read_group = "upkeep", admin_group = "upkeep-admin";  // [control] read_group, admin_group
  std::string listen;                             // [control] listen: "127.0.0.1:9464" for metrics and health; empty: none
  sdk::LogLevel log_level = sdk::LogLevel::info;  // [log] level
  bool log_json = false;                          // [log] format = "text" | "json"
  int workloads_at_once = 20;                     // [daemon] workloads_at_once
  PluginUse state;                                // [state]
};

}  // namespace upkeep::core

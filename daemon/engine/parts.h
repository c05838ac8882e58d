// SPDX-License-Identifier: Apache-2.0
#pragma once
// What an agent's settings become: its plugins, its poller and its probes. And what all agents share.

#include <asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/settings.h"
#include "engine/event_hub.h"
#include "engine/figures.h"
#include "engine/guard.h"
#include "engine/look_limit.h"
#include "engine/poller.h"
#include "engine/probes.h"
#include "engine/transaction_lock.h"
#include "engine/wake.h"

namespace upkeep::engine {

using ProgressSink = std::function<void(const sdk::Progress&)>;

struct Shared {
  asio::any_io_executor executor;
  Registry& registry;
  sdk::Host& host;  // the daemon's own view
  std::function<std::unique_ptr<sdk::Host>(std::string agent, ProgressSink)> make_host;
  core::PluginUse state;
  std::string machine_id;
  sdk::TimePoint build_date;  // a wall clock earlier than this is wrong
  std::optional<sdk::BootTime>
      claim_lapses{};  // when the journals are this daemon's no more, unless its claim is renewed; engine/claim.cpp
  int permits = 0;     // that are held by running operations
  Wake permit_ended;   // one of them
  EventHub events{};
  DaemonCounters counters{};
  TransactionLock lock{};                                      // on this host
  TransactionLock rollouts{20};                                // of workloads, elsewhere
  Wake loaded{};                                               // an agent's journal was read, or could not be; or nobody asks for it
  LookLimit looks{};                                           // of agents at what is installed
  std::map<std::string, std::weak_ptr<Poller>> pollers{};      // by what they read
  std::map<std::string, std::vector<std::string>> changing{};  // agent → the packages that its running operation changes
};

struct NamedSchedule {
  std::string name;
  std::unique_ptr<sdk::Schedule> schedule;
};

struct Parts {
  std::vector<NamedSchedule> schedules;
  std::shared_ptr<sdk::Installer> installer;  // also of a look that is not over
  std::shared_ptr<Poller> poller;             // nullptr in the parts of a journalled operation
  std::unique_ptr<Probes> probes;
  std::shared_ptr<Faults> faults = std::make_shared<Faults>();  // what the schedules and the installer threw
};

// Under which an agent with that installer is changed.
[[nodiscard]] inline TransactionLock& lock_for(Shared& shared, const sdk::Installer& installer) {
  return installer.on_this_host() ? shared.lock : shared.rollouts;
}

// All of them; the error names the plugin and what it says.
[[nodiscard]] sdk::Result<std::shared_ptr<Parts>> make_parts(Shared& shared, sdk::Host& host, const core::AgentSettings& settings);
// The state store of an agent.
[[nodiscard]] sdk::Result<std::unique_ptr<sdk::State>> make_state(Shared& shared, sdk::Host& host);
// The installer's key table, to know what must not be journalled.
[[nodiscard]] std::span<const sdk::KeySpec> installer_keys(Shared& shared, const core::AgentSettings& settings);

}  // namespace upkeep::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once
// All agents of this daemon: starts a supervisor each, takes new configurations in, and is the face that control speaks to. As long
// as another daemon has the journals it stands by: it has no agents, and changes nothing.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/supervisor.h"

namespace upkeep::engine {

// What the configuration says, as the engine takes it.
struct Configuration {
  std::vector<core::AgentSettings> agents;
  std::map<std::string, std::vector<sdk::ConfigIssue>> broken;
  std::vector<sdk::ConfigIssue> daemon_issues;
};

class Engine : public Face {
 public:
  // `read`: reads the configuration anew. `give_up`: the journals are another's now; ends the process, and what its next start finds
  // in them is all that counts.
  Engine(Shared& shared, std::function<Configuration()> read, std::function<void(const std::string& why)> give_up)
      : shared_(shared), read_(std::move(read)), give_up_(std::move(give_up)) {}

  // As soon as the journals are ours: starts the agents of the configuration, and orphans: agents that have a journal and no
  // configuration.
  void start(Configuration configuration);

  Reply status(const std::optional<std::string>& agent) override;
  Reply history(const std::optional<std::string>& agent, const std::string& operation = "") override;
  sdk::Task<Reply> schedule(std::string agent, sdk::TimePoint from, sdk::TimePoint until) override;
  sdk::Task<Reply> command(std::string agent, Command command) override;
  sdk::Task<Reply> reload(Actor actor) override;
  nlohmann::json version() override;
  std::unique_ptr<Subscription> subscribe(EventSink sink) override { return shared_.events.subscribe(std::move(sink)); }
  Figures figures() override;
  std::vector<std::string> troubles() override;
  bool ready() override;
  sdk::Task<void> until_ready();

  // The daemon is about to end: tells those who listen.
  void stopping();
  // Then: changes nothing more, and gives back what another may go on with, in a few seconds at most. While an agent is being changed
  // nothing is given back: nobody may begin beside what is under way, and all of it lapses.
  sdk::Task<void> give_back();

  // One line for systemd's STATUS=.
  [[nodiscard]] std::string summary();

 private:
  // claim.cpp
  sdk::Task<void> own();
  sdk::Task<sdk::Claim> until_ours();
  sdk::Task<sdk::Result<sdk::Claim>> ask(std::optional<sdk::BootTime> until);
  sdk::Task<void> renew(sdk::Claim claim);
  // agents.cpp
  void take(const Configuration& configuration);
  sdk::Task<void> adopt_orphans();
  std::shared_ptr<Supervisor>& supervisor(const std::string& name);
  // By name; nullptr: unknown. Those that are over are dropped on the way.
  std::shared_ptr<Supervisor> find(const std::string& name);
  // engine.cpp
  Reply unknown(const std::string& agent) const;
  void emit(std::string_view event, nlohmann::json fields);

  Shared& shared_;
  std::function<Configuration()> read_;
  std::function<void(const std::string&)> give_up_;
  std::unique_ptr<sdk::State> store_;     // the daemon's own
  std::optional<Configuration> waiting_;  // for the journals to be ours
  std::string standing_by_;               // why; empty: not asked yet
  bool ending_ = false;                   // the journals are given back
  bool claim_failed_ = false;             // and that is why
  std::map<std::string, std::shared_ptr<Supervisor>> agents_;
  bool last_reload_ok_ = true;
  sdk::TimePoint configured_at_;  // the configuration in use was taken
};

}  // namespace upkeep::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once
// An engine on a World: runs until a condition holds, letting the fake time pass only when nothing else can happen.

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "engine/engine.h"
#include "engine/spawn.h"
#include "support/fake_world.h"
#include "support/source_tree.h"

namespace upkeep::test {

class Rig {
 public:
  // `more`: plugins that are there beside the fake ones.
  explicit Rig(World& world, const std::function<void(core::AgentSettings&)>& adjust = {}, std::vector<const sdk::Descriptor*> more = {});
  Rig(World& world, engine::Configuration configured, std::vector<const sdk::Descriptor*> more = {});
  ~Rig();
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  // true: the condition held before `longest` of the world's time had passed. Death passes through.
  bool until(const std::function<bool()>& condition, sdk::Millis longest = std::chrono::hours(48));
  // Lets all happen that needs no time.
  void settle();
  // Lets this much time pass.
  void pass(sdk::Millis time);
  void spawn(sdk::Task<void> task) { engine::spawn(io_.get_executor(), std::move(task)); }
  // A command's answer.
  engine::Reply ask(engine::Command command);
  engine::Reply ask(engine::Verb verb, const std::string& version = "");

  // Of the one agent.
  nlohmann::json status();
  std::string reason() { return status()["decision"]["reason"]; }
  std::string phase() { return status()["phase"]; }
  nlohmann::json history();
  std::string last_result();
  bool settled();  // no operation, and a decision that is not to upgrade now

  engine::Engine& engine() { return *engine_; }
  FakeClock& clock() { return clock_; }
  engine::Shared& shared() { return *shared_; }
  std::vector<nlohmann::json> events;  // all, from the beginning
  engine::Reply reload();
  engine::Configuration configuration;  // what a reload reads
  std::optional<std::string> gave_up;   // the engine has ended its process, and why

 private:
  World& world_;
  FakeClock clock_;
  std::unique_ptr<sdk::Host> host_;
  engine::Registry registry_{build_dir() + "/test-modules"};
  std::optional<engine::Shared> shared_;
  std::unique_ptr<engine::Subscription> listening_;
  std::optional<engine::Engine> engine_;
  asio::io_context io_;  // last: its coroutines end before what they use
};

// Another agent of this host, as far as the lock knows.
inline sdk::Task<void> another_changes(engine::TransactionLock& lock, std::optional<engine::TransactionLock::Locked>& into) {
  into = co_await lock.acquire("another", false);
}

// Of one agent, "demo".
engine::Configuration demo_configuration(const std::function<void(core::AgentSettings&)>& adjust = {});
// Settings of the agent "demo" with the fake plugins, a unit probe and a soak of one minute.
core::AgentSettings demo_settings();

// A probe of that kind on the World's unit, or at an address of its host.
inline const std::string kReadyUrl = "http://127.0.0.1:3000/readyz";
core::ProbeSettings demo_probe(const std::string& use);

}  // namespace upkeep::test

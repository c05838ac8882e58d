// SPDX-License-Identifier: Apache-2.0
// Which agents there are: those of the configuration, and orphans, which have a journal and no configuration.

#include "core/backoff.h"
#include "engine/engine.h"
#include "engine/spawn.h"

namespace upkeep::engine {

using sdk::Task;

std::shared_ptr<Supervisor>& Engine::supervisor(const std::string& name) {
  auto& agent = agents_[name];
  if (agent && agent->over()) agent.reset();
  if (!agent) agent = std::make_shared<Supervisor>(shared_, name);
  return agent;
}

void Engine::take(const Configuration& configuration) {
  configured_at_ = shared_.host.clock().now();
  std::map<std::string, std::shared_ptr<Supervisor>> before;
  std::swap(before, agents_);
  const auto keep = [&](const std::string& name) {
    if (const auto found = before.find(name); found != before.end() && !found->second->over()) agents_[name] = found->second;
    const bool fresh = !agents_.contains(name);
    auto agent = supervisor(name);
    return std::pair(agent, fresh);
  };
  const auto launch = [&](const std::pair<std::shared_ptr<Supervisor>, bool>& agent) {
    if (agent.second) spawn(shared_.executor, Supervisor::run(agent.first));
  };
  for (const auto& settings : configuration.agents) {
    const auto agent = keep(settings.name);
    agent.first->configure(settings);
    launch(agent);
  }
  for (const auto& [name, issues] : configuration.broken) {
    const auto agent = keep(name);
    agent.first->configure(issues);
    launch(agent);
  }
  for (const auto& [name, agent] : before) {
    if (agents_.contains(name) || agent->over()) continue;
    agents_[name] = agent;
    agent->orphan();
  }
}

Task<void> Engine::adopt_orphans() {
  auto stored = co_await store_->agents();
  for (int failures = 1; !stored; ++failures) {
    shared_.host.log(sdk::LogLevel::error, "what is stored of agents that are configured no more is not known: " + stored.error().message);
    const auto pause = core::retry_pause(failures, shared_.host.random().unit());
    co_await shared_.host.clock().sleep_for(pause);
    stored = co_await store_->agents();
  }
  for (const auto& name : *stored) {
    if (agents_.contains(name)) continue;
    auto agent = supervisor(name);
    agent->orphan();
    spawn(shared_.executor, Supervisor::run(agent));
  }
}

std::shared_ptr<Supervisor> Engine::find(const std::string& name) {
  std::erase_if(agents_, [](const auto& one) { return one.second->over(); });
  const auto found = agents_.find(name);
  return found == agents_.end() ? nullptr : found->second;
}

}  // namespace upkeep::engine

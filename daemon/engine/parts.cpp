// SPDX-License-Identifier: Apache-2.0
#include "engine/parts.h"

#include <nlohmann/json.hpp>

#include "core/config_json.h"
#include "engine/metered_host.h"
#include "engine/spawn.h"

namespace upkeep::engine {
namespace {

using sdk::Result;

Result<std::shared_ptr<Poller>> find_poller(Shared& shared, const core::AgentSettings& settings) {
  auto trusted = nlohmann::json::array({settings.trust.channel, settings.trust.signatures, settings.trust.clock_tolerance.count()});
  for (const auto& one : settings.trust.keys) trusted.push_back(core::to_text(one));
  auto key = nlohmann::json::array({settings.poll.count(), std::move(trusted)});
  for (const auto& source : settings.sources) key.push_back({source.use, core::config_to_json(source.config, {})});
  auto& known = shared.pollers[key.dump()];
  if (auto poller = known.lock()) return poller;
  auto host = std::make_unique<MeteredHost>(shared.make_host("", nullptr));
  std::vector<std::unique_ptr<sdk::Source>> sources;
  for (const auto& use : settings.sources) {
    auto made = make_plugin<sdk::Source>(shared.registry, *host, use);
    if (!made) return sdk::fail(made.error());
    sources.push_back(std::move(*made));
  }
  auto poller = std::make_shared<Poller>(std::move(host), std::move(sources), core::wanted_files(settings.trust, std::nullopt),
                                         settings.poll, shared.counters.poll);
  spawn(shared.executor, Poller::run(poller));
  // Its coroutine keeps the poller; the agents' last handle ends the coroutine.
  std::shared_ptr<Poller> handle(poller.get(), [poller](Poller*) { poller->stop(); });
  known = handle;
  return handle;
}

}  // namespace

Result<std::shared_ptr<Parts>> make_parts(Shared& shared, sdk::Host& host, const core::AgentSettings& settings) {
  auto parts = std::make_shared<Parts>();
  for (const auto& use : settings.schedules) {
    auto made = make_plugin<sdk::Schedule>(shared.registry, host, use, parts->faults);
    if (!made) return sdk::fail(made.error());
    parts->schedules.push_back({use.use, std::move(*made)});
  }
  auto installer = make_plugin<sdk::Installer>(shared.registry, host, settings.installer, parts->faults);
  if (!installer) return sdk::fail(installer.error());
  parts->installer = std::move(*installer);
  if (!settings.sources.empty()) {
    auto poller = find_poller(shared, settings);
    if (!poller) return sdk::fail(poller.error());
    parts->poller = *poller;
  }
  parts->probes = std::make_unique<Probes>(shared.executor, host, parts->installer, settings.probes, settings.strict_baseline);
  return parts;
}

Result<std::unique_ptr<sdk::State>> make_state(Shared& shared, sdk::Host& host) {
  return make_plugin<sdk::State>(shared.registry, host, shared.state);
}

std::span<const sdk::KeySpec> installer_keys(Shared& shared, const core::AgentSettings& settings) {
  auto found = shared.registry.find(sdk::PluginKind::installer, settings.installer.use);
  return found ? (*found)->keys : std::span<const sdk::KeySpec>();
}

}  // namespace upkeep::engine

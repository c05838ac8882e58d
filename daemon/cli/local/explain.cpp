// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "cli/local/commands.h"
#include "cli/local/offline.h"
#include "cli/terminal.h"

namespace upkeep::cli {
namespace {

// What the command line says about the world, in the rules' terms.
struct World {
  sdk::TimePoint at;
  sdk::Release release;
  sdk::Installed installed;
};

sdk::Result<World> read_world(const ExplainOptions& options, const std::string& version_template, sdk::TimePoint now) {
  World out;
  const auto at = options.at.empty() ? now : time_option("--at", options.at);
  if (!at) return sdk::fail(at.error());
  out.at = *at;
  if (options.version != "none") {
    const auto version = sdk::Version::parse(options.version);
    if (!version) return sdk::fail("--version", version.error());
    out.release.version = *version;
  }
  out.release.critical = options.critical;
  out.release.origin = "the command line";
  if (options.installed == "none") return out;
  if (!sdk::is_package_version(options.installed)) return sdk::fail(sdk::Errc::invalid, "--installed: this is no package version");
  out.installed.version = options.installed;
  out.installed.release = sdk::release_of(options.installed);
  out.installed.matches_target = out.release.version && sdk::accepts(version_template, *out.release.version, options.installed);
  out.installed.way_back = {sdk::WayBackHow::repository, "assumed"};
  return out;
}

nlohmann::json to_json(const core::Decision& decision) {
  return {{"action", sdk::name(decision.action)},
          {"reason", sdk::name(decision.reason)},
          {"text", decision.text},
          {"until", decision.until ? nlohmann::json(sdk::rfc3339(*decision.until)) : nlohmann::json()}};
}

}  // namespace

void explain(const ExplainOptions& options, Context& context) {
  Offline offline(context);
  const auto agent = load_offline_agent(offline, options.config);
  if (!agent) return report(context, agent.error());
  const auto world = read_world(options, agent->settings.installer.config.text("version"), offline.host().clock().now());
  if (!world) return report(context, world.error(), kUsage);

  core::Facts facts;
  facts.now = world->at;
  facts.policy = agent->settings.policy;
  facts.release = &world->release;
  facts.installed = &world->installed;
  facts.health = options.unhealthy ? sdk::Health::unhealthy : sdk::Health::healthy;
  for (std::size_t i = 0; i < agent->schedules.size(); ++i)
    facts.schedules.push_back({agent->settings.schedules[i].use, agent->schedules[i]->verdict(world->at, &world->release)});
  const core::Decision decision = core::decide(facts);

  if (context.json) return context.print_json({{"decision", to_json(decision)}});
  std::cout << sdk::name(decision.action) << " (" << sdk::name(decision.reason) << "): " << printable(decision.text) << "\n";
  if (decision.until) std::cout << "until " << sdk::rfc3339(*decision.until) << "\n";
}

}  // namespace upkeep::cli

// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <iostream>

#include "cli/local/commands.h"
#include "cli/local/offline.h"
#include "cli/terminal.h"
#include "core/release_document.h"

namespace upkeep::cli {
namespace {

// What the channel says, by the command line.
sdk::Result<sdk::Release> read_release(const ExplainOptions& options, sdk::Files& files) {
  if (!options.document.empty()) {
    const auto bytes = files.read(std::filesystem::absolute(options.document).string(), core::kMostDocumentBytes);
    if (!bytes) return sdk::fail("--document", bytes.error());
    auto document = core::parse_document(*bytes);
    if (!document) return sdk::fail("--document " + options.document, document.error());
    document->release.origin = options.document;
    return std::move(document->release);
  }
  sdk::Release out;
  if (options.version != "none") {
    const auto version = sdk::Version::parse(options.version);
    if (!version) return sdk::fail("--version", version.error());
    out.version = *version;
  }
  out.critical = options.critical;
  out.origin = "the command line";
  return out;
}

sdk::Result<sdk::Installed> read_installed(const ExplainOptions& options) {
  sdk::Installed out;
  if (options.installed == "none") return out;
  if (!sdk::is_package_version(options.installed)) return sdk::fail(sdk::Errc::invalid, "--installed: this is no package version");
  out.version = options.installed;
  out.release = sdk::release_of(options.installed);
  out.way_back = {sdk::WayBackHow::repository, "assumed"};
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
  const auto release = read_release(options, offline.host().files());
  if (!release) return report(context, release.error(), kUsage);
  const auto agent = load_offline_agent(offline, options.config, &*release);
  if (!agent) return report(context, agent.error());
  auto installed = read_installed(options);
  if (!installed) return report(context, installed.error(), kUsage);
  const auto at = options.at.empty() ? offline.host().clock().now() : time_option("--at", options.at);
  if (!at) return report(context, at.error(), kUsage);

  core::Facts facts;
  facts.now = *at;
  facts.policy = agent->settings.policy;
  facts.clock_tolerance = agent->settings.trust.clock_tolerance;
  facts.release = &*release;
  facts.installed = &*installed;
  facts.share = options.share;
  facts.health = options.unhealthy ? sdk::Health::unhealthy : sdk::Health::healthy;
  for (std::size_t i = 0; i < agent->schedules.size(); ++i)
    facts.schedules.push_back({agent->settings.schedules[i].use, agent->schedules[i]->verdict(*at, &*release)});
  if (const auto target = core::choose_target(facts))
    installed->matches_target = sdk::accepts(agent->settings.installer.config.text("version"), *target, installed->version);
  const core::Decision decision = core::decide(facts);

  if (context.json) return context.print_json({{"decision", to_json(decision)}});
  std::cout << sdk::name(decision.action) << " (" << sdk::name(decision.reason) << "): " << printable(decision.text) << "\n";
  if (decision.until) std::cout << "until " << sdk::rfc3339(*decision.until) << "\n";
}

}  // namespace upkeep::cli

// SPDX-License-Identifier: Apache-2.0
// An agent's file with a drop-in, and the daemon's own, out of TOML text, with the tables of the real plugins: either it is
// good, or every issue says where and what, in one line. What an operation journals of it is read back as it was.
#include <nlohmann/json.hpp>

#include "config/load.h"
#include "config/raw.h"
#include "core/config_json.h"
#include "fuzz/fuzz.h"
#include "schedule/channel/plugin.h"
#include "schedule/window/plugin.h"
#include "shared/packages/settings.h"
#include "source/file/plugin.h"
#include "source/gcs/plugin.h"
#include "source/https/plugin.h"
#include "source/s3/plugin.h"
#include "support/config_world.h"

using namespace upkeep;
using testing_support::MemoryFiles;

namespace {

const sdk::Descriptor kApt = {.name = "apt",
                              .keys = shared::packages::kKeys,
                              .check = [](const sdk::Config& settings) { return shared::packages::check_settings(settings); },
                              .make = &testing_support::make_nothing<sdk::Installer>};

sdk::Result<const sdk::Descriptor*> find(sdk::PluginKind kind, std::string_view name) {
  for (const auto* known : {&plugins::window::kDescriptor, &plugins::channel::kDescriptor, &plugins::https::kDescriptor,
                            &plugins::s3::kDescriptor, &plugins::gcs::kDescriptor, &plugins::file::kDescriptor, &kApt})
    if (known->kind() == kind && name == known->name) return known;
  return sdk::fail(sdk::Errc::invalid, "there is no such plugin");
}

void check_issues(const std::vector<sdk::ConfigIssue>& issues) {
  for (const auto& issue : issues) {
    const auto text = config::text(issue);
    FUZZ_CHECK(!issue.message.empty() && !issue.place.file.empty() && issue.place.line >= 0, text);
    FUZZ_CHECK(text.find('\n') == std::string::npos, text);
  }
}

void check_journalled(const core::AgentSettings& agent) {
  const auto written = core::operation_settings(agent, kApt.keys);
  core::AgentSettings again;
  again.name = agent.name;
  const auto applied = core::apply_operation_settings(nlohmann::json::parse(written.dump()), again, kApt.keys);
  FUZZ_CHECK(applied, applied.error().message);
  FUZZ_CHECK(core::operation_settings(again, kApt.keys) == written, written.dump());
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  MemoryFiles files;
  files.texts["/c/agents.d/demo.toml"] = parts[0];
  if (parts.size() > 1) files.texts["/c/agents.d/demo.toml.d/10.toml"] = parts[1];
  if (parts.size() > 2) files.texts["/c/upkeep.toml"] = parts[2];
  const auto loaded = config::load(files, "/c", find);
  check_issues(loaded.daemon_issues);
  FUZZ_CHECK(loaded.agents.size() + loaded.broken.size() == 1, "one agent, good or broken");
  for (const auto& [name, issues] : loaded.broken) {
    FUZZ_CHECK(!issues.empty(), "broken, and nobody says why");
    check_issues(issues);
  }
  for (const auto& agent : loaded.agents) {
    FUZZ_CHECK(agent.name == "demo" && !agent.sources.empty() && agent.soak.count() >= 0 && agent.poll.count() > 0, agent.name);
    check_journalled(agent);
  }

  config::Issues issues;
  auto base = config::parse(parts[0], "a.toml", issues);
  const auto over = config::parse(parts.size() > 1 ? parts[1] : "", "b.toml", issues);
  if (!base || !over) return 0;
  config::merge(*base, *over);
  const auto once = *base;
  config::merge(*base, *over);
  FUZZ_CHECK(base->same(once), "a drop-in that is laid over twice changes something again");
  return 0;
}

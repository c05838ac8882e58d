// SPDX-License-Identifier: Apache-2.0
#include "cli/local/offline.h"

#include <filesystem>
#include <stdexcept>

#include "io/package_family.h"

namespace upkeep::cli {
namespace {

// $UPKEEP_PLUGINS and --plugins win over upkeep.toml, which wins over where the package installs them.
std::string plugin_dir(const Context& context, sdk::Files& files) {
  if (context.plugin_dir != UPKEEP_PLUGIN_DIR) return context.plugin_dir;
  const std::string configured = config::load_daemon(files, context.config_dir).daemon.plugin_dir;
  return configured.empty() ? context.plugin_dir : configured;
}

}  // namespace

Offline::Offline(const Context& context)
    : loop_(1),
      io_(loop_.get_executor(), ""),
      log_({.level = sdk::LogLevel::warn}),
      host_(io_, log_, ""),
      registry_(plugin_dir(context, io_.files), [this] {
        return io::find_package_family(io_.files).map([this](const io::PackageFamily& found) {
          notes_.push_back("use = \"auto\" is " + found.installer + " on this host: " + found.why);
          return found.installer;
        });
      }) {
  if (const auto added = engine::add_linked_in(registry_); !added) throw std::logic_error(added.error().message);
}

config::Lookup Offline::lookup() {
  return [this](sdk::PluginKind kind, std::string_view name) { return registry_.find(kind, name); };
}

sdk::Result<OfflineAgent> load_offline_agent(Offline& offline, const std::string& file, const sdk::Release* release) {
  const std::string path = std::filesystem::absolute(file).lexically_normal();
  config::Loaded loaded = config::load_agent_file(offline.host().files(), path, offline.lookup());
  if (loaded.agents.empty()) {
    std::string all;
    for (const auto& [name, issues] : loaded.broken)
      for (const auto& issue : issues) all += (all.empty() ? "" : "\n") + config::text(issue);
    return sdk::fail(sdk::Errc::invalid, all);
  }
  OfflineAgent out{std::move(loaded.agents.front()), {}};
  for (const core::PluginUse& use : out.settings.schedules) {
    auto made = engine::make_plugin<sdk::Schedule>(offline.registry(), offline.host(), use);
    if (!made) return sdk::fail(made.error());
    const auto refreshed = offline.wait((*made)->refresh(release));
    if (!refreshed) return sdk::fail(use.use, refreshed.error());
    out.schedules.push_back(std::move(*made));
  }
  return out;
}

void report(Context& context, const sdk::Error& error, int status) {
  if (context.json) context.print_json({{"error", {{"code", sdk::name(error.code)}, {"message", error.message}}}});
  context.fail(error.message, status);
}

sdk::Result<sdk::TimePoint> time_option(const std::string& option, const std::string& text) {
  const auto time = sdk::parse_rfc3339(text);
  return time ? time : sdk::fail(option, time.error());
}

}  // namespace upkeep::cli

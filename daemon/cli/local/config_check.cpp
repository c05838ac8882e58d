// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "cli/local/commands.h"
#include "cli/local/offline.h"
#include "cli/terminal.h"
#include "sdk/ini.h"
#include "sdk/repo_trust.h"
#include "sdk/restart.h"

namespace upkeep::cli {
namespace {

constexpr std::size_t kMostOfDropIn = std::size_t{64} * 1024;

// As a drop-in of its unit says.
bool daemon_is_root(sdk::Files& files) {
  for (const std::string folder : {"/etc", "/run", "/usr/local/lib", "/usr/lib"}) {
    const auto drop_ins = folder + "/systemd/system/upkeepd.service.d";
    const auto names = files.list(drop_ins);
    for (const auto& name : names ? *names : std::vector<std::string>()) {
      const auto text = files.read(drop_ins + "/" + name, kMostOfDropIn);
      for (const auto& section : sdk::parse_ini(text ? *text : ""))
        if (section.name == "Service" && (section.text("user") == "root" || section.text("user") == "0")) return true;
    }
  }
  return false;
}

std::vector<sdk::ConfigIssue> all_issues(const config::Loaded& loaded, sdk::Files& files, bool live) {
  std::vector<sdk::ConfigIssue> out = loaded.daemon_issues;
  for (const auto& [name, issues] : loaded.broken) out.insert(out.end(), issues.begin(), issues.end());
  for (const core::AgentSettings& agent : loaded.agents) {
    const sdk::Config* driver = agent.installer.config.find("driver");
    if (live && driver != nullptr && agent.installer.config.text("driver") == "native" && !daemon_is_root(files))
      out.push_back({driver->place(), "installer.driver",
                     "\"native\" needs a daemon that runs as root: /usr/share/doc/upkeep/examples/native.conf is the drop-in that lets it, "
                     "and says how to use it"});
  }
  return out;
}

std::vector<std::string> all_warnings(const config::Loaded& loaded, sdk::Files& files, bool live) {
  std::vector<std::string> out;
  for (const core::AgentSettings& agent : loaded.agents) {
    for (const std::string& warning : agent.warnings) out.push_back(agent.name + ": " + warning);
    const bool starts = std::any_of(agent.hooks.begin(), agent.hooks.end(), [](const auto& one) { return !one.second.unit.empty(); });
    const bool needs_rights = agent.installer.config.has("package") || agent.installer.config.has("packages") || starts ||
                              sdk::read_restart(agent.installer.config).how.has_value();
    if (live && needs_rights && !files.exists(sdk::enabled_file(agent.name)))
      out.push_back(agent.name + ": the daemon may not upgrade it yet: sudo upkeep enable " + agent.name);
    if (!live) continue;
    for (const auto& repository : sdk::unverified_repositories(files, agent.installer.use))
      out.push_back(agent.name + ": " + sdk::shown(repository));
  }
  return out;
}

void print_for_people(const config::Loaded& loaded, const std::vector<sdk::ConfigIssue>& issues, const std::vector<std::string>& warnings,
                      const std::vector<std::string>& notes) {
  for (const sdk::ConfigIssue& issue : issues) std::cout << printable(config::text(issue)) << "\n";
  for (const std::string& warning : warnings) std::cout << "warning: " << printable(warning) << "\n";
  for (const std::string& note : notes) std::cout << printable(note) << "\n";
  if (!issues.empty()) return;
  std::string names;
  for (const core::AgentSettings& agent : loaded.agents) names += (names.empty() ? "" : ", ") + agent.name;
  std::cout << "the configuration is good; agents: " << (names.empty() ? "none" : names) << "\n";
}

}  // namespace

void check_config(const std::string& path, Context& context) {
  Context here = context;
  std::error_code error;
  std::filesystem::path what = std::filesystem::absolute(path.empty() ? context.config_dir : path).lexically_normal();
  if (!what.has_filename()) what = what.parent_path();  // "/etc/upkeep/"
  if (what.filename() == "upkeep.toml") what = what.parent_path();
  const bool folder = std::filesystem::is_directory(what, error);
  if (folder) here.config_dir = what;

  Offline offline(here);
  sdk::Files& files = offline.host().files();
  const config::Loaded loaded =
      folder ? config::load(files, what, offline.lookup()) : config::load_agent_file(files, what, offline.lookup());
  const auto issues = all_issues(loaded, files, path.empty());
  const auto warnings = all_warnings(loaded, files, path.empty());
  if (!issues.empty()) context.exit_status = kFailed;
  if (!context.json) return print_for_people(loaded, issues, warnings, offline.notes());

  nlohmann::json errors = nlohmann::json::array();
  for (const sdk::ConfigIssue& issue : issues)
    errors.push_back({{"file", issue.place.file},
                      {"line", issue.place.line},
                      {"message", issue.path.empty() ? issue.message : issue.path + ": " + issue.message}});
  context.print_json({{"ok", issues.empty()}, {"errors", std::move(errors)}, {"warnings", warnings}, {"notes", offline.notes()}});
}

}  // namespace upkeep::cli

// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <iostream>

#include "cli/local/commands.h"
#include "cli/local/offline.h"
#include "cli/terminal.h"
#include "core/channel.h"

namespace upkeep::cli {
namespace {

// ".../BASE/CHANNEL" as the two keys that sources have.
sdk::Config source_table(const std::string& where, const char* base_key) {
  const std::size_t slash = where.rfind('/');
  sdk::Config::Table table;
  table.emplace(base_key, sdk::Config(slash == 0 ? "/" : where.substr(0, slash)));
  table.emplace("channel", sdk::Config(where.substr(slash + 1)));
  return sdk::Config(std::move(table));
}

sdk::Result<core::CheckedRelease> read_channel(Offline& offline, std::string where, const std::string& ca_file) {
  const bool remote = where.find("://") != std::string::npos;
  if (!remote) where = std::filesystem::absolute(where).lexically_normal();
  while (where.size() > 1 && where.ends_with('/')) where.pop_back();
  sdk::Config config = source_table(where, remote ? "url" : "path");
  if (!ca_file.empty())
    std::get<sdk::Config::Table>(config.value()).emplace("ca_file", sdk::Config(std::filesystem::absolute(ca_file).string()));

  const auto descriptor = offline.registry().find(sdk::PluginKind::source, remote ? "https" : "file");
  if (!descriptor) return sdk::fail(descriptor.error());
  if ((*descriptor)->check != nullptr)
    for (const sdk::ConfigIssue& issue : (*descriptor)->check(config))
      return sdk::fail(sdk::Errc::invalid, issue.path + ": " + issue.message);
  const auto source = std::get<sdk::Factory<sdk::Source>>((*descriptor)->make)(offline.host(), config);
  if (!source) return sdk::fail(source.error());
  const sdk::Wanted wanted;
  const auto offer = offline.wait((*source)->poll(nullptr, wanted));
  if (!offer) return sdk::fail(offer.error());
  if (!*offer) return sdk::fail(sdk::Errc::internal, "the source says that nothing has changed, but nothing was known");
  return core::check_offer(**offer);
}

}  // namespace

void show_channel(const std::string& where, const std::string& ca_file, Context& context) {
  Offline offline(context);
  const auto checked = read_channel(offline, where, ca_file);
  if (!checked) return report(context, checked.error());
  const auto& release = checked->release;
  if (context.json)
    return context.print_json({{"version", release.version ? nlohmann::json(release.version->str()) : nlohmann::json()},
                               {"critical", release.critical},
                               {"signed", release.serial.has_value()},
                               {"warnings", checked->warnings}});
  std::cout << (release.version ? release.version->str() : "no release") << (release.critical ? ", critical" : "") << "\n";
  for (const std::string& warning : checked->warnings) std::cerr << "warning: " << printable(warning) << "\n";
}

}  // namespace upkeep::cli

// SPDX-License-Identifier: Apache-2.0
// store show: what the root-owned package store has, and whether it still is what was put there. Without a daemon.
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "cli/local/commands.h"
#include "cli/local/offline.h"
#include "cli/terminal.h"
#include "config/names.h"
#include "sdk/kept.h"
#include "sdk/text.h"

namespace upkeep::cli {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// $UPKEEP_STORE, for tests: there is no other way to one than root's.
std::string store_folder() {
  const char* given = std::getenv("UPKEEP_STORE");
  return given != nullptr && *given == '/' ? std::string(given) + "/" : std::string(sdk::kStoreFolder);
}

bool is_rpm(const sdk::Kept& copy) { return !copy.files.empty() && copy.files.back().path.ends_with(".rpm"); }

// Empty: every file has the size and the hash that were recorded when the copy had been verified.
std::string damage(Offline& offline, const std::string& folder, const sdk::Kept& copy) {
  for (const auto& file : copy.files) {
    std::error_code error;
    const std::string path = folder + "/" + file.path;
    const auto size = fs::file_size(path, error);
    if (error) return file.path + ": " + error.message();
    if (size != file.size) return file.path + ": " + std::to_string(size) + " bytes instead of " + std::to_string(file.size);
    sdk::ProcessRequest request({"/usr/bin/sha256sum", "--", path});
    request.deadline = std::chrono::minutes(10);
    const auto done = offline.wait(offline.host().process().run(std::move(request)));
    if (!done) return file.path + ": " + done.error().message;
    if (done->exit_code != 0) return file.path + ": " + std::string(sdk::trimmed(done->err));
    if (done->out.substr(0, 64) != file.sha256) return file.path + ": its hash is not the one that was recorded";
  }
  if (is_rpm(copy)) return "";  // which is signed itself
  const bool signed_release = std::any_of(copy.files.begin(), copy.files.end(), [](const sdk::KeptFile& file) {
    return file.path.ends_with("InRelease") || file.path.ends_with("Release.gpg");
  });
  return signed_release ? "" : "it has no signed release file";
}

std::uint64_t size_of(const sdk::Kept& copy) {
  std::uint64_t size = 0;
  for (const auto& file : copy.files) size += file.size;
  return size;
}

sdk::Result<json> store_json(Offline& offline, const std::string& agent) {
  const std::string folder = store_folder() + agent;
  auto& files = offline.host().files();
  if (std::none_of(std::begin(sdk::kStoreSources), std::end(sdk::kStoreSources),
                   [&](std::string_view source) { return files.exists(folder + "/" + std::string(source)); }))
    return sdk::fail(sdk::Errc::unsupported,
                     "nothing is kept for " + agent + ": `sudo upkeep enable " + agent + "` makes its package store");
  json copies = json::array();
  if (files.exists(folder + "/kept")) {
    const auto kept =
        files.read(folder + "/kept", sdk::kMostOfKept).and_then([](const std::string& text) { return sdk::parse_kept(text); });
    if (!kept) return sdk::fail(folder + "/kept", kept.error());
    for (const auto& copy : *kept) {
      const std::string wrong = damage(offline, folder + "/" + copy.folder, copy);
      copies.push_back({{"version", copy.version},
                        {"size", size_of(copy)},
                        {"origin", copy.origin},
                        {"signed", is_rpm(copy) ? "packages" : "release"},
                        {"since", sdk::rfc3339(copy.since)},
                        {"folder", folder + "/" + copy.folder},
                        {"verifies", wrong.empty()},
                        {"damage", wrong.empty() ? json() : json(wrong)}});
    }
  }
  const auto problem = files.read(folder + "/problem", 4096);
  std::error_code error;
  const auto space = fs::space(folder, error);
  return json{{"agent", agent},
              {"copies", std::move(copies)},
              {"problem", problem ? json(std::string(sdk::trimmed(*problem))) : json()},
              {"free", error ? json() : json(space.available)},
              {"reserve", error ? json() : json(space.capacity / 10)}};
}

std::string spelled(const json& bytes) {
  if (!bytes.is_number()) return "?";
  const auto size = bytes.get<std::uint64_t>();
  return size < 10'000'000 ? std::to_string(size / 1000) + " kB" : std::to_string(size / 1'000'000) + " MB";
}

void print(const json& store) {
  const Style style;
  std::cout << style.bold(printable(store["agent"].get<std::string>())) << "\n";
  for (const auto& copy : store["copies"]) {
    std::cout << "  " << printable(copy["version"].get<std::string>()) << "  " << spelled(copy["size"]) << ", since "
              << copy["since"].get<std::string>() << ", from " << printable(copy["origin"].get<std::string>()) << "\n";
    const bool good = copy["verifies"].get<bool>();
    std::cout << "    "
              << (good ? style.good(copy["signed"] == "release" ? "whole: signed release file, and every file as it was verified"
                                                                : "whole: signed packages, and every file as it was verified")
                       : style.bad("damaged: " + printable(copy["damage"].get<std::string>())))
              << "\n";
  }
  if (store["copies"].empty()) std::cout << "  nothing yet\n";
  if (store["problem"].is_string())
    std::cout << "  " << style.attention("the last try failed: " + printable(store["problem"].get<std::string>())) << "\n";
  std::cout << "  " << spelled(store["free"]) << " free, of which " << spelled(store["reserve"]) << " are never used\n";
}

}  // namespace

void show_store(const std::string& agent, Context& context) {
  if (!agent.empty() && !config::is_agent_name(agent))
    return report(context, {sdk::Errc::invalid, sdk::quoted(agent) + " is no name of an agent"}, kUsage);
  Offline offline(context);
  std::vector<std::string> agents{agent};
  if (agent.empty()) {
    agents.clear();
    std::error_code error;
    for (fs::directory_iterator entry(store_folder(), error), end; !error && entry != end; entry.increment(error))
      if (const std::string name = entry->path().filename(); config::is_agent_name(name)) agents.push_back(name);  // not lost+found
    std::sort(agents.begin(), agents.end());
    if (agents.empty())
      return report(context, {sdk::Errc::unsupported, "nothing is kept for any agent: `sudo upkeep enable AGENT` makes its package store"});
  }
  json stores = json::array();
  for (const auto& one : agents) {
    auto store = store_json(offline, one);
    if (!store) return report(context, store.error());
    stores.push_back(std::move(*store));
  }
  if (context.json) return context.print_json({{"stores", std::move(stores)}});
  for (const auto& store : stores) print(store);
}

}  // namespace upkeep::cli

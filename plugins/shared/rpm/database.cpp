// SPDX-License-Identifier: Apache-2.0
#include "shared/rpm/database.h"

#include <algorithm>
#include <functional>

#include "sdk/repo_trust.h"
#include "sdk/text.h"
#include "shared/packagekit/locks.h"
#include "shared/packages/text.h"
#include "shared/packages/tool.h"
#include "shared/rpm/query.h"

namespace upkeep::shared::rpm {

using packages::Offered;
using packages::PackageState;
using sdk::Result;
using sdk::Task;

namespace {

constexpr std::size_t kMostOfIndex = std::size_t{256} * 1024;
constexpr std::size_t kMostFolders = 20'000;
constexpr sdk::Millis kErrorHolds = std::chrono::minutes(1);
constexpr std::size_t kMostHolds = 19;  // that are told: one is enough

// "demo-agent-2.3.4-1.": how a downloaded package's name begins, which has no epoch.
std::string file_prefix(const std::string& package, const std::string& version) {
  const auto colon = version.find(':');
  return package + "-" + (colon == std::string::npos ? version : version.substr(colon + 1)) + ".";
}

std::vector<std::string> folders_of(sdk::Files& files, const std::string& folder) {
  auto names = files.list(folder);
  if (!names || names->size() > kMostFolders) return {};
  return std::move(*names);
}

}  // namespace

std::string status_file(sdk::Host& host) {
  for (const char* folder : {"/usr/lib/sysimage/rpm", "/var/lib/rpm"})
    for (const char* file : {"rpmdb.sqlite", "Packages.db", "Packages"})
      if (const auto path = std::string(folder) + "/" + file; host.files().exists(path)) return path;
  return "/var/lib/rpm/rpmdb.sqlite";
}

Task<Result<std::map<std::string, PackageState>>> RpmDatabase::states(std::vector<std::string> packages) {
  auto asked = packages;
  auto states = co_await query_states(host_, std::move(asked));
  if (!states) co_return states;
  for (const auto& name : packages) {
    const auto state = states->find(name);
    installed_[name] = state == states->end() ? "" : state->second.version;
  }
  std::vector<std::string> problems;
  for (auto& [name, state] : *states) {
    state.holds = holds({name, state.version, state.arch}, problems);
    if (state.holds.size() > kMostHolds) state.holds.resize(kMostHolds);
  }
  // What may be a hold is none that Upkeep could pass over.
  if (!problems.empty())
    for (auto& [name, state] : *states) state.holds.push_back({problems.front(), false});
  co_return states;
}

std::string RpmDatabase::makings(const std::string& package, const std::string& version) {
  auto& files = host_.files();
  std::string text;
  std::size_t indexes = 0;
  for (const auto& cache : caches()) {
    for (const auto& name : folders_of(files, cache.metadata)) {
      const auto path = cache.metadata + "/" + name + "/" + cache.index;
      if (!files.exists(path)) continue;
      const auto index = files.read(path, kMostOfIndex);
      if (!index) return "";
      text += name + "\n" + *index;
      ++indexes;
    }
  }
  if (indexes == 0) return "";
  std::vector<std::string> problems;
  for (const char* folder : {"/etc/yum.repos.d", "/etc/zypp/repos.d"})
    for (const auto& [path, repository] : repo_files(files, folder, problems)) text += path + "\n" + repository;
  return package + " " + version + " " + std::to_string(text.size()) + " " + std::to_string(std::hash<std::string>{}(text));
}

Task<Result<std::vector<Offered>>> RpmDatabase::offers(std::string package) {
  const auto made_of = makings(package, installed_[package]);
  const auto now = host_.clock().boot_now();
  if (const auto known = known_.find(package); known != known_.end() && !made_of.empty() && known->second.made_of == made_of) {
    // An error holds for a while: to ask again is to ask the network, and what keeps it away keeps it away for longer than a poll.
    if (known->second.offers || now - known->second.at < kErrorHolds) co_return known->second.offers;
  }
  auto name = package;
  auto offers = co_await driver_.offers(std::move(name));
  if (offers)
    std::stable_sort(offers->begin(), offers->end(),
                     [](const Offered& a, const Offered& b) { return compare_versions(a.version, b.version) > 0; });
  known_.insert_or_assign(package, Answer{made_of, offers, now});
  co_return offers;
}

std::vector<std::string> RpmDatabase::doubts(const std::vector<Offered>& offers) {
  std::vector<std::string> out;
  for (const auto& repository : sdk::unverified_repositories(host_.files(), installer())) {
    const bool has_it =
        std::any_of(offers.begin(), offers.end(), [&](const Offered& offer) { return offer.where == "the repository " + repository.id; });
    if (has_it) out.push_back(sdk::shown(repository));
  }
  return out;
}

Task<bool> RpmDatabase::at_work() {
  return packagekit::at_work(host_, sdk::words({"/usr/lib/sysimage/rpm/.rpm.lock", "/var/lib/rpm/.rpm.lock"}));
}

Result<std::vector<std::string>> RpmDatabase::find_downloads(const std::string& package, const std::string& version) {
  auto& files = host_.files();
  const auto prefix = file_prefix(package, version);
  std::string looked;
  std::vector<std::string> found;
  for (const auto& cache : caches()) {
    looked += (looked.empty() ? "" : ", ") + cache.downloads;
    for (const auto& repository : folders_of(files, cache.downloads)) {
      const auto base = cache.downloads + "/" + repository + (cache.packages.empty() ? "" : "/" + cache.packages);
      // right there, or in the folders that the repository itself has ("Packages/d")
      std::vector<std::string> folders = {base};
      for (std::size_t at = 0, depth = 0, end = 1; depth < 2; ++depth, end = folders.size())
        for (; at < end; ++at)
          for (const auto& name : folders_of(files, folders[at]))
            if (name.find(".rpm") == std::string::npos && folders.size() < kMostFolders) folders.push_back(folders[at] + "/" + name);
      for (const auto& folder : folders)
        for (const auto& name : folders_of(files, folder))
          if (name.starts_with(prefix) && name.ends_with(".rpm")) found.push_back(folder + "/" + name);
    }
  }
  if (!found.empty()) return found;
  return sdk::fail(sdk::Errc::internal, (looked.empty() ? "no cache" : looked) + " does not have it");
}

Task<Result<std::string>> RpmDatabase::vendor_of_download(std::string package, std::string version) {
  const auto files = find_downloads(package, version);
  if (!files) co_return std::string();  // of a repository that is a folder of this host
  // Whether it is the one that was asked for, and signed, is for those who install it.
  auto argv = sdk::words({"/usr/bin/rpm", "-qp", "--nosignature", "--nodigest", "--qf", "%{VENDOR}\\n", files->front()});
  const auto said = co_await packages::run_tool(host_, std::move(argv), 0);
  if (!said) co_return sdk::fail(said.error());
  co_return packages::one_line(*said, 100);
}

}  // namespace upkeep::shared::rpm

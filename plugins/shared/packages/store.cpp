// SPDX-License-Identifier: Apache-2.0
#include "shared/packages/store.h"

#include <algorithm>

#include "sdk/text.h"
#include "shared/packages/text.h"

namespace upkeep::shared::packages {

using sdk::WayBackHow;

namespace {

// A copy of before there were variants does not say which one it is.
bool is_of(const sdk::Kept& copy, const std::string& package) { return copy.package.empty() || copy.package == package; }

}  // namespace

const sdk::Kept* Store::find(const std::string& package, const std::string& version) const {
  const auto at =
      std::find_if(copies.begin(), copies.end(), [&](const sdk::Kept& one) { return one.version == version && is_of(one, package); });
  return at == copies.end() ? nullptr : &*at;
}

bool Store::has(const PackageSet& set) const {
  const auto* copy = find(set.name, set.state.version);
  if (copy == nullptr) return false;
  const auto with = set.with();
  return std::all_of(with.begin(), with.end(), [&](const auto& one) {
    const sdk::KeptPackage wanted{one.first, one.second};
    return std::find(copy->with.begin(), copy->with.end(), wanted) != copy->with.end();
  });
}

const sdk::Kept* Store::find_any(const std::string& package, const std::string& version) const {
  if (const auto* copy = find(package, version)) return copy;
  const sdk::KeptPackage wanted{package, version};
  const auto at = std::find_if(copies.begin(), copies.end(),
                               [&](const sdk::Kept& one) { return std::find(one.with.begin(), one.with.end(), wanted) != one.with.end(); });
  return at == copies.end() ? nullptr : &*at;
}

std::vector<std::string> Store::versions_of(const std::string& package, const std::vector<std::string>& variants) const {
  const bool is_agent = std::find(variants.begin(), variants.end(), package) != variants.end();
  std::vector<std::string> out;
  for (const auto& copy : copies) {
    if (is_agent && is_of(copy, package)) out.push_back(copy.version);
    for (const auto& companion : copy.with)
      if (companion.name == package) out.push_back(companion.version);
  }
  return out;
}

Store read_store(sdk::Host& host, const std::string& source) {
  auto& files = host.files();
  const std::string folder = std::string(sdk::kStoreFolder) + host.agent();
  Store out;
  out.open = files.exists(folder + "/" + source);
  if (!out.open) return out;
  if (const auto problem = files.read(folder + "/problem", 4096)) out.problem = one_line(*problem, 600);
  if (!files.exists(folder + "/kept")) return out;
  auto copies = files.read(folder + "/kept", sdk::kMostOfKept).and_then([](const std::string& text) { return sdk::parse_kept(text); });
  if (!copies) {
    out.problem = folder + "/kept: " + copies.error().message;
    return out;
  }
  for (auto& copy : *copies) {
    const bool there = std::all_of(copy.files.begin(), copy.files.end(),
                                   [&](const sdk::KeptFile& file) { return files.exists(folder + "/" + copy.folder + "/" + file.path); });
    if (there) out.copies.push_back(std::move(copy));
  }
  return out;
}

std::vector<std::string> lower_versions(const std::optional<sdk::Version>& installed, const std::vector<Offered>& offers,
                                        const Store& store) {
  constexpr std::size_t kMost = 20;
  std::vector<sdk::Version> versions;
  const auto add = [&](const std::string& version) {
    const auto release = sdk::release_of(version);
    if (installed && release && *release < *installed) versions.push_back(*release);
  };
  for (const auto& offer : offers) add(offer.version);
  for (const auto& copy : store.copies) add(copy.version);
  std::sort(versions.begin(), versions.end(), [](const sdk::Version& a, const sdk::Version& b) { return b < a; });
  versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
  std::vector<std::string> out;
  for (const auto& version : versions)
    if (out.size() < kMost) out.push_back(version.str());
  return out;
}

sdk::WayBack way_back(const std::string& agent, const std::string& package, const std::string& version, const std::vector<Offered>& offers,
                      const Store& store) {
  if (version.empty()) return {WayBackHow::none, package + " is not installed"};
  const std::string what = package + " " + version;
  const auto offer = std::find_if(offers.begin(), offers.end(), [&](const Offered& one) { return one.version == version; });
  if (offer != offers.end()) return {WayBackHow::repository, what + " is offered by " + offer->where};
  if (const auto* copy = store.find(package, version)) {
    return {WayBackHow::store, what + " is in the package store since " + sdk::rfc3339(copy->since) + ", from " + copy->origin +
                                   ", which does not offer it any more"};
  }
  std::string text = "no repository of this host offers " + what + " any more";
  text += store.open ? ", and the package store does not have it" : "";
  if (!store.problem.empty()) text += " (" + store.problem + ")";
  text += ": publish it there again, or let [policy] require_way_back allow an upgrade without a way back";
  if (!store.open) text += "; `sudo upkeep enable " + agent + "` keeps what is installed from now on";
  return {WayBackHow::none, std::move(text)};
}

}  // namespace upkeep::shared::packages

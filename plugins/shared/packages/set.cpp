// SPDX-License-Identifier: Apache-2.0
#include "shared/packages/set.h"

#include <algorithm>

#include "sdk/text.h"
#include "sdk/version.h"

namespace upkeep::shared::packages {
namespace {

constexpr std::string_view kWas = "was ";

bool there(const PackageState& state) { return !state.version.empty() || state.broken; }

}  // namespace

std::pair<std::string, const PackageState*> PackageSet::worst() const {
  if (state.broken) return {name, &state};
  for (const auto& [companion, its] : companions)
    if (its.broken) return {companion, &its};
  return {name, &state};
}

std::vector<std::string> PackageSet::names() const {
  std::vector<std::string> out = {name};
  for (const auto& [companion, its] : companions) out.push_back(companion);
  return out;
}

Versions PackageSet::with() const {
  Versions out;
  for (const auto& [companion, its] : companions) out[companion] = its.version;
  return out;
}

Versions PackageSet::versions() const {
  auto out = with();
  if (!out.empty()) out[name] = state.version;
  return out;
}

PackageSet pick_set(const std::vector<std::string>& variants, const std::vector<std::string>& with,
                    std::map<std::string, PackageState> states) {
  PackageSet out;
  for (const auto& variant : variants) {
    const auto found = states.find(variant);
    if (found == states.end() || !there(found->second)) continue;
    if (out.name.empty()) {
      out.name = variant;
      out.state = std::move(found->second);
    } else {
      out.surplus.push_back(variant);
    }
  }
  if (out.name.empty()) {
    out.name = variants.front();
    out.state = std::move(states[out.name]);
  }
  for (const auto& companion : with) {
    const auto found = states.find(companion);
    if (found != states.end() && there(found->second)) out.companions.emplace(companion, std::move(found->second));
  }
  return out;
}

std::string baseline_text(const Versions& versions) {
  std::string out;
  for (const auto& [name, version] : versions) out += "\n" + std::string(kWas) + name + " " + version;
  return out;
}

Versions baseline_of(const std::string& note) {
  Versions out;
  for (const auto line : sdk::split(note, '\n')) {
    const auto words = sdk::split(line, ' ');
    if (words.size() == 3 && line.starts_with(kWas) && sdk::is_package_name(words[1]) && sdk::is_package_version(words[2]))
      out.emplace(words[1], words[2]);
  }
  return out;
}

std::string begun_of(const std::string& note) { return note.substr(0, note.find('\n')); }

}  // namespace upkeep::shared::packages

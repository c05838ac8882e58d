// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>
#include <utility>

#include "core/agent_state.h"

namespace upkeep::core {
namespace {

// Entries of which only the last one of a group counts; empty: another rule decides.
std::string group(const Entry& entry) {
  switch (entry.event) {
    case Event::release:
      return "release";
    case Event::suspended:
    case Event::resumed:
      return "suspension";
    case Event::pinned:
    case Event::unpinned:
      return "pin";
    case Event::unquarantined:
      return "quarantine " + entry.fields.value("version", std::string());
    default:
      return "";
  }
}

// `compacted` entries stand for what they hold.
void flatten(const std::vector<Entry>& entries, std::vector<Entry>& out) {
  for (const auto& entry : entries) {
    if (entry.event != Event::compacted) {
      out.push_back(entry);
      continue;
    }
    std::vector<Entry> inner;
    for (const auto& line : entry.fields.at("entries"))
      if (auto decoded = decode(line.get<std::string>())) inner.push_back(std::move(*decoded));
    flatten(inner, out);
  }
}

}  // namespace

// Kept: what the state still shows. Operations that have left the history go with all their entries, unless they quarantined a
// version that still is, or count as attempts.
nlohmann::json compact(const std::vector<Entry>& entries, const AgentState& state) {
  std::vector<Entry> all;
  flatten(entries, all);

  std::set<std::string> operations;
  for (const auto& finished : state.history) operations.insert(finished.id);
  if (state.operation) operations.insert(state.operation->id);
  if (!state.hook_trouble.first.empty()) operations.insert(state.hook_trouble.first);
  for (const auto& [version, ids] : state.attempts) operations.insert(ids.begin(), ids.end());
  std::map<std::string, std::size_t> last;
  std::size_t installed = 0, installed_before = 0;  // what others changed last is said with the version of before
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (const auto name = group(all[i]); !name.empty()) last[name] = i;
    if (all[i].event == Event::installed) installed_before = std::exchange(installed, i);
    if (const auto found = all[i].fields.find("quarantine"); found != all[i].fields.end() && found->is_object())
      if (state.quarantined.contains(found->value("version", std::string()))) operations.insert(all[i].operation);
  }

  nlohmann::json kept = nlohmann::json::array();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto name = group(all[i]);
    const bool looked = all[i].event == Event::installed && (i == installed || i == installed_before);
    const bool keep = !name.empty() ? last[name] == i : looked || operations.contains(all[i].operation);
    if (keep) kept.push_back(encode(all[i]));
  }
  return {{"entries", std::move(kept)}};
}

}  // namespace upkeep::core

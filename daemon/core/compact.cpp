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
      return entry.fields.contains("place") ? "wished suspension" : "suspension";
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

// Operations without which the state would be another one.
std::set<std::string> bearing(const std::vector<Entry>& all, const AgentState& state) {
  std::set<std::string> out = {state.hook_trouble.first};
  if (state.operation) out.insert(state.operation->id);
  if (state.due_hook) out.insert(state.due_hook->call.operation);
  if (state.wish) out.insert(state.wish->operation);
  for (const auto& [version, ids] : state.attempts) out.insert(ids.begin(), ids.end());
  for (const auto& entry : all)
    if (const auto found = entry.fields.find("quarantine"); found != entry.fields.end() && found->is_object())
      if (state.quarantined.contains(found->value("version", std::string()))) out.insert(entry.operation);
  if (state.last() != nullptr) out.insert(state.last()->id);
  for (auto one = state.history.rbegin(); one != state.history.rend(); ++one) {  // it says what was installed last
    if (one->result == OperationResult::refused || one->result == OperationResult::failed) continue;
    out.insert(one->id);
    break;
  }
  for (auto one = state.history.rbegin(); one != state.history.rend(); ++one) {  // it left the former version
    if (one->result != OperationResult::committed) continue;
    out.insert(one->id);
    break;
  }
  out.erase("");
  return out;
}

}  // namespace

// Kept: what the state still shows. Operations that have left the history go with all their entries, unless the state rests on them.
nlohmann::json compact(const std::vector<Entry>& entries, const AgentState& state, std::size_t most_bytes) {
  std::vector<Entry> all;
  flatten(entries, all);

  const auto needed = bearing(all, state);
  auto operations = needed;
  for (const auto& finished : state.history) operations.insert(finished.id);
  std::map<std::string, std::size_t> last;
  std::size_t installed = 0, installed_before = 0;  // what others changed last is said with the version of before
  std::size_t undone = 0, undone_before = 0;        // two are enough to be contested
  std::size_t wished = 0;                           // what came of the last wish follows it
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (const auto name = group(all[i]); !name.empty()) last[name] = i;
    if (all[i].event == Event::wish && all[i].fields.value("state", std::string()) == "taken") wished = i;
    if (all[i].event != Event::installed) continue;
    installed_before = std::exchange(installed, i);
    if (all[i].fields.contains("undoes")) undone_before = std::exchange(undone, i);
  }

  struct Kept {
    const Entry* entry;
    std::string line;
    bool of_operation;
    [[nodiscard]] std::size_t bytes() const { return nlohmann::json(line).dump().size() + 1; }
  };
  std::vector<Kept> kept;
  std::size_t total = 1;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto name = group(all[i]);
    const bool contests = state.undone && all[i].fields.contains("undoes") && (i == undone || i == undone_before);
    const bool looked = all[i].event == Event::installed && (i == installed || i == installed_before || contests);
    const bool of_wish = all[i].event == Event::wish;
    const bool of_operation = name.empty() && !looked && !of_wish;
    if (!name.empty() && last[name] != i) continue;
    if (of_wish && i < wished) continue;
    if (of_operation && !operations.contains(all[i].operation)) continue;
    kept.push_back({&all[i], encode(all[i]), of_operation});
    total += kept.back().bytes();
  }

  const auto drop = [&](const auto& which) {
    std::erase_if(kept, [&](const Kept& one) {
      if (!one.of_operation || !which(*one.entry)) return false;
      total -= one.bytes();
      return true;
    });
  };
  const auto running = state.operation ? state.operation->id : std::string();
  drop([&](const Entry& entry) { return total > most_bytes && entry.event == Event::record && entry.operation != running; });
  for (const auto& finished : state.history)  // a part of an operation would be no journal
    if (total > most_bytes && !needed.contains(finished.id)) drop([&](const Entry& entry) { return entry.operation == finished.id; });

  nlohmann::json lines = nlohmann::json::array();
  for (auto& one : kept) lines.push_back(std::move(one.line));
  return {{"entries", std::move(lines)}};
}

}  // namespace upkeep::core

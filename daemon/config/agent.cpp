// SPDX-License-Identifier: Apache-2.0
#include "config/agent.h"

#include <algorithm>

namespace upkeep::config {
namespace {

constexpr sdk::KeySpec kSourceKeys[] = {{.name = "poll", .type = sdk::KeyType::duration}};

struct Placed {
  const sdk::Config* table;
  std::string path;
};

// [key] or [[key]]: both are read alike.
std::vector<Placed> one_or_many(const sdk::Config& tree, const std::string& key, Issues& issues) {
  std::vector<Placed> out;
  const sdk::Config* value = tree.find(key);
  if (value == nullptr) return out;
  if (value->is_table()) return {{value, key}};
  if (const auto* array = std::get_if<sdk::Config::Array>(&value->value())) {
    for (const sdk::Config& item : *array) {
      if (item.is_table()) out.push_back({&item, key + "[" + std::to_string(out.size()) + "]"});
    }
    if (out.size() == array->size()) return out;
  }
  issues.push_back({value->place(), key, "must be a table, under [" + key + "] or [[" + key + "]]"});
  return out;
}

// There, and no empty list.
void must_have(const sdk::Config& tree, const std::string& key, const std::string& remedy, Issues& issues) {
  const sdk::Config* value = tree.find(key);
  const auto* array = value == nullptr ? nullptr : std::get_if<sdk::Config::Array>(&value->value());
  if (value == nullptr || (array != nullptr && array->empty()))
    issues.push_back({value == nullptr ? tree.place() : value->place(), key, "is missing: " + remedy});
}

const sdk::Config* table_of(const sdk::Config& tree, const std::string& key, Issues& issues) {
  const sdk::Config* value = tree.find(key);
  if (value == nullptr || value->is_table()) return value;
  issues.push_back({value->place(), key, "must be a table, under [" + key + "]"});
  return nullptr;
}

void read_sources(const sdk::Config& tree, const Lookup& lookup, core::AgentSettings& out, Issues& issues) {
  must_have(tree, "source", "say which channel to follow, under [source]", issues);
  for (const Placed& at : one_or_many(tree, "source", issues)) {
    const Section section{*at.table, at.path, issues};
    const std::size_t before = issues.size();
    read_use(sdk::PluginKind::source, section, kSourceKeys, lookup, out.sources.emplace_back());
    if (issues.size() > before || !at.table->has("poll")) continue;
    if (out.sources.size() > 1)
      section.issue("poll", "belongs to the first [[source]]; the others are asked only when it fails");
    else
      section.bounded("poll", out.poll, std::chrono::seconds(1), std::chrono::hours(24));
  }
}

void read_schedules(const sdk::Config& tree, const Lookup& lookup, core::AgentSettings& out, Issues& issues) {
  must_have(tree, "schedule", "say when upgrades may start; for any time write [[schedule]] with use = \"window\" and always = true",
            issues);
  for (const Placed& at : one_or_many(tree, "schedule", issues))
    read_use(sdk::PluginKind::schedule, {*at.table, at.path, issues}, {}, lookup, out.schedules.emplace_back());
}

void read_installer(const sdk::Config& tree, const Lookup& lookup, core::AgentSettings& out, Issues& issues) {
  must_have(tree, "installer", "say what to keep up to date, under [installer]", issues);
  const sdk::Config* table = table_of(tree, "installer", issues);
  if (table == nullptr) return;
  const Section section{*table, "installer", issues};
  read_use(sdk::PluginKind::installer, section, {}, lookup, out.installer);
  // Upgrading ourselves would stop the operation that does it. A plugin may know that, too.
  const bool said = std::any_of(issues.begin(), issues.end(), [](const auto& issue) { return issue.path == "installer.package"; });
  if (table->text("package") == "upkeep" && !said)
    section.issue("package", "Upkeep does not upgrade itself; leave that to the host's package manager");
}

}  // namespace

void read_agent(const sdk::Config& tree, const Lookup& lookup, core::AgentSettings& out, Issues& issues) {
  check_known(tree, {"source", "schedule", "installer", "health", "policy"}, "", issues);
  read_sources(tree, lookup, out, issues);
  read_schedules(tree, lookup, out, issues);
  read_installer(tree, lookup, out, issues);
  if (const sdk::Config* table = table_of(tree, "policy", issues)) read_policy({*table, "policy", issues}, out);
  const sdk::Config* health = table_of(tree, "health", issues);
  const Section section{health != nullptr ? *health : tree, "health", issues};
  read_health(health != nullptr ? &section : nullptr, tree.find("installer"), out);
}

}  // namespace upkeep::config

// SPDX-License-Identifier: Apache-2.0
#include "config/agent.h"

#include <algorithm>

namespace upkeep::config {
namespace {

constexpr sdk::KeySpec kSourceKeys[] = {
    {.name = "poll",
     .type = sdk::KeyType::duration,
     .fallback = "5m",
     .help = "how often the channel is read, from 1s to 24h; belongs to the first [[source]], the others are asked when it fails"},
};

std::vector<sdk::KeySpec> with_use(std::string_view help, std::span<const sdk::KeySpec> common) {
  std::vector<sdk::KeySpec> out{{.name = "use", .required = true, .help = help}};
  out.insert(out.end(), common.begin(), common.end());
  return out;
}

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
  read_use(sdk::PluginKind::installer, {*table, "installer", issues}, {}, lookup, out.installer);
  // "auto" is one of them, and an operation that is begun stays with it.
  if (const auto found = lookup(sdk::PluginKind::installer, out.installer.use)) out.installer.use = (*found)->name;
}

}  // namespace

std::span<const sdk::KeySpec> agent_keys() {
  using sdk::KeyType;
  static const auto source = with_use("the source plugin, which reads the channel", kSourceKeys);
  static const auto schedule = with_use("the schedule plugin, which says when", {});
  static const auto installer = with_use("the installer plugin, which changes the agent", {});
  static const std::vector<sdk::KeySpec> file{
      {.name = "source",
       .type = KeyType::table_list,
       .required = true,
       .help = "the channel to follow; several are failover, in order",
       .children = source},
      {.name = "trust",
       .type = KeyType::table,
       .help = "whose signatures make a release count; absent: the plain files count",
       .children = trust_keys()},
      {.name = "schedule",
       .type = KeyType::table_list,
       .required = true,
       .help = "when upgrades may start; several must all be open",
       .children = schedule},
      {.name = "installer", .type = KeyType::table, .required = true, .help = "what is kept up to date, and how", .children = installer},
      {.name = "health", .type = KeyType::table, .help = "what proves that a new version is good", .children = health_keys()},
      {.name = "hooks", .type = KeyType::table, .help = "what is run or started around an operation", .children = hook_keys()},
      {.name = "policy", .type = KeyType::table, .help = "what may be upgraded to, and from what", .children = policy_keys()},
  };
  return file;
}

void read_agent(const sdk::Config& tree, const Lookup& lookup, core::AgentSettings& out, Issues& issues) {
  check_known(tree, names_of(agent_keys()), "", issues);
  read_sources(tree, lookup, out, issues);
  if (const sdk::Config* table = table_of(tree, "trust", issues)) read_trust({*table, "trust", issues}, out);
  read_schedules(tree, lookup, out, issues);
  read_installer(tree, lookup, out, issues);
  if (const sdk::Config* table = table_of(tree, "policy", issues)) read_policy({*table, "policy", issues}, out);
  if (const sdk::Config* table = table_of(tree, "hooks", issues)) read_hooks({*table, "hooks", issues}, out);
  const sdk::Config* health = table_of(tree, "health", issues);
  const Section section{health != nullptr ? *health : tree, "health", issues};
  const auto installer = lookup(sdk::PluginKind::installer, out.installer.use);
  read_health(health != nullptr ? &section : nullptr, tree.find("installer"), !installer || (*installer)->proves_health, out);
}

}  // namespace upkeep::config

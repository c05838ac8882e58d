// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include <algorithm>
#include <set>

#include "config/agent.h"
#include "config/daemon.h"
#include "config/names.h"
#include "config/raw.h"
#include "sdk/text.h"

namespace upkeep::config {
namespace {

// An agent on its way from file to settings.
struct Draft {
  core::AgentSettings settings;
  // What it keeps, read even when the rest is wrong: the installer, and what its keys of the subject say, by key; empty: nothing.
  std::string use;
  std::map<std::string, std::string> subject;
  std::map<std::string, std::pair<std::string, sdk::Place>> things;  // what each of its keys of that kind names → the key
  std::string subject_key;                                           // the last of them, to point at
  sdk::Place subject_place;
  Issues issues;
};

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

void read_subject(const sdk::Config& installer, const Lookup& lookup, Draft& draft) {
  draft.use = installer.text("use");
  const auto descriptor = lookup(sdk::PluginKind::installer, draft.use);
  if (!descriptor) return;
  draft.use = (*descriptor)->name;  // "auto" is one of them
  for (const sdk::KeySpec& key : (*descriptor)->keys) {
    if (key.subject_each) {
      auto names = installer.texts(std::string(key.name));
      if (const auto name = installer.text(std::string(key.name)); !name.empty()) names.push_back(name);
      for (auto& name : names) draft.things.emplace(std::move(name), std::pair(key.name, installer.find(key.name)->place()));
    }
    const auto said = installer.text(std::string(key.name), std::string(key.fallback));
    if (!key.subject || said.empty()) continue;
    draft.subject.emplace(key.name, said);
    draft.subject_key = key.name;
    draft.subject_place = installer.has(key.name) ? installer.find(key.name)->place() : installer.place();
  }
}

Draft read_draft(sdk::Files& files, const std::string& path, const Lookup& lookup) {
  Draft draft;
  const std::string file = file_name(path);
  draft.settings.name = is_config_file(file) ? file.substr(0, file.size() - std::string_view(".toml").size()) : file;
  if (!is_config_file(file) || !is_agent_name(draft.settings.name))
    draft.issues.push_back(
        {{path, 0}, "", "must be called AGENT.toml; an agent's name is made of a-z, 0-9, dots, dashes and underscores, at most 63"});
  const auto tree = read_merged(files, path, draft.issues);
  if (!tree) return draft;
  read_agent(*tree, lookup, draft.settings, draft.issues);
  if (const sdk::Config* installer = tree->find("installer")) read_subject(*installer, lookup, draft);
  return draft;
}

// Two agents on one thing would fight; the first by name keeps it.
void refuse_shared_subjects(std::vector<Draft>& drafts) {
  std::map<std::pair<std::string, std::map<std::string, std::string>>, std::string> owner;
  std::map<std::pair<std::string, std::string>, std::string> owner_of_each;
  for (Draft& draft : drafts) {
    for (const auto& [thing, said] : draft.things) {
      const auto [first, is_new] = owner_of_each.try_emplace({draft.use, thing}, draft.settings.name);
      if (is_new) continue;
      draft.issues.push_back({said.second, "installer." + said.first,
                              draft.things.size() == 1 ? "is already the " + said.first + " of the agent " + first->second
                                                       : sdk::quoted(thing) + " belongs to the agent " + first->second + " already"});
    }
    if (draft.subject.empty()) continue;
    const auto [first, is_new] = owner.try_emplace({draft.use, draft.subject}, draft.settings.name);
    if (is_new) continue;
    draft.issues.push_back(
        {draft.subject_place, "installer." + draft.subject_key, "is already the " + draft.subject_key + " of the agent " + first->second});
  }
}

// Installers whose table asks for them learn which packages belong to other agents: "PACKAGE AGENT" each.
void tell_other_packages(std::vector<Draft>& drafts, const Lookup& lookup) {
  for (Draft& draft : drafts) {
    if (!draft.issues.empty()) continue;
    const auto descriptor = lookup(sdk::PluginKind::installer, draft.settings.installer.use);
    if (!descriptor) continue;
    const auto keys = (*descriptor)->keys;
    if (std::none_of(keys.begin(), keys.end(), [](const sdk::KeySpec& key) { return key.name == kOtherPackages; })) continue;
    std::set<std::string> others;
    for (const Draft& other : drafts)
      if (&other != &draft && other.use == draft.use)
        for (const auto& [thing, said] : other.things) others.insert(thing + " " + other.settings.name);
    sdk::Config::Array list;
    for (const std::string& other : others) list.emplace_back(other);
    auto& table = std::get<sdk::Config::Table>(draft.settings.installer.config.value());
    table.insert_or_assign(std::string(kOtherPackages), sdk::Config(std::move(list)));
  }
}

void settle(std::vector<Draft>& drafts, const Lookup& lookup, Loaded& out) {
  refuse_shared_subjects(drafts);
  tell_other_packages(drafts, lookup);
  for (Draft& draft : drafts) {
    if (draft.issues.empty())
      out.agents.push_back(std::move(draft.settings));
    else
      out.broken.emplace(draft.settings.name, std::move(draft.issues));
  }
}

std::vector<Draft> read_agents(sdk::Files& files, const std::string& dir, const Lookup& lookup, Issues& dir_issues) {
  std::vector<Draft> drafts;
  if (!files.exists(dir)) return drafts;
  auto names = files.list(dir);
  if (!names) {
    dir_issues.push_back({{dir, 0}, "", names.error().message});
    return drafts;
  }
  for (const std::string& name : *names) {
    if (is_config_file(name)) drafts.push_back(read_draft(files, dir + "/" + name, lookup));
    const bool orphan =
        name.ends_with(".toml.d") && std::find(names->begin(), names->end(), name.substr(0, name.size() - 2)) == names->end();
    if (!orphan) continue;
    Draft& draft = drafts.emplace_back();
    draft.settings.name = name.substr(0, name.size() - std::string_view(".toml.d").size());
    draft.issues.push_back({{dir + "/" + name, 0}, "", "has drop-ins for a file that does not exist"});
  }
  std::sort(drafts.begin(), drafts.end(), [](const Draft& a, const Draft& b) { return a.settings.name < b.settings.name; });
  return drafts;
}

void check_state(const Lookup& lookup, Loaded& out, const sdk::Config& tree) {
  const sdk::Config* table = tree.find("state");
  if (table == nullptr) return;
  read_use(sdk::PluginKind::state, {*table, "state", out.daemon_issues}, {}, lookup, out.daemon.state);
}

Loaded load_daemon_file(sdk::Files& files, const std::string& dir, const Lookup* lookup) {
  Loaded out;
  out.daemon.config_dir = dir;
  out.daemon.state.use = "files";
  const std::string path = dir + "/upkeep.toml";
  if (!files.exists(path) && !files.exists(path + ".d")) return out;
  const auto tree = read_merged(files, path, out.daemon_issues);
  if (!tree) return out;
  read_daemon(*tree, out.daemon, out.daemon_issues);
  if (lookup != nullptr && out.daemon_issues.empty()) check_state(*lookup, out, *tree);
  return out;
}

}  // namespace

Loaded load_daemon(sdk::Files& files, const std::string& dir) { return load_daemon_file(files, dir, nullptr); }

Loaded load(sdk::Files& files, const std::string& dir, const Lookup& lookup) {
  Loaded out = load_daemon_file(files, dir, &lookup);
  std::vector<Draft> drafts = read_agents(files, dir + "/agents.d", lookup, out.daemon_issues);
  settle(drafts, lookup, out);
  return out;
}

Loaded load_agent_file(sdk::Files& files, const std::string& path, const Lookup& lookup) {
  Loaded out;
  std::vector<Draft> drafts;
  drafts.push_back(read_draft(files, path, lookup));
  settle(drafts, lookup, out);
  return out;
}

std::string text(const sdk::ConfigIssue& issue) {
  std::string out = issue.place.file;
  if (issue.place.line > 0) out += ":" + std::to_string(issue.place.line);
  if (!issue.path.empty()) out += ": " + issue.path;
  return out + ": " + issue.message;
}

}  // namespace upkeep::config

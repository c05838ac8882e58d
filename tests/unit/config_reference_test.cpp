// SPDX-License-Identifier: Apache-2.0
// The tables from which the reference of keys is made: every key explains itself, and its default is the one that holds.
#include <gtest/gtest.h>

#include <functional>

#include "config/agent.h"
#include "config/daemon.h"
#include "installer/apt/plugin.h"
#include "schedule/lease/plugin.h"
#include "schedule/window/plugin.h"
#include "source/file/plugin.h"
#include "source/gcs/plugin.h"
#include "source/https/plugin.h"
#include "source/s3/plugin.h"
#include "state/configmap/plugin.h"
#include "state/files/plugin.h"
#include "support/config_world.h"

namespace upkeep::config {
namespace {

using sdk::KeySpec;
using sdk::KeyType;
using testing_support::find_test_plugin;
using testing_support::lines;
using testing_support::MemoryFiles;

void each_key(std::span<const KeySpec> keys, const std::string& path, const std::function<void(const KeySpec&, const std::string&)>& look) {
  for (const KeySpec& key : keys) {
    look(key, join(path, key.name));
    each_key(key.children, join(path, key.name), look);
  }
}

TEST(ConfigReference, EveryKeyExplainsItself) {
  const auto explains = [](const KeySpec& key, const std::string& path) {
    EXPECT_FALSE(key.help.empty()) << path;
    EXPECT_EQ(key.help.find('\n'), std::string_view::npos) << path;
    EXPECT_FALSE(key.required && !key.fallback.empty()) << path << ": what is required has no default";
  };
  each_key(daemon_keys(), "", explains);
  each_key(agent_keys(), "", explains);
  for (const sdk::Descriptor* plugin : {&plugins::https::kDescriptor, &plugins::s3::kDescriptor, &plugins::gcs::kDescriptor,
                                        &plugins::file::kDescriptor, &plugins::window::kDescriptor, &plugins::apt::kDescriptor,
                                        &plugins::files::kDescriptor, &plugins::lease::kDescriptor, &plugins::configmap::kDescriptor})
    each_key(plugin->keys, plugin->name, explains);
}

std::string written(const KeySpec& key) {
  const bool quoted = key.type == KeyType::text || key.type == KeyType::duration;
  return std::string(key.name) + " = " + (quoted ? "\"" + std::string(key.fallback) + "\"" : std::string(key.fallback)) + "\n";
}

// Everything of the settings that a key of ours can change, as text.
std::string shown(const core::AgentSettings& agent) {
  std::string out = sdk::format_duration(agent.poll) + " " + sdk::format_duration(agent.soak) + " " + sdk::format_duration(agent.max_age) +
                    " " + sdk::format_duration(agent.revert_deadline) + " " + sdk::format_duration(agent.policy.spread);
  const auto& policy = agent.policy;
  out += " " + std::to_string(static_cast<int>(policy.downgrade)) + std::to_string(static_cast<int>(policy.require_way_back)) +
         (policy.major_skip ? std::to_string(*policy.major_skip) : "any") + std::to_string(policy.unhealthy_may_upgrade) +
         std::to_string(policy.install_missing);
  for (const auto& probe : agent.probes)
    out += " " + probe.name() + sdk::format_duration(probe.interval) + sdk::format_duration(probe.timeout) +
           std::to_string(probe.successes) + std::to_string(probe.failures) + std::to_string(probe.least_status) +
           std::to_string(probe.most_status) + probe.pattern;
  out += agent.strict_baseline ? " strict" : " excuse";
  for (const auto& [hook, settings] : agent.hooks) out += " " + std::string(core::name(hook)) + sdk::format_duration(settings.timeout);
  return out;
}

// `more` is put into the table `path`.
std::string agent_with(const std::string& path, const std::string& more) {
  const auto in = [&](const std::string& table) { return table == path ? more : std::string(); };
  // Some keys of a probe belong to one kind only.
  const std::string kind = more.starts_with("status") ? "http" : more.starts_with("pattern") ? "log" : "unit";
  const auto probe = [&](const std::string& use, const std::string& what) {
    return "[[health.probe]]\nuse = \"" + use + "\"\n" + what + (use == kind ? in("health.probe") : "");
  };
  MemoryFiles files;
  files.texts["/t.toml"] = "[source]\nuse = \"https\"\nurl = \"https://x\"\nchannel = \"c\"\n" + in("source") +
                           "[[schedule]]\nuse = \"window\"\nalways = true\n" + in("schedule") +
                           "[installer]\nuse = \"apt\"\npackage = \"p\"\nrestart = \"p.service\"\n" + in("installer") + "[policy]\n" +
                           in("policy") + "[health]\n" + in("health") + probe("unit", "unit = \"p.service\"\n") +
                           probe("http", "url = \"http://localhost/\"\n") + probe("log", "");
  for (const std::string hook : {"hooks.before_apply", "hooks.after_apply", "hooks.after_commit", "hooks.after_rollback"})
    files.texts["/t.toml"] += "[" + hook + "]\ncommand = [\"/x\"]\n" + in(hook);
  Loaded loaded = load_agent_file(files, "/t.toml", find_test_plugin);
  EXPECT_TRUE(loaded.broken.empty()) << path << ": " << more << lines(loaded.broken["t"]);
  return loaded.agents.empty() ? "broken" : shown(loaded.agents.front());
}

TEST(ConfigReference, ADefaultOfAnAgentIsTheOneThatHolds) {
  int defaults = 0;
  each_key(agent_keys(), "", [&](const KeySpec& key, const std::string& path) {
    if (key.fallback.empty()) return;
    ++defaults;
    EXPECT_EQ(agent_with(path.substr(0, path.rfind('.')), written(key)), agent_with("", "")) << path;
  });
  EXPECT_GE(defaults, 14);
}

std::string shown(const core::DaemonSettings& daemon) {
  return daemon.state_dir + " " + daemon.socket + " " + daemon.read_group + " " + daemon.admin_group + " " + daemon.listen + " " +
         std::to_string(static_cast<int>(daemon.log_level)) + " " + std::to_string(daemon.log_json) + " " + daemon.state.use + " " +
         daemon.plugin_dir;
}

TEST(ConfigReference, ADefaultOfTheDaemonIsTheOneThatHolds) {
  core::DaemonSettings expected;
  expected.state.use = "files";
  int defaults = 0;
  each_key(daemon_keys(), "", [&](const KeySpec& key, const std::string& path) {
    if (key.fallback.empty()) return;
    ++defaults;
    MemoryFiles files;
    files.texts["/c/upkeep.toml"] = "[" + path.substr(0, path.rfind('.')) + "]\n" + written(key);
    const Loaded loaded = load_daemon(files, "/c");
    EXPECT_TRUE(loaded.daemon_issues.empty()) << lines(loaded.daemon_issues);
    EXPECT_EQ(shown(loaded.daemon), shown(expected)) << path;
  });
  EXPECT_GE(defaults, 7);
}

}  // namespace
}  // namespace upkeep::config

// SPDX-License-Identifier: Apache-2.0
// The whole folder: upkeep.toml, several agents, their drop-ins, and what agents learn of each other.
#include "config/load.h"

#include <gtest/gtest.h>

#include "support/config_world.h"

namespace upkeep::config {
namespace {

using testing_support::find_test_plugin;
using testing_support::lines;
using testing_support::MemoryFiles;

class ConfigFolder : public testing::Test {
 protected:
  void daemon(const std::string& text) { files_.texts["/etc/upkeep/upkeep.toml"] = text; }
  void agent(const std::string& name, const std::string& package) {
    files_.texts["/etc/upkeep/agents.d/" + name + ".toml"] =
        "[source]\nuse = \"https\"\nurl = \"https://x\"\nchannel = \"current\"\n[[schedule]]\nuse = \"window\"\nalways = true\n"
        "[installer]\nuse = \"apt\"\npackage = \"" +
        package + "\"\n";
  }
  Loaded load() { return config::load(files_, "/etc/upkeep", find_test_plugin); }
  std::string daemon_errors(const std::string& text) {
    daemon(text);
    return lines(load().daemon_issues);
  }

  MemoryFiles files_;
};

TEST_F(ConfigFolder, AnEmptyFolderHasTheDefaultsAndNoAgents) {
  const Loaded loaded = load();
  EXPECT_TRUE(loaded.daemon_issues.empty());
  EXPECT_TRUE(loaded.agents.empty());
  EXPECT_EQ(loaded.daemon.config_dir, "/etc/upkeep");
  EXPECT_EQ(loaded.daemon.state_dir, "/var/lib/upkeep");
  EXPECT_EQ(loaded.daemon.state.use, "files");
}

TEST_F(ConfigFolder, TheDaemonsFile) {
  daemon(R"([daemon]
plugins = "/opt/plugins"
state = "/srv/upkeep"
[control]
socket = "/run/u.sock"
read_group = "staff"
admin_group = "wheel"
listen = "[::1]:9464"
[log]
level = "debug"
format = "json"
[state]
use = "files"
keep = 7
)");
  const Loaded loaded = load();
  EXPECT_EQ(lines(loaded.daemon_issues), "");
  EXPECT_EQ(loaded.daemon.plugin_dir, "/opt/plugins");
  EXPECT_EQ(loaded.daemon.state_dir, "/srv/upkeep");
  EXPECT_EQ(loaded.daemon.socket, "/run/u.sock");
  EXPECT_EQ(loaded.daemon.read_group, "staff");
  EXPECT_EQ(loaded.daemon.admin_group, "wheel");
  EXPECT_EQ(loaded.daemon.listen, "[::1]:9464");
  EXPECT_EQ(loaded.daemon.log_level, sdk::LogLevel::debug);
  EXPECT_TRUE(loaded.daemon.log_json);
  EXPECT_EQ(loaded.daemon.state.config.integer("keep"), 7);
  EXPECT_FALSE(loaded.daemon.state.config.has("use"));
  EXPECT_EQ(load_daemon(files_, "/etc/upkeep").daemon.plugin_dir, "/opt/plugins");
}

TEST_F(ConfigFolder, WhatCanBeWrongWithTheDaemonsFile) {
  const std::string f = "/etc/upkeep/upkeep.toml";
  EXPECT_EQ(daemon_errors("[deamon]\n"), f + ":1: deamon: unknown key; did you mean `daemon`?\n");
  EXPECT_EQ(daemon_errors("[daemon]\nworkloads_at_once = 0\n"), f + ":2: daemon.workloads_at_once: must be between 1 and 1000, not 0\n");
  EXPECT_EQ(daemon_errors("[daemon]\nstate = \"lib\"\n"), f + ":2: daemon.state: must be an absolute path, not \"lib\"\n");
  EXPECT_EQ(daemon_errors("log = 1\n"), f + ":1: log: must be a table, under [log]\n");
  EXPECT_EQ(daemon_errors("[log]\nlevel = \"warning\"\n"), f + ":2: log.level: \"warning\" is not a choice; did you mean `warn`?\n");
  EXPECT_EQ(daemon_errors("[state]\nuse = \"sql\"\n"), f + ":2: state.use: there is no state plugin sql\n");
  EXPECT_EQ(daemon_errors("[state]\nkeep = 1\n"), f + ":1: state.use: must name the state plugin, as in use = \"files\"\n");
  EXPECT_EQ(daemon_errors("[state]\nuse = \"files\"\nkep = 1\n"), f + ":3: state.kep: unknown key; did you mean `keep`?\n");
  for (const std::string listen : {"9464", "localhost:9464", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:", "::1:80", "1.2.3.4:5x"})
    EXPECT_NE(daemon_errors("[control]\nlisten = \"" + listen + "\"\n").find(f + ":2: control.listen: must be an address and a port"),
              std::string::npos)
        << listen;
  EXPECT_NE(daemon_errors("[control]\nsocket = \"/" + std::string(107, 'x') + "\"\n"), "");
}

TEST_F(ConfigFolder, ABadAgentDisablesThatAgentOnly) {
  agent("good", "one");
  files_.texts["/etc/upkeep/agents.d/bad.toml"] = "[source\n";
  const Loaded loaded = load();
  EXPECT_TRUE(loaded.daemon_issues.empty());
  ASSERT_EQ(loaded.agents.size(), 1U);
  EXPECT_EQ(loaded.agents[0].name, "good");
  ASSERT_TRUE(loaded.broken.contains("bad"));
  EXPECT_EQ(loaded.broken.at("bad").front().place.file, "/etc/upkeep/agents.d/bad.toml");
}

TEST_F(ConfigFolder, AgentsComeByNameAndOtherFilesAreNone) {
  agent("b", "two");
  agent("a-b", "three");
  agent("a", "one");
  files_.texts["/etc/upkeep/agents.d/README"] = "words";
  files_.texts["/etc/upkeep/agents.d/old.toml.dpkg-old"] = "words";
  const Loaded loaded = load();
  ASSERT_EQ(loaded.agents.size(), 3U);
  EXPECT_EQ(loaded.agents[0].name, "a");
  EXPECT_EQ(loaded.agents[1].name, "a-b");
  EXPECT_EQ(loaded.agents[2].name, "b");
  EXPECT_TRUE(loaded.broken.empty());
}

TEST_F(ConfigFolder, AFilesNameMustBeAnAgents) {
  const std::vector<std::string> names = {"Teleport", "a b", "-x", "ä", std::string(64, 'a')};
  for (const std::string& name : names) agent(name, "package-" + std::to_string(&name - names.data()));
  const Loaded loaded = load();
  EXPECT_TRUE(loaded.agents.empty());
  EXPECT_EQ(loaded.broken.size(), 5U);
  EXPECT_EQ(lines(loaded.broken.at("a b")),
            "/etc/upkeep/agents.d/a b.toml: must be called AGENT.toml; an agent's name is made of a-z, 0-9, dots, dashes and underscores, "
            "at most 63\n");
}

TEST_F(ConfigFolder, DropInsChangeAnAgentAndOrphansAreReported) {
  agent("a", "one");
  files_.texts["/etc/upkeep/agents.d/a.toml.d/channel.toml"] = "[source]\nchannel = \"beta\"\n";
  files_.texts["/etc/upkeep/agents.d/gone.toml.d/channel.toml"] = "[source]\nchannel = \"beta\"\n";
  const Loaded loaded = load();
  ASSERT_EQ(loaded.agents.size(), 1U);
  EXPECT_EQ(loaded.agents[0].sources[0].config.text("channel"), "beta");
  EXPECT_EQ(lines(loaded.broken.at("gone")), "/etc/upkeep/agents.d/gone.toml.d: has drop-ins for a file that does not exist\n");
}

TEST_F(ConfigFolder, EachInstallerKnowsTheOthersPackages) {
  agent("a", "one");
  agent("b", "two");
  agent("c", "three");
  files_.texts["/etc/upkeep/agents.d/c.toml"] += "bad_key = 1\n";
  const Loaded loaded = load();
  ASSERT_EQ(loaded.agents.size(), 2U);
  EXPECT_EQ(loaded.agents[0].installer.config.texts("other_packages"), (std::vector<std::string>{"three c", "two b"}));
  EXPECT_EQ(loaded.agents[1].installer.config.texts("other_packages"), (std::vector<std::string>{"one a", "three c"}));
}

TEST_F(ConfigFolder, TwoAgentsDoNotShareAPackage) {
  agent("a", "one");
  agent("b", "one");
  const Loaded loaded = load();
  ASSERT_EQ(loaded.agents.size(), 1U);
  EXPECT_EQ(loaded.agents[0].name, "a");
  EXPECT_EQ(lines(loaded.broken.at("b")), "/etc/upkeep/agents.d/b.toml:10: installer.package: is already the package of the agent a\n");
}

}  // namespace
}  // namespace upkeep::config

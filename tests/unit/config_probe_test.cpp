// SPDX-License-Identifier: Apache-2.0
// The kinds of probes in a configuration: short and long forms, what belongs to which, and that only this host counts.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "config/load.h"
#include "support/config_world.h"

namespace upkeep::config {
namespace {

using testing_support::lines;
using testing_support::load_agent;
using testing_support::settings_of;

// What is in `health` begins on line 6.
Loaded load_with(const std::string& health) {
  return load_agent(
      "source = {use = \"https\", url = \"https://x\", channel = \"c\"}\nschedule = [{use = \"window\", always = true}]\n"
      "[installer]\nuse = \"apt\"\npackage = \"t\"\nrestart = \"t.service\"\n" +
      health);
}

core::AgentSettings with_health(const std::string& health) { return settings_of(load_with(health)); }

// The message alone, of the one key that is wrong.
std::string wrong(const std::string& health) {
  Loaded loaded = load_with(health);
  const auto& issues = loaded.broken["t"];
  EXPECT_EQ(issues.size(), 1U) << health << lines(issues);
  return issues.empty() ? "" : issues.front().path + ": " + issues.front().message;
}

std::string long_form(const std::string& use, const std::string& more) { return "[[health.probe]]\nuse = \"" + use + "\"\n" + more; }

TEST(ConfigProbe, EachKindHasAShortForm) {
  const auto agent = with_health(R"([health]
unit = "t.service"
command = ["/bin/check"]
http = "http://127.0.0.1:3000/readyz"
tcp = "127.0.0.1:3025"
notify = "t.service"
log = "panic"
)");
  std::vector<std::string> names;
  for (const auto& probe : agent.probes) names.push_back(probe.name());
  EXPECT_EQ(names, (std::vector<std::string>{"unit t.service", "command /bin/check", "http 127.0.0.1:3000/readyz", "tcp 127.0.0.1:3025",
                                             "notify t.service", "log t.service"}));
  EXPECT_EQ(agent.probes[5].pattern, "panic");
  EXPECT_FALSE(agent.strict_baseline);
  EXPECT_TRUE(agent.warnings.empty());
  EXPECT_TRUE(with_health("[health]\nunit = \"t.service\"\nbaseline = \"strict\"\n").strict_baseline);
}

TEST(ConfigProbe, TheLongFormOfHttp) {
  const auto agent = with_health(long_form("http", R"(url = "https://t.example.com:3080/webapi/ping?x=1"
address = "127.0.0.1:3080"
ca_file = "/etc/ca.crt"
status = "200-399"
body = "ok"
json = "/status"
value = "up"
)"));
  const auto& probe = agent.probes.at(0);
  EXPECT_EQ(probe.name(), "https t.example.com:3080/webapi/ping");
  EXPECT_EQ(probe.address, "127.0.0.1:3080");
  EXPECT_EQ(probe.most_status, 399);
  EXPECT_EQ(probe.json_pointer, "/status");
  EXPECT_EQ(agent.warnings.size(), 1U) << "nothing proves that the new version runs";
}

TEST(ConfigProbe, ANotifyOrLogProbeMeansTheUnitThatIsRestarted) {
  EXPECT_EQ(with_health(long_form("notify", "")).probes.at(0).unit, "t.service");
  EXPECT_TRUE(with_health(long_form("notify", "")).warnings.empty()) << "it proves that another process runs";
  EXPECT_EQ(with_health(long_form("log", "")).probes.at(0).pattern, ".");
  EXPECT_EQ(with_health("[health]\nunit = \"o.service\"\nlog = \"x\"\n").probes.at(1).unit, "o.service");
  EXPECT_EQ(with_health(long_form("log", "unit = \"p.service\"\n")).probes.at(0).unit, "p.service");
}

TEST(ConfigProbe, OnlyThisHostCounts) {
  const std::string lookup = " would have to be looked up; say with `address` or `unix_socket` where to connect";
  EXPECT_EQ(wrong("[health]\nhttp = \"https://example.com/\"\n"), "health.http: only this host counts: \"example.com\"" + lookup);
  EXPECT_EQ(wrong(long_form("http", "url = \"https://example.com/\"\n")),
            "health.probe[0].url: only this host counts: \"example.com\"" + lookup);
  EXPECT_EQ(wrong("[health]\nhttp = \"http://10.1.2.3/\"\n"),
            "health.http: plain http goes to loopback or a unix socket only, not to \"10.1.2.3\"");
  EXPECT_EQ(wrong(long_form("http", "url = \"http://localhost/\"\naddress = \"10.1.2.3:80\"\n")),
            "health.probe[0].url: plain http goes to loopback or a unix socket only, not to \"10.1.2.3\"");
  EXPECT_EQ(wrong("[health]\ntcp = \"example.com:22\"\n"),
            "health.tcp: only this host counts: \"example.com\" would have to be looked up; write the address, as in \"127.0.0.1:3025\"");
  with_health("[health]\nhttp = \"https://10.1.2.3/\"\n");  // whether that is ours the kernel says, when it is looked at
  with_health("[health]\nhttp = \"http://[::1]:8080/\"\n");
  with_health(long_form("http", "url = \"http://agent/\"\nunix_socket = \"/run/t.sock\"\n"));
  with_health("[health]\ntcp = \"/run/t.sock\"\n");
}

TEST(ConfigProbe, WhatIsWrongWithOne) {
  EXPECT_EQ(wrong("[health]\nhttp = \"127.0.0.1:3000\"\n"),
            "health.http: \"127.0.0.1:3000\" is no URL; write it as in \"http://127.0.0.1:3000/readyz\"");
  EXPECT_EQ(wrong("[health]\nhttp = \"http://me:secret@127.0.0.1/\"\n"),
            "health.http: must not hold a user or password: it is shown and kept");
  EXPECT_EQ(wrong("[health]\nhttp = \"http://127.0.0.1/\\nx\"\n").find("health.http: "), 0U);
  EXPECT_EQ(wrong("[health]\ntcp = \"127.0.0.1\"\n"), "health.tcp: \"127.0.0.1\" is no address with a port: it has no port");
  EXPECT_EQ(wrong("[health]\nlog = \"(a\"\n").find("health.log: \"(a\" is no POSIX extended regular expression"), 0U);
  EXPECT_EQ(wrong("[health]\nnotify = \"t\"\n").find("health.notify: \"t\" is no service"), 0U);
  EXPECT_EQ(wrong("[health]\nunit = \"t.service\"\nbaseline = \"lax\"\n"),
            "health.baseline: \"lax\" is not a choice; known are: excuse, strict");
  const std::string url = "url = \"http://127.0.0.1/\"\n";
  EXPECT_EQ(wrong(long_form("http", url + "status = \"2xx\"\n")),
            "health.probe[0].status: \"2xx\" is no range of statuses, as in \"200\" or \"200-399\"");
  EXPECT_EQ(wrong(long_form("http", url + "json = \"/a\"\n")), "health.probe[0].json: needs `value`, and the other way round");
  EXPECT_EQ(wrong(long_form("http", url + "json = \"a\"\nvalue = \"b\"\n")).find("health.probe[0].json: \"a\" is no JSON pointer"), 0U);
  EXPECT_EQ(wrong(long_form("http", url + "ca_file = \"ca.crt\"\n")).find("health.probe[0].ca_file: must be an absolute path"), 0U);
  EXPECT_EQ(wrong(long_form("http", url + "pattern = \"x\"\n")), "health.probe[0].pattern: does not belong to a probe with use = \"http\"");
  EXPECT_EQ(wrong(long_form("tcp", "")), "health.probe[0].address: is missing");
  EXPECT_EQ(wrong(long_form("http", url + "address = \"127.0.0.1:1\"\nunix_socket = \"/s\"\n")),
            "health.probe[0].unix_socket: goes without address: it connects to one of them");
}

TEST(ConfigProbe, AnOperationKeepsThemAndOlderJournalsAreRead) {
  const auto agent = with_health(
      "[health]\nhttp = \"http://127.0.0.1:3000/readyz\"\ntcp = \"127.0.0.1:3025\"\nnotify = \"t.service\"\nlog = \"panic\"\n" +
      long_form("http", "url = \"http://a/\"\nunix_socket = \"/s\"\nstatus = \"404\"\nbody = \"b\"\njson = \"/j\"\nvalue = \"v\"\n"));
  for (const auto& probe : agent.probes) {
    const auto kept = core::to_json(probe);
    EXPECT_EQ(core::to_json(core::probe_from_json(nlohmann::json::parse(kept.dump()))), kept) << kept;
    EXPECT_EQ(core::probe_from_json(kept).name(), probe.name());
  }
  const auto old = core::probe_from_json(nlohmann::json::parse(
      R"({"use":"unit","unit":"t.service","command":[],"interval_ms":5000,"timeout_ms":10000,"successes":1,"failures":1,"fresh_start":true})"));
  EXPECT_EQ(old.name(), "unit t.service");
  auto bad = core::to_json(agent.probes[0]);
  bad["url"] = 1;
  EXPECT_THROW((void)core::probe_from_json(bad), nlohmann::json::exception);
}

TEST(ConfigProbe, AnInstallerThatKnowsTheHealthIsAProbeByItself) {
  using testing_support::find_test_plugin;
  sdk::Descriptor knows = **find_test_plugin(sdk::PluginKind::installer, "apt");
  knows.proves_health = true;
  const auto lookup = [&](sdk::PluginKind kind, std::string_view use) -> sdk::Result<const sdk::Descriptor*> {
    if (kind == sdk::PluginKind::installer) return &knows;
    return find_test_plugin(kind, use);
  };
  const auto read = [&](const std::string& health) {
    testing_support::MemoryFiles files;
    files.texts["/t.toml"] =
        "source = {use = \"https\", url = \"https://x\", channel = \"c\"}\nschedule = [{use = \"window\", always = true}]\n"
        "[installer]\nuse = \"apt\"\npackage = \"t\"\n" +
        health;
    return settings_of(load_agent_file(files, "/t.toml", lookup));
  };
  const auto plain = read("");
  ASSERT_EQ(plain.probes.size(), 1U);
  EXPECT_EQ(plain.probes[0].name(), "installer");
  EXPECT_GT(plain.soak, sdk::Millis(0));
  EXPECT_TRUE(plain.warnings.empty());
  const auto both = read("[health]\nhttp = \"http://127.0.0.1:3000/readyz\"\n");
  ASSERT_EQ(both.probes.size(), 2U);
  EXPECT_EQ(both.probes[0].use, "installer");
  const auto own = read(long_form("installer", "interval = \"2s\"\n"));
  ASSERT_EQ(own.probes.size(), 1U);
  EXPECT_EQ(own.probes[0].interval, std::chrono::seconds(2));

  EXPECT_EQ(wrong(long_form("installer", "")),
            "health.probe: use = \"installer\" is for installers that know the agent's health; \"apt\" does not");
}

}  // namespace
}  // namespace upkeep::config

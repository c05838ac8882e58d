// SPDX-License-Identifier: Apache-2.0
// An agent's file as settings, and every way in which it can be wrong: the message that a person reads.
#include <gtest/gtest.h>

#include "config/load.h"
#include "support/config_world.h"

namespace upkeep::config {
namespace {

using testing_support::errors_of;
using testing_support::load_agent;
using testing_support::settings_of;

// Three tables that are right, on lines 1 to 9.
const std::string kGood =
    "[source]\nuse = \"https\"\nurl = \"https://x\"\nchannel = \"current\"\n[[schedule]]\nuse = \"window\"\nalways = true\n"
    "[installer]\nuse = \"apt\"\npackage = \"teleport\"\nrestart = \"teleport.service\"\n";

core::AgentSettings good(const std::string& text) { return settings_of(load_agent(text)); }
std::string errors(const std::string& text) { return errors_of(load_agent(text)); }

TEST(ConfigAgent, TheExampleOfTheDocumentation) {
  const auto agent = good(R"(
[source]
use = "https"
url = "https://updates.example.com/v1"
channel = "current"
poll = "1m"

[[schedule]]
use = "window"
days = ["Mon", "Wed", "Fri"]
start = "02:00"
length = "1h"

[installer]
use = "apt"
package = "teleport-ent"
restart = "teleport.service"

[health]
unit = "teleport.service"
command = ["/usr/bin/tctl", "status"]
soak = "3m"

[policy]
downgrade = "never"
major_skip = 1
unhealthy_may_upgrade = true
require_way_back = "always"
install_missing = true
spread = "10m"
max_age = "12h"
revert_deadline = "30m"
)");
  EXPECT_EQ(agent.name, "t");
  ASSERT_EQ(agent.sources.size(), 1U);
  EXPECT_EQ(agent.sources[0].use, "https");
  EXPECT_EQ(agent.sources[0].config.text("url"), "https://updates.example.com/v1");
  EXPECT_FALSE(agent.sources[0].config.has("use"));
  EXPECT_FALSE(agent.sources[0].config.has("poll"));
  EXPECT_EQ(agent.poll, std::chrono::minutes(1));
  ASSERT_EQ(agent.schedules.size(), 1U);
  EXPECT_EQ(agent.schedules[0].config.texts("days").size(), 3U);
  EXPECT_EQ(agent.installer.use, "apt");
  EXPECT_EQ(agent.installer.config.text("package"), "teleport-ent");
  ASSERT_EQ(agent.probes.size(), 2U);
  EXPECT_EQ(agent.probes[0].name(), "unit teleport.service");
  EXPECT_TRUE(agent.probes[0].fresh_start);
  EXPECT_EQ(agent.probes[1].command, (std::vector<std::string>{"/usr/bin/tctl", "status"}));
  EXPECT_FALSE(agent.probes[1].fresh_start);
  EXPECT_EQ(agent.soak, std::chrono::minutes(3));
  EXPECT_EQ(agent.policy.downgrade, core::Downgrade::never);
  EXPECT_EQ(agent.policy.major_skip, 1U);
  EXPECT_TRUE(agent.policy.unhealthy_may_upgrade);
  EXPECT_EQ(agent.policy.require_way_back, core::RequireWayBack::always);
  EXPECT_TRUE(agent.policy.install_missing);
  EXPECT_EQ(agent.policy.spread, std::chrono::minutes(10));
  EXPECT_EQ(agent.max_age, std::chrono::hours(12));
  EXPECT_EQ(agent.revert_deadline, std::chrono::minutes(30));
  EXPECT_TRUE(agent.warnings.empty());
}

TEST(ConfigAgent, DefaultsAreTheDocumentedOnes) {
  const auto agent = good(kGood);
  EXPECT_EQ(agent.poll, std::chrono::minutes(5));
  EXPECT_EQ(agent.soak, std::chrono::minutes(2));
  ASSERT_EQ(agent.probes.size(), 1U);
  EXPECT_EQ(agent.probes[0].name(), "unit teleport.service");
  EXPECT_TRUE(agent.probes[0].fresh_start);
  EXPECT_EQ(agent.policy.downgrade, core::Downgrade::same_major);
  EXPECT_EQ(agent.policy.major_skip, std::nullopt);
  EXPECT_EQ(agent.policy.require_way_back, core::RequireWayBack::unless_critical);
  EXPECT_EQ(agent.max_age, std::chrono::hours(24));
  EXPECT_TRUE(agent.warnings.empty());
}

TEST(ConfigAgent, AMistypedKeyIsAnsweredWithTheRightOne) {
  EXPECT_EQ(errors(kGood + "[polcy]\n"), "/t.toml:12: polcy: unknown key; did you mean `policy`?\n");
  EXPECT_EQ(errors(kGood + "restrat_how = \"none\"\n"), "/t.toml:12: installer.restrat_how: unknown key; did you mean `restart_how`?\n");
  EXPECT_EQ(errors(kGood + "[policy]\nMajor-Skip = 1\n"), "/t.toml:13: policy.Major-Skip: unknown key; did you mean `major_skip`?\n");
  EXPECT_EQ(errors(kGood + "[[schedule]]\nuse = \"window\"\n[[schedule.windows]]\nstrat = \"02:00\"\n"),
            "/t.toml:15: schedule[1].windows[0].strat: unknown key; did you mean `start`?\n");
  EXPECT_EQ(errors(kGood + "[health]\nnonsense = 1\n"),
            "/t.toml:13: health.nonsense: unknown key; known are: unit, command, http, tcp, notify, log, baseline, soak, probe\n");
}

TEST(ConfigAgent, NobodyWritesWhatIsFilledInByTheLoader) {
  EXPECT_NE(errors(kGood + "other_packages = []\n").find("/t.toml:12: installer.other_packages: unknown key"), std::string::npos);
}

TEST(ConfigAgent, AWrongTypeSaysWhatItShouldBe) {
  EXPECT_EQ(errors(kGood + "[policy]\nspread = 5\n"),
            "/t.toml:13: policy.spread: must be a duration in quotes, as in \"5m\", not a whole number\n");
  EXPECT_EQ(errors(kGood + "[policy]\ninstall_missing = \"yes\"\n"),
            "/t.toml:13: policy.install_missing: must be true or false, not text\n");
  EXPECT_EQ(errors(kGood + "[[schedule]]\nuse = \"window\"\ndays = \"Mon\"\n"),
            "/t.toml:14: schedule[1].days: must be a list of texts, not text\n");
  EXPECT_EQ(errors(kGood + "[[schedule]]\nuse = \"window\"\ndays = [\"Mon\", 2]\n"),
            "/t.toml:14: schedule[1].days[1]: must be text in quotes, not a whole number\n");
  EXPECT_EQ(errors(kGood + "[[schedule]]\nuse = \"window\"\nwindows = [1]\n"),
            "/t.toml:14: schedule[1].windows[0]: must be a table, not a whole number\n");
  EXPECT_EQ(errors("policy = 1\nhealth = 2\n" + kGood),
            "/t.toml:1: policy: must be a table, under [policy]\n/t.toml:2: health: must be a table, under [health]\n");
  EXPECT_NE(errors(kGood + "[policy]\nspread = \"5 minutes\"\n").find("/t.toml:13: policy.spread: \"5 minutes\" is no duration"),
            std::string::npos);
}

TEST(ConfigAgent, AMissingKeyIsReportedAtItsTable) {
  EXPECT_EQ(errors("[source]\nuse = \"https\"\n" + kGood.substr(kGood.find("[[schedule]]"))),
            "/t.toml:1: source.url: is missing\n/t.toml:1: source.channel: is missing\n");
}

TEST(ConfigAgent, AnEmptyFileNamesAllThatIsNeeded) {
  EXPECT_EQ(errors(""),
            "/t.toml:1: source: is missing: say which channel to follow, under [source]\n"
            "/t.toml:1: schedule: is missing: say when upgrades may start; for any time write [[schedule]] with use = \"window\" and "
            "always = true\n"
            "/t.toml:1: installer: is missing: say what to keep up to date, under [installer]\n");
}

TEST(ConfigAgent, AnEmptyListOfSchedulesIsNoAnytime) {
  EXPECT_NE(errors("schedule = []\n[source]\nuse = \"https\"\nurl = \"u\"\nchannel = \"c\"\n" + kGood.substr(kGood.find("[installer]")))
                .find("/t.toml:1: schedule: is missing: say when"),
            std::string::npos);
}

TEST(ConfigAgent, APluginThatIsNotThereIsReportedWhereItIsUsed) {
  EXPECT_EQ(errors(kGood + "[[schedule]]\nuse = \"lunar\"\n"), "/t.toml:13: schedule[1].use: there is no schedule plugin lunar\n");
  EXPECT_EQ(errors(kGood + "[[schedule]]\nalways = true\n"), "/t.toml:12: schedule[1].use: is missing: name the schedule plugin\n");
  EXPECT_EQ(errors(kGood + "[[schedule]]\nuse = 1\n"), "/t.toml:13: schedule[1].use: must be text in quotes\n");
}

TEST(ConfigAgent, WhatAPluginChecksItselfCarriesTheFilesPath) {
  EXPECT_EQ(errors(kGood + "[[schedule]]\nuse = \"window\"\nstart = \"02:00\"\n"), "/t.toml:14: schedule[1].start: needs length or end\n");
}

TEST(ConfigAgent, SeveralSourcesAreFailoverInTheirOrderAndTheFirstSaysHowOften) {
  const std::string rest = kGood.substr(kGood.find("[[schedule]]"));
  const auto agent = good(
      "[[source]]\nuse = \"https\"\nurl = \"a\"\nchannel = \"c\"\npoll = \"30s\"\n[[source]]\nuse = \"https\"\nurl = \"b\"\nchannel = "
      "\"c\"\n" +
      rest);
  ASSERT_EQ(agent.sources.size(), 2U);
  EXPECT_EQ(agent.sources[1].config.text("url"), "b");
  EXPECT_EQ(agent.poll, std::chrono::seconds(30));
  EXPECT_EQ(errors("[[source]]\nuse = \"https\"\nurl = \"a\"\nchannel = \"c\"\n[[source]]\nuse = \"https\"\nurl = \"b\"\nchannel = "
                   "\"c\"\npoll = \"9s\"\n" +
                   rest),
            "/t.toml:9: source[1].poll: belongs to the first [[source]]; the others are asked only when it fails\n");
}

TEST(ConfigAgent, PollingIsBounded) {
  const auto with_poll = [](const std::string& poll) { return "[source]\npoll = \"" + poll + "\"" + kGood.substr(8); };
  EXPECT_EQ(errors(with_poll("999ms")), "/t.toml:2: source.poll: must be between 1s and 1d, not 999ms\n");
  EXPECT_EQ(errors(with_poll("25h")), "/t.toml:2: source.poll: must be between 1s and 1d, not 1d1h\n");
  EXPECT_EQ(good(with_poll("1s")).poll, std::chrono::seconds(1));
}

TEST(ConfigAgent, ChoicesAreListedOrGuessed) {
  EXPECT_EQ(errors(kGood + "[policy]\ndowngrade = \"same_major\"\n"),
            "/t.toml:13: policy.downgrade: \"same_major\" is not a choice; did you mean `same-major`?\n");
  EXPECT_EQ(errors(kGood + "[policy]\nrequire_way_back = \"sometimes\"\n"),
            "/t.toml:13: policy.require_way_back: \"sometimes\" is not a choice; known are: always, unless-critical, never\n");
}

TEST(ConfigAgent, MajorSkipIsAnyOrANumber) {
  EXPECT_EQ(good(kGood + "[policy]\nmajor_skip = 0\n").policy.major_skip, 0U);
  EXPECT_EQ(good(kGood + "[policy]\nmajor_skip = \"2\"\n").policy.major_skip, 2U);
  EXPECT_EQ(good(kGood + "[policy]\nmajor_skip = \"any\"\n").policy.major_skip, std::nullopt);
  EXPECT_EQ(errors(kGood + "[policy]\nmajor_skip = -1\n"),
            "/t.toml:13: policy.major_skip: must be \"any\" or how many majors may be skipped (0, 1, …), not \"-1\"\n");
  EXPECT_NE(errors(kGood + "[policy]\nmajor_skip = true\n"), "");
}

TEST(ConfigAgent, WhatIsDoneAheadAndHowStartsAreSpread) {
  const auto usual = good(kGood).policy;
  EXPECT_FALSE(usual.download_ahead);
  EXPECT_FALSE(usual.finish_in_window);
  EXPECT_EQ(usual.spread, sdk::Millis(0));
  const auto policy = good(kGood + "[policy]\nspread = \"20m\"\ndownload_ahead = true\nfinish_in_window = true\n").policy;
  EXPECT_TRUE(policy.download_ahead);
  EXPECT_TRUE(policy.finish_in_window);
  EXPECT_EQ(policy.spread, std::chrono::minutes(20));
  EXPECT_EQ(good(kGood + "[policy]\nspread = \"0\"\n").policy.spread, sdk::Millis(0)) << "as the documentation writes it";
  EXPECT_NE(errors(kGood + "[policy]\ndownload_ahead = \"yes\"\n").find("/t.toml:13: policy.download_ahead: must be"), std::string::npos);
  EXPECT_NE(errors(kGood + "[policy]\nfinish_in_window = 1\n").find("/t.toml:13: policy.finish_in_window: must be"), std::string::npos);
  EXPECT_NE(errors(kGood + "[policy]\nspread = \"-1m\"\n"), "");
}

TEST(ConfigAgent, AllErrorsOfAFileComeAtOnce) {
  EXPECT_EQ(errors("[source]\nuse = \"https\"\nurl = 5\n[installer]\nuse = \"rpm\"\n[policy]\nspraed = \"1m\"\n"),
            "/t.toml:3: source.url: must be text in quotes, not a whole number\n"
            "/t.toml:1: source.channel: is missing\n"
            "/t.toml:1: schedule: is missing: say when upgrades may start; for any time write [[schedule]] with use = \"window\" and "
            "always = true\n"
            "/t.toml:5: installer.use: there is no installer plugin rpm\n"
            "/t.toml:7: policy.spraed: unknown key; did you mean `spread`?\n");
}

const std::string kKey = "RWQAAQIDBAUGBwABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
                  kOther = "RWT/////////AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+g";

TEST(ConfigAgent, TrustNamesKeysAndTakesTheChannelOfTheSource) {
  EXPECT_FALSE(good(kGood).trust.wanted());
  const auto trust = good(kGood + "[trust]\nkeys = [\"" + kKey + "\"]\n").trust;
  EXPECT_TRUE(trust.wanted());
  EXPECT_EQ(trust.keys.at(0).id, "0706050403020100");
  EXPECT_EQ(trust.signatures, 1);
  EXPECT_EQ(trust.channel, "current");
  EXPECT_EQ(trust.clock_tolerance, std::chrono::minutes(5));
  EXPECT_EQ(good(kGood + "[trust]\nkeys = [\"" + kKey + "\"]\nchannel = \"stable\"\nclock_tolerance = \"1m\"\n").trust.channel, "stable");
}

TEST(ConfigAgent, TrustThatCannotBeMeantIsRefused) {
  const auto with = [](const std::string& text) { return errors(kGood + "[trust]\n" + text); };
  EXPECT_EQ(with("signatures = 1\n"), "/t.toml:12: trust.keys: is missing\n");
  EXPECT_EQ(with("keys = []\n"), "/t.toml:13: trust.keys: is empty: without a [trust] table nothing is verified\n");
  EXPECT_NE(with("keys = [\"RWQ\"]\n").find("/t.toml:13: trust.keys: \"RWQ\" is no minisign public key: "), std::string::npos);
  EXPECT_EQ(with("keys = [\"" + kKey + "\", \"" + kKey + "\"]\n"), "/t.toml:13: trust.keys: has the key 0706050403020100 twice\n");
  EXPECT_EQ(with("keys = [\"" + kKey + "\"]\nsignatures = 2\n"), "/t.toml:14: trust.signatures: asks for more keys than there are\n");
  EXPECT_EQ(with("keys = [\"" + kKey + "\"]\nsignatures = 0\n"), "/t.toml:14: trust.signatures: must be between 1 and 16, not 0\n");
  const std::string second = "[[source]]\nuse = \"https\"\nurl = \"https://y\"\nchannel = \"other\"\n";
  const std::string first = "[[source]]" + kGood.substr(kGood.find('\n'));
  EXPECT_EQ(errors(first + second + "[trust]\nkeys = [\"" + kKey + "\"]\n"),
            "/t.toml:16: trust.channel: is missing: the sources name different channels, and a release names one\n");
}

}  // namespace
}  // namespace upkeep::config

// SPDX-License-Identifier: Apache-2.0
// Configuration as JSON, for the journal: it comes back as it was, and no secret goes in.

#include "core/config_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace upkeep::core {
namespace {

using nlohmann::json;
using sdk::Config;
using sdk::KeySpec;
using sdk::KeyType;

Config text(std::string value) { return Config(Config::Value(std::move(value)), {"agents.d/demo.toml", 7}); }
Config table(Config::Table value) { return Config(Config::Value(std::move(value))); }
Config array(Config::Array value) { return Config(Config::Value(std::move(value))); }

const KeySpec kLogin[] = {{.name = "user"}, {.name = "password", .secret = true}};
const KeySpec kKeys[] = {{.name = "package", .required = true},
                         {.name = "token", .secret = true},
                         {.name = "login", .type = KeyType::table, .children = kLogin},
                         {.name = "mirrors", .type = KeyType::table_list, .children = kLogin}};

Config with_secrets(const std::string& mark) {
  auto login = [&](const std::string& user) { return table({{"user", text(user)}, {"password", text("secret-" + mark)}}); };
  return table({{"package", text("demo-" + mark)},
                {"token", text("secret-" + mark)},
                {"login", login("alice")},
                {"mirrors", array({login("bob"), login("carol")})}});
}

AgentSettings settings(const std::string& mark) {
  AgentSettings out;
  out.name = "demo";
  out.installer = {"apt", with_secrets(mark)};
  ProbeSettings unit;
  unit.use = "unit";
  unit.unit = "demo.service";
  unit.fresh_start = false;
  ProbeSettings command;
  command.use = "command";
  command.command = {"/usr/bin/demo", "--check \"it\""};
  command.interval = sdk::Millis(1500);
  command.timeout = sdk::Millis(2500);
  command.successes = 3;
  command.failures = 4;
  out.probes = {unit, command};
  out.strict_baseline = true;
  out.soak = std::chrono::minutes(7);
  out.revert_deadline = std::chrono::hours(2);
  return out;
}

// Through text, as the journal does it.
json stored(const json& value) { return json::parse(value.dump()); }

TEST(ConfigJson, EveryKindOfValueComesBack) {
  Config config = table({{"text", text("a \"b\" \n ä")},
                         {"empty", text("")},
                         {"integer", Config(Config::Value(std::int64_t{-42}))},
                         {"large", Config(Config::Value(std::numeric_limits<std::int64_t>::max()))},
                         {"number", Config(Config::Value(0.1))},
                         {"whole number", Config(Config::Value(2.0))},
                         {"flag", Config(Config::Value(true))},
                         {"list", array({text("a"), text("b")})},
                         {"nothing", array({})},
                         {"table", table({{"inner", table({})}})}});
  EXPECT_TRUE(config_from_json(stored(config_to_json(config, {}))).same(config));
}

TEST(ConfigJson, PlacesAreNotKept) {
  Config back = config_from_json(config_to_json(table({{"a", text("b")}}), {}));
  EXPECT_EQ(back.find("a")->place().file, "");
}

TEST(ConfigJson, SecretKeysAreLeftOutAlsoInTablesAndListsOfTables) {
  json out = config_to_json(with_secrets("1"), kKeys);
  EXPECT_EQ(out, json::parse(R"({"package": "demo-1", "login": {"user": "alice"}, "mirrors": [{"user": "bob"}, {"user": "carol"}]})"));
}

TEST(ConfigJson, KeysThatTheTableDoesNotNameAreKept) {
  EXPECT_EQ(config_to_json(table({{"use", text("apt")}}), kKeys), json::parse(R"({"use": "apt"})"));
}

TEST(ConfigJson, WhatIsNoTableIsAnEmptyOne) {
  for (const char* bad : {"null", "[]", "1", "\"x\"", "true"}) EXPECT_TRUE(config_from_json(json::parse(bad)).same(Config())) << bad;
  EXPECT_EQ(config_to_json(text("x"), {}), json::object());
}

TEST(ConfigJson, ForeignJsonDoesNoHarm) {
  Config config = config_from_json(json::parse(R"({"null": null, "huge": 18446744073709551615, "list": [null, 1]})"));
  EXPECT_FALSE(config.has("null"));
  EXPECT_EQ(std::get<double>(config.find("huge")->value()), 18446744073709551615.0);
  std::string deep(5000, '[');
  EXPECT_TRUE(config_from_json(json::parse("{\"a\":" + deep + std::string(5000, ']') + "}")).has("a"));
}

TEST(OperationSettings, AnOperationFinishesWithTheSettingsItBeganWith) {
  AgentSettings began = settings("1");
  json journalled = stored(operation_settings(began, kKeys));
  AgentSettings now;
  now.name = "demo";
  now.poll = std::chrono::minutes(9);
  ASSERT_TRUE(apply_operation_settings(journalled, now));
  EXPECT_EQ(now.installer.use, "apt");
  EXPECT_EQ(now.installer.config.text("package"), "demo-1");
  EXPECT_EQ(now.soak, std::chrono::minutes(7));
  EXPECT_TRUE(now.strict_baseline);
  EXPECT_EQ(now.revert_deadline, std::chrono::hours(2));
  EXPECT_EQ(now.poll, std::chrono::minutes(9)) << "not an operation's business";
  EXPECT_EQ(stored(operation_settings(now, kKeys)), journalled);
}

TEST(OperationSettings, OfAnOlderVersionKnowNoBaseline) {
  json journalled = stored(operation_settings(settings("1"), kKeys));
  journalled.erase("baseline");
  AgentSettings now = settings("2");
  ASSERT_TRUE(apply_operation_settings(journalled, now));
  EXPECT_FALSE(now.strict_baseline);
}

TEST(OperationSettings, HaveNoSecret) { EXPECT_EQ(operation_settings(settings("1"), kKeys).dump().find("secret"), std::string::npos); }

TEST(OperationSettings, SecretsStayThoseOfTodayButNothingElseDoes) {
  json journalled = stored(operation_settings(settings("1"), kKeys));
  AgentSettings now = settings("2");
  ASSERT_TRUE(apply_operation_settings(journalled, now, kKeys));
  const Config& config = now.installer.config;
  EXPECT_EQ(config.text("package"), "demo-1");
  EXPECT_EQ(config.text("token"), "secret-2");
  EXPECT_EQ(config.find("login")->text("password"), "secret-2");
  EXPECT_EQ(config.tables("mirrors").at(1)->text("password"), "secret-2");
  EXPECT_EQ(config.tables("mirrors").at(1)->text("user"), "carol");
}

TEST(OperationSettings, SecretsOfAnotherInstallerAreNotTaken) {
  json journalled = stored(operation_settings(settings("1"), kKeys));
  AgentSettings now = settings("2");
  now.installer.use = "yum";
  ASSERT_TRUE(apply_operation_settings(journalled, now, kKeys));
  EXPECT_EQ(now.installer.use, "apt");
  EXPECT_FALSE(now.installer.config.has("token"));
}

TEST(OperationSettings, AnythingElseIsInvalidAndChangesNothing) {
  json good = operation_settings(settings("1"), kKeys);
  std::vector<json> bad = {json(), json::array(), json("x"), json::object()};
  for (const auto& item : good.items()) {
    if (item.key() != "baseline" && item.key() != "hooks") {  // which older journals lack
      bad.push_back(good);
      bad.back().erase(item.key());
    }
    bad.push_back(good);
    bad.back()[item.key()] = item.key() == "baseline" ? json(1) : json("wrong");
  }
  for (const char* key : {"use", "unit", "command", "interval_ms", "timeout_ms", "successes", "failures", "fresh_start"}) {
    bad.push_back(good);
    bad.back()["probes"][1].erase(key);
    bad.push_back(good);
    bad.back()["probes"][1][key] = 1.5;
  }
  bad.push_back(good);
  bad.back()["probes"][0]["use"] = "of a later version";
  bad.push_back(good);
  bad.back()["installer"]["config"] = json::array();
  for (const json& value : bad) {
    AgentSettings now = settings("2");
    auto applied = apply_operation_settings(value, now, kKeys);
    ASSERT_FALSE(applied) << value.dump();
    EXPECT_EQ(applied.error().code, sdk::Errc::invalid);
    EXPECT_EQ(operation_settings(now, {}), operation_settings(settings("2"), {})) << value.dump();
  }
}

}  // namespace
}  // namespace upkeep::core

// SPDX-License-Identifier: Apache-2.0
// Plugins of others that throw where errors are values: really built modules (tests/support/modules/throwing.cpp), each
// method in turn. It costs the agent that uses it, which says so and answers; the agent beside it is upgraded.
#include <gtest/gtest.h>

#include "support/rig.h"

namespace upkeep::test {
namespace {

struct Case {
  const char* kind;
  const char* method;
  const char* ends;  // the agent's reason or phase, when everything that can happen has happened
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.kind << "_" << one.method; }

class PluginBugs : public testing::TestWithParam<std::tuple<Case, bool>> {
 protected:
  [[nodiscard]] Case at() const { return std::get<0>(GetParam()); }
  [[nodiscard]] bool foreign() const { return std::get<1>(GetParam()); }
  [[nodiscard]] std::string said() const {
    return std::string("/test-modules/") + at().kind + "-throwing.so): a bug in it: its " + at().method + " threw " +
           (foreign() ? "something that is no std::exception" : "\"out of luck\"");
  }
  void use_it(core::AgentSettings& settings) const {
    sdk::Config::Table table;
    table.emplace("throws", sdk::Config(std::string(at().method)));
    table.emplace("foreign", sdk::Config(foreign()));
    const core::PluginUse use{"throwing", sdk::Config(table)};
    const std::string kind = at().kind;
    if (kind == "source") settings.sources = {use};
    if (kind == "schedule") {
      settings.schedules = {use};
      settings.installer = {"throwing", {}};  // behaves; the agent beside this one has the world's package
      settings.probes.clear();
    }
    if (kind == "installer") settings.installer = use;
    if (kind == "installer" && std::string(at().method) != "revert") settings.probes.clear();
  }
};

nlohmann::json of(Rig& rig, const std::string& agent) { return rig.engine().status(agent).value()["agents"][0]; }

TEST_P(PluginBugs, CostTheirOwnAgentOnly) {
  World world;
  world.version = "2.3.4";
  Rig rig(world, [this](core::AgentSettings& settings) { use_it(settings); });
  auto other = demo_settings();
  other.name = "other";
  rig.configuration.agents.push_back(other);
  ASSERT_TRUE(rig.reload().value()["ok"]);

  const auto shown = [&] { return rig.engine().status(std::nullopt).value().dump(2); };
  EXPECT_TRUE(rig.until([&] { return of(rig, "demo").dump().find(nlohmann::json(said()).dump().substr(1, 20)) != std::string::npos; }))
      << shown();
  EXPECT_TRUE(rig.until([&] {
    return world.installed == "2.3.4-1" && of(rig, "other")["operation"].is_null() &&
           of(rig, "other")["decision"]["reason"] == "up_to_date";
  })) << shown();
  EXPECT_TRUE(rig.until([&] { return rig.reason() == at().ends || rig.phase() == at().ends; })) << at().ends << "\n" << shown();

  const auto status = rig.status();
  bool found = false;
  const auto look = [&](const std::string& text) { found = found || text.find(said()) != std::string::npos; };
  for (const auto& line : status["warnings"]) look(line);
  look(status["decision"]["text"]);
  if (!status["source"]["last_error"].is_null()) look(status["source"]["last_error"]["message"]);
  if (!status["source"]["origin"].is_null()) look(status["source"]["origin"]);
  EXPECT_TRUE(found) << said() << "\n" << shown();
  // It goes on answering.
  EXPECT_TRUE(rig.ask(engine::Verb::suspend));
  EXPECT_EQ(rig.status()["suspended"]["reason"], "because");
  const auto checked = rig.ask(engine::Verb::check);
  EXPECT_TRUE(checked || !checked.error().message.empty());
}

std::string shown_name(const testing::TestParamInfo<std::tuple<Case, bool>>& one) {
  const auto& [bug, foreign] = one.param;
  return std::string(bug.kind) + "_" + bug.method + (foreign ? "_foreign" : "");
}

constexpr Case kCases[] = {
    {"source", "poll", "no_release"},          {"source", "origin", "no_release"},      {"schedule", "refresh", "outside_window"},
    {"schedule", "verdict", "outside_window"}, {"schedule", "admit", "admission"},      {"schedule", "done", "up_to_date"},
    {"installer", "inspect", "retry_later"},   {"installer", "prepare", "quarantined"}, {"installer", "apply", "quarantined"},
    {"installer", "activate", "quarantined"},  {"installer", "verify", "stuck"},        {"installer", "revert", "stuck"},
    {"installer", "keep", "up_to_date"},       {"installer", "changed", "up_to_date"},  {"installer", "taken", "up_to_date"},
    {"installer", "tell", "up_to_date"},       {"installer", "show", "up_to_date"},     {"installer", "shows", "up_to_date"}};
INSTANTIATE_TEST_SUITE_P(EachMethod, PluginBugs, testing::Combine(testing::ValuesIn(kCases), testing::Bool()), shown_name);

TEST(PluginFactory, OneThatThrowsOrMakesNothingIsAnErrorOfTheConfiguration) {
  for (const auto& [throws, said] :
       {std::pair("factory", "its factory threw \"out of luck\""), std::pair("nothing", "its factory returned nothing")}) {
    World world;
    Rig rig(world, [&](core::AgentSettings& settings) {
      sdk::Config::Table table;
      table.emplace("throws", sdk::Config(std::string(throws)));
      settings.schedules = {{"throwing", sdk::Config(table)}};
    });
    ASSERT_TRUE(rig.until([&] { return rig.reason() == "config_error"; })) << rig.status().dump();
    const std::string text = rig.status()["decision"]["text"];
    EXPECT_NE(text.find("schedule-throwing.so): " + std::string(said)), std::string::npos) << text;
    const auto run = rig.ask(engine::Verb::run);
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().message, text);
  }
}

}  // namespace
}  // namespace upkeep::test

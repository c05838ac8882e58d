// SPDX-License-Identifier: Apache-2.0
// Reading a configuration tree: what is absent or of another type is the fallback.

#include <gtest/gtest.h>

#include "sdk/config.h"

namespace upkeep::sdk {
namespace {

using namespace std::chrono_literals;

Config node(Config::Value value, int line = 0) { return Config(std::move(value), {"demo.toml", line}); }

Config tree() {
  Config::Table inner{{"name", node(std::string("inner"))}};
  Config::Table table{{"text", node(std::string("value"), 3)},
                      {"count", node(std::int64_t{7})},
                      {"flag", node(true)},
                      {"time", node(std::string("1h30m"))},
                      {"texts", node(Config::Array{node(std::string("a")), node(std::int64_t{1}), node(std::string("b"))})},
                      {"tables", node(Config::Array{node(inner), node(std::string("no table")), node(inner)})},
                      {"table", node(inner)}};
  return node(table);
}

TEST(Config, ReadsChildrenByType) {
  Config config = tree();
  EXPECT_EQ(config.text("text"), "value");
  EXPECT_EQ(config.integer("count"), 7);
  EXPECT_TRUE(config.flag("flag"));
  EXPECT_EQ(config.duration("time"), 90min);
  EXPECT_EQ(config.texts("texts"), (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(config.tables("tables").size(), 2U);
  EXPECT_EQ(config.tables("tables")[1]->text("name"), "inner");
  EXPECT_EQ(config.find("table")->text("name"), "inner");
  EXPECT_EQ(config.find("text")->place().line, 3);
}

TEST(Config, TakesTheFallbackForWhatIsAbsentOrOfAnotherType) {
  Config config = tree();
  EXPECT_EQ(config.text("absent", "x"), "x");
  EXPECT_EQ(config.text("count", "x"), "x");
  EXPECT_EQ(config.integer("text", 5), 5);
  EXPECT_TRUE(config.flag("text", true));
  EXPECT_EQ(config.duration("text", 1s), 1s);
  EXPECT_EQ(config.duration("count", 1s), 1s);
  EXPECT_TRUE(config.texts("text").empty());
  EXPECT_TRUE(config.tables("table").empty());
  EXPECT_EQ(config.find("absent"), nullptr);
  EXPECT_EQ(config.find("text")->find("below"), nullptr);
}

TEST(Config, IsTheSameWhateverThePlacesAre) {
  EXPECT_TRUE(tree().same(tree()));
  EXPECT_TRUE(node(std::string("a"), 1).same(node(std::string("a"), 2)));
}

TEST(Config, DiffersInAnyValueKeyOrType) {
  Config base = tree();
  for (const auto& [key, other] : Config::Table{{"text", node(std::string("other"))},
                                                {"count", node(std::int64_t{8})},
                                                {"flag", node(false)},
                                                {"time", node(1.5)},
                                                {"texts", node(Config::Array{node(std::string("a"))})},
                                                {"tables", node(Config::Array{})},
                                                {"table", node(Config::Table{})},
                                                {"more", node(true)}}) {
    Config changed = tree();
    std::get<Config::Table>(changed.value()).insert_or_assign(key, other);
    EXPECT_FALSE(base.same(changed)) << key;
    EXPECT_FALSE(changed.same(base)) << key;
  }
  EXPECT_FALSE(node(Config::Table{{"a", node(true)}}).same(node(Config::Table{{"b", node(true)}})));
  EXPECT_FALSE(node(Config::Array{node(true)}).same(node(Config::Array{node(false)})));
  EXPECT_FALSE(node(1.0).same(node(std::int64_t{1})));
  EXPECT_TRUE(node(1.5).same(node(1.5)));
}

}  // namespace
}  // namespace upkeep::sdk

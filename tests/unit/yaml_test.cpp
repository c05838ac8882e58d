// SPDX-License-Identifier: Apache-2.0
#include "shared/yaml/yaml.h"

#include <gtest/gtest.h>

namespace upkeep::test {
namespace {

namespace yaml = plugins::shared::yaml;
using nlohmann::json;

TEST(Yaml, ReadsWhatPeopleWriteAsTheJsonItStandsFor) {
  struct Row {
    const char* text;
    json want;
  };
  for (const Row& row : {
           Row{"a: 1\nb: [x, 'y', \"z\"]\nc:\n  d: true\n", {{"a", 1}, {"b", {"x", "y", "z"}}, {"c", {{"d", true}}}}},
           Row{"- no\n- on\n- ~\n- ''\n- 'true'\n- -7\n- 1.5\n- 010\n", json::array({"no", "on", nullptr, "", "true", -7, "1.5", 10})},
           Row{"{\"json\": [1, {\"is\": \"yaml\"}]}", {{"json", {1, {{"is", "yaml"}}}}}},
           Row{"text: |\n  two\n  lines\nempty:\n", {{"text", "two\nlines\n"}, {"empty", nullptr}}},
           Row{"a: !!str 5\n", {{"a", "5"}}},
           Row{"# nothing but a comment\n---\nx\n", "x"},
           Row{"big: 99999999999999999999\n", {{"big", "99999999999999999999"}}},
       }) {
    const auto got = yaml::parse_one(row.text);
    ASSERT_TRUE(got) << row.text << got.error().message;
    EXPECT_EQ(*got, row.want) << row.text;
  }
}

TEST(Yaml, RefusesWhatIsNoneOrCouldGrowOrMeansMore) {
  const std::string deep(33, '['), wide = "[" + [] {
    std::string out;
    for (int i = 0; i < 20'001; ++i) out += "1,";
    return out;
  }() + "]";
  struct Row {
    std::string text, says;
  };
  for (const Row& row : {
           Row{"a: &x [1]\nb: *x\n", "line 1: an anchor"},
           Row{"a: 1\nb: *x\n", "line 2: an alias"},
           Row{"a: !!python/object:os.system x\n", "line 1: a tag"},
           Row{"a: !evil {}\n", "line 1: a tag"},
           Row{"a: 1\na: 2\n", "line 2: the key \"a\" stands there twice"},
           Row{"? [x]\n: 1\n", "line 1: a key that is no text"},
           Row{"a: [1\n", "line 2: "},
           Row{"\tx: 1\n", "line 1: "},
           Row{"a: \xff\n", "line 1: "},
           Row{deep, "nested deeper than 32"},
           Row{wide, "more than 20000 values"},
           Row{std::string(yaml::kMostBytes + 1, ' '), "longer than 1048576 bytes"},
           Row{"", "0 documents where one is expected"},
           Row{"---\na\n---\nb\n", "2 documents where one is expected"},
       }) {
    const auto got = yaml::parse_one(row.text);
    ASSERT_FALSE(got) << row.text.substr(0, 80);
    EXPECT_EQ(got.error().code, sdk::Errc::invalid);
    EXPECT_NE(got.error().message.find(row.says), std::string::npos) << row.text.substr(0, 80) << " says " << got.error().message;
  }
}

}  // namespace
}  // namespace upkeep::test

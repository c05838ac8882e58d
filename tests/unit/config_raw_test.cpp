// SPDX-License-Identifier: Apache-2.0
// From the text of a file to a tree, and drop-ins over it.
#include "config/raw.h"

#include <gtest/gtest.h>

#include "support/config_world.h"

namespace upkeep::config {
namespace {

using testing_support::lines;
using testing_support::MemoryFiles;

std::string parse_error(const std::string& text) {
  Issues issues;
  EXPECT_FALSE(parse(text, "a.toml", issues)) << "was accepted: " << text.substr(0, 100);
  return lines(issues);
}

TEST(ConfigRaw, EveryNodeKnowsItsLine) {
  Issues issues;
  const auto tree = parse(R"(# first line

[source]
use = "https"
tls.minimum = 1.2

[[schedule]]
days = [
  "Mon",
  "Tue",
]
[[schedule]]
always = true
)",
                          "a.toml", issues);
  ASSERT_TRUE(tree) << lines(issues);
  EXPECT_EQ(tree->find("source")->place().line, 3);
  EXPECT_EQ(tree->find("source")->find("use")->place().line, 4);
  EXPECT_EQ(tree->find("source")->find("tls")->find("minimum")->place().line, 5);
  const auto schedules = tree->tables("schedule");
  ASSERT_EQ(schedules.size(), 2U);
  EXPECT_EQ(std::get<sdk::Config::Array>(schedules[0]->find("days")->value())[1].place().line, 10);
  EXPECT_EQ(schedules[1]->place().line, 12);
  EXPECT_TRUE(schedules[1]->flag("always"));
  EXPECT_EQ(schedules[1]->find("always")->place().file, "a.toml");
}

TEST(ConfigRaw, AnEmptyFileIsAnEmptyTable) {
  Issues issues;
  const auto tree = parse("", "a.toml", issues);
  ASSERT_TRUE(tree);
  EXPECT_TRUE(tree->is_table());
}

TEST(ConfigRaw, BrokenTextSaysWhereAndWhy) {
  EXPECT_EQ(parse_error("a = 1\nb = 2\na = 3\n"), "a.toml:3: Error while parsing key-value pair: cannot redefine existing integer 'a'\n");
  EXPECT_EQ(parse_error("[a]\n\n[a]\n"), "a.toml:3: Error while parsing table header: cannot redefine existing table 'a'\n");
  EXPECT_EQ(parse_error("\nurl = \"\xff\xfe\"\n"), "a.toml:2: Encountered invalid utf-8 sequence\n");
  EXPECT_EQ(parse_error("n = 99999999999999999999\n"),
            "a.toml:1: Error while parsing decimal integer: '99999999999999999999' is not representable in 64 bits\n");
  EXPECT_NE(parse_error(std::string("a = \"\0\"\n", 8)).find("a.toml:1: "), std::string::npos);
  EXPECT_NE(parse_error("a = \"never ends\n").find("a.toml:1: "), std::string::npos);
  EXPECT_NE(parse_error("just words\n").find("a.toml:1: "), std::string::npos);
}

TEST(ConfigRaw, ADateWithoutQuotesIsNotTakenForText) {
  EXPECT_EQ(parse_error("[[schedule]]\ndates = [2027-01-05]\n"),
            "a.toml:2: schedule[0].dates[0]: dates and times are written as text, in quotes\n");
}

TEST(ConfigRaw, NestingWithoutEndIsRefusedAndNotFatal) {
  std::string dotted = "[a";
  for (int i = 0; i < 100000; ++i) dotted += ".a";
  EXPECT_EQ(parse_error("\n" + dotted + "]\n"), "a.toml:2: more than 64 dots in a row; no key has that many parts\n");
  EXPECT_NE(parse_error("a = " + std::string(100000, '[')), "");
  std::string nested = "k = ";
  for (int i = 0; i < 600; ++i) nested += "{ a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a = ";
  EXPECT_NE(parse_error(nested), "");
}

TEST(ConfigRaw, CommentsMayHaveAllTheDotsTheyLike) {
  Issues issues;
  EXPECT_TRUE(parse("# " + std::string(300, '.') + "\na = 1 # " + std::string(300, '.') + "\n", "a.toml", issues)) << lines(issues);
}

TEST(ConfigRaw, AFileThatIsTooLongIsNotParsed) {
  MemoryFiles files;
  files.texts["/a.toml"] = std::string(kMaxFile + 1, '\n');
  Issues issues;
  EXPECT_FALSE(read_merged(files, "/a.toml", issues));
  EXPECT_EQ(lines(issues), "/a.toml: is longer than 262144 bytes\n");
}

TEST(ConfigRaw, DropInsMergeTablesKeyByKeyAndReplaceArraysAndValues) {
  MemoryFiles files;
  files.texts["/a.toml"] =
      "[source]\nuse = \"https\"\nurl = \"https://one\"\n[[schedule]]\nstart = \"01:00\"\n[[schedule]]\nstart = \"02:00\"\n";
  files.texts["/a.toml.d/20-later.toml"] = "[source]\nurl = \"https://three\"\n";
  files.texts["/a.toml.d/10-first.toml"] = "\n[source]\nurl = \"https://two\"\nca_file = \"/ca\"\n[[schedule]]\nalways = true\n";
  Issues issues;
  const auto tree = read_merged(files, "/a.toml", issues);
  ASSERT_TRUE(tree) << lines(issues);
  EXPECT_EQ(tree->find("source")->text("use"), "https");
  EXPECT_EQ(tree->find("source")->text("url"), "https://three");
  EXPECT_EQ(tree->find("source")->text("ca_file"), "/ca");
  EXPECT_EQ(tree->find("source")->find("ca_file")->place().file, "/a.toml.d/10-first.toml");
  EXPECT_EQ(tree->find("source")->find("ca_file")->place().line, 4);
  ASSERT_EQ(tree->tables("schedule").size(), 1U);
  EXPECT_TRUE(tree->tables("schedule")[0]->flag("always"));
}

TEST(ConfigRaw, OnlyVisibleTomlFilesAreDropIns) {
  MemoryFiles files;
  files.texts["/a.toml"] = "a = 1\n";
  files.texts["/a.toml.d/README"] = "not TOML";
  files.texts["/a.toml.d/.#10.toml"] = "not TOML";
  files.texts["/a.toml.d/10.toml.dpkg-old"] = "not TOML";
  files.texts["/a.toml.d/.toml"] = "not TOML";
  Issues issues;
  EXPECT_TRUE(read_merged(files, "/a.toml", issues)) << lines(issues);
}

TEST(ConfigRaw, ABrokenDropInBreaksTheWholeAndAllAreReported) {
  MemoryFiles files;
  files.texts["/a.toml"] = "a = \n";
  files.texts["/a.toml.d/1.toml"] = "b = \n";
  files.texts["/a.toml.d/2.toml"] = "c = 1\n";
  Issues issues;
  EXPECT_FALSE(read_merged(files, "/a.toml", issues));
  ASSERT_EQ(issues.size(), 2U);
  EXPECT_EQ(issues[0].place.file, "/a.toml");
  EXPECT_EQ(issues[1].place.file, "/a.toml.d/1.toml");

  files.texts["/a.toml"] = "a = 1\n";
  EXPECT_FALSE(read_merged(files, "/a.toml", issues)) << "half a configuration must not be used";
}

TEST(ConfigRaw, WhatTheParserQuotesStaysOnOneLine) {
  MemoryFiles files;
  files.texts["/a.toml"] = "a = t\n";
  Issues issues;
  EXPECT_FALSE(read_merged(files, "/a.toml", issues));
  ASSERT_EQ(issues.size(), 1U);
  EXPECT_EQ(issues[0].message.find('\n'), std::string::npos) << issues[0].message;
}

TEST(ConfigRaw, OddKeysAreShownOnOneLine) {
  EXPECT_EQ(shown_key("restart_how"), "restart_how");
  EXPECT_EQ(shown_key("a\nb"), "\"a?b\"");
  EXPECT_EQ(shown_key(""), "\"\"");
  EXPECT_LT(shown_key(std::string(5000, 'x')).size(), 80U);
}

}  // namespace
}  // namespace upkeep::config

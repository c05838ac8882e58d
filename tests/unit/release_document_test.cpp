// SPDX-License-Identifier: Apache-2.0
// release.json: what is read, what is refused and in which words, and that it is always written the same way.

#include "core/release_document.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/signer.h"

namespace upkeep::core {
namespace {

using nlohmann::json;

json least() {
  return {{"channel", "stable"},
          {"version", "2.3.4"},
          {"critical", false},
          {"serial", 7},
          {"issued", "2026-11-29T12:00:00Z"},
          {"expires", "2027-02-27T12:00:00Z"}};
}

std::string problem(const std::string& bytes) {
  const auto document = parse_document(bytes);
  return document ? "" : document.error().message;
}
std::string problem_with(const std::string& member, const json& value) {
  json document = least();
  document[member] = value;
  return problem(document.dump());
}
Document with(const std::string& member, const json& value) {
  json document = least();
  document[member] = value;
  return parse_document(document.dump()).value();
}
const std::string kDigest(64, 'a');

TEST(ReleaseDocument, NeedsSixMembersAndNoMore) {
  const Document document = parse_document(least().dump()).value();
  EXPECT_EQ(document.channel, "stable");
  EXPECT_EQ(document.release.version->str(), "2.3.4");
  EXPECT_FALSE(document.release.critical);
  EXPECT_EQ(document.release.serial, 7U);
  EXPECT_EQ(sdk::rfc3339(*document.release.issued), "2026-11-29T12:00:00Z");
  EXPECT_EQ(sdk::rfc3339(*document.release.expires), "2027-02-27T12:00:00Z");
  EXPECT_FALSE(document.keys);
  EXPECT_TRUE(document.warnings.empty());
  for (const char* name : {"channel", "version", "critical", "serial", "issued", "expires"}) {
    json without = least();
    without.erase(name);
    EXPECT_EQ(problem(without.dump()), std::string(name) + " is missing");
  }
}

TEST(ReleaseDocument, SaysAllThatAReleaseCanSay) {
  const test::Signer key('k');
  json document = least();
  document.update(
      json{{"notes", "https://example.com/notes"},
           {"not_before", "2026-12-01T00:00:00Z"},
           {"minimum_from", "1.9.0"},
           {"rollout", {{{"starts", "2026-12-01T00:00:00Z"}, {"percent", 10}}, {{"starts", "2026-12-02T00:00:00Z"}, {"percent", 100}}}},
           {"withdrawn", {{{"version", "2.3.3"}, {"go_to", "2.3.2"}}, {{"version", "2.3.1"}}}},
           {"schedule", {{"days", {"Tue"}}, {"start", "02:00"}, {"length", "1h"}}},
           {"images", {{"registry.example.com/agent", "sha256:" + kDigest}}},
           {"packages", {{"agent_2.3.4_amd64.deb", kDigest}}},
           {"keys", {to_text(key.key())}},
           {"requires", {"rollout", "withdrawn", "notes"}}});
  const Document read = parse_document(document.dump()).value();
  const sdk::Release& release = read.release;
  EXPECT_EQ(release.notes_url, "https://example.com/notes");
  EXPECT_EQ(sdk::rfc3339(*release.not_before), "2026-12-01T00:00:00Z");
  EXPECT_EQ(release.minimum_from->str(), "1.9.0");
  ASSERT_EQ(release.rollout.size(), 2U);
  EXPECT_EQ(release.rollout[0].percent, 10);
  ASSERT_EQ(release.withdrawn.size(), 2U);
  EXPECT_EQ(release.withdrawn[0].go_to->str(), "2.3.2");
  EXPECT_FALSE(release.withdrawn[1].go_to);
  EXPECT_EQ(release.schedule->text("start"), "02:00");
  EXPECT_EQ(release.images.at("registry.example.com/agent"), "sha256:" + kDigest);
  EXPECT_EQ(release.packages.at("agent_2.3.4_amd64.deb"), kDigest);
  EXPECT_EQ(read.keys->at(0), key.key());
  // And writes it again, the same bytes each time.
  const std::string written = write_document(read);
  EXPECT_EQ(write_document(parse_document(written).value()), written);
  EXPECT_EQ(json::parse(written)["requires"],
            json({"images", "minimum_from", "not_before", "packages", "rollout", "schedule", "withdrawn"}));
  EXPECT_TRUE(written.ends_with("}\n"));
}

TEST(ReleaseDocument, NoneIsNoRelease) { EXPECT_FALSE(with("version", "none").release.version); }

TEST(ReleaseDocument, IsOneJsonObjectAndNothingElse) {
  const std::string good = least().dump();
  EXPECT_EQ(problem(good + "\n"), "");
  EXPECT_EQ(problem(""), "it is no JSON: byte 1");
  EXPECT_EQ(problem("[1]"), "it is no JSON object");
  EXPECT_EQ(problem("3"), "it is no JSON object");
  EXPECT_EQ(problem(good + "{}").substr(0, 22), "it is no JSON: byte " + std::to_string(good.size() + 1).substr(0, 2));
  EXPECT_EQ(problem(good.substr(0, 40)).substr(0, 20), "it is no JSON: byte ");
  EXPECT_EQ(problem(good.substr(0, good.size() - 1) + ",\"serial\":8}"), "the member \"serial\" stands there twice");
  EXPECT_EQ(problem(R"({"a":{"b":1,"b":2}})"), "the member \"b\" stands there twice");
  EXPECT_EQ(problem("{\"version\":\"2.3.\xff\"}").substr(0, 20), "it is no JSON: byte ");
}

TEST(ReleaseDocument, IsBounded) {
  EXPECT_EQ(problem(std::string(64 * 1024 + 1, ' ')), "it is longer than 64 KiB");
  const auto nested = [](int depth) { return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}"; };
  EXPECT_EQ(problem(nested(17)), "it is nested deeper than 16");
  EXPECT_EQ(problem(nested(16)), "channel is missing");
  EXPECT_EQ(problem(nested(30000)), "it is nested deeper than 16");
  json many = json::array();
  for (int i = 0; i < 1001; ++i) many.push_back(i);
  EXPECT_EQ(problem_with("x", many), "a list or table has more than 1000 entries");
}

TEST(ReleaseDocument, RefusesWhatAMemberCannotBe) {
  EXPECT_EQ(problem_with("channel", ""), "channel: is empty");
  EXPECT_EQ(problem_with("channel", std::string(513, 'x')), "channel: is longer than 512 bytes");
  EXPECT_EQ(problem_with("channel", "a\nb"), "channel: has control characters");
  EXPECT_EQ(problem_with("version", 2), "version: must be text");
  EXPECT_NE(problem_with("version", "2.3.4; rm -rf /"), "");
  EXPECT_NE(problem_with("version", "../../etc"), "");
  EXPECT_EQ(problem_with("critical", "yes"), "critical: must be true or false");
  for (const json& serial : {json(0), json(-1), json(1.5), json("7"), json(9007199254740992), json(1e300)})
    EXPECT_EQ(problem_with("serial", serial), "serial: must be a whole number from 1 to 9007199254740991") << serial;
  EXPECT_EQ(problem(R"({"serial":99999999999999999999999999})"), "channel is missing")
      << "a number, though none that is taken for a serial";
  EXPECT_EQ(problem(R"({"serial":1e999999})").substr(0, 10), "it has a n");
  EXPECT_EQ(problem_with("expires", "2026-11-29T12:00:00Z"), "expires: is not later than issued");
  EXPECT_NE(problem_with("issued", "yesterday"), "");
  EXPECT_EQ(problem_with("notes", "javascript:alert(1)"), "notes: must be an https address");
  EXPECT_EQ(problem_with("requires", "rollout"), "requires must be a list of names");
  EXPECT_EQ(problem_with("requires", {1}), "requires must be a list of names");
}

TEST(ReleaseDocument, RefusesListsThatSayNothingOrTooMuch) {
  const std::string time = "2026-12-01T00:00:00Z";
  EXPECT_EQ(problem_with("rollout", json::array()), "rollout: must be a list of stages");
  EXPECT_EQ(problem_with("rollout", {{{"starts", time}}}), "rollout: has an entry without \"percent\"");
  EXPECT_EQ(problem_with("rollout", {{{"starts", time}, {"percent", 101}}}), "rollout: percent must be a whole number from 0 to 100");
  EXPECT_EQ(problem_with("rollout", {{{"starts", time}, {"percent", 1}, {"region", "eu"}}}),
            "rollout: has an entry with an unknown member \"region\"")
      << "a stage that is meant for others must not be taken for everybody's";
  EXPECT_EQ(problem_with("withdrawn", {{{"version", "1.0.0"}, {"go_to", "1.0.0"}}}), "withdrawn: sends 1.0.0 to itself");
  EXPECT_EQ(problem_with("withdrawn", {{{"version", "1.0.0"}}, {{"version", "1.0.0"}}}), "withdrawn: names 1.0.0 twice");
  EXPECT_EQ(problem_with("schedule", {{"start", nullptr}}), "schedule: has a value that is null");
  EXPECT_EQ(problem_with("packages", {{"a/b.deb", kDigest}}), "packages: names a file with a folder: \"a/b.deb\"");
  EXPECT_EQ(problem_with("packages", {{"b.deb", "A" + kDigest.substr(1)}}),
            "packages: \"b.deb\" must be 64 hexadecimal digits in lower case");
  EXPECT_EQ(problem_with("images", {{"x", kDigest}}), "images: \"x\" must be \"sha256:\" and 64 hexadecimal digits in lower case");
  EXPECT_EQ(problem_with("keys", {"RWQ"}).substr(0, 6), "keys: ");
}

TEST(ReleaseDocument, WhatItRequiresMustBeKnownAndWhatNobodyRequiresMayBeUnknown) {
  json document = least();
  document["ring"] = "canary";
  EXPECT_EQ(parse_document(document.dump()).value().warnings,
            std::vector<std::string>{"release.json has an unknown member \"ring\", which is left alone"});
  document["requires"] = {"ring"};
  const auto refused = parse_document(document.dump());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, sdk::Errc::unsupported);
  EXPECT_EQ(refused.error().message, "it requires \"ring\", which this version of Upkeep does not know");
}

}  // namespace
}  // namespace upkeep::core

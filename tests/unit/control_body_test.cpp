// SPDX-License-Identifier: Apache-2.0
// What a POST may say.
#include <gtest/gtest.h>

#include "control/body.h"

namespace upkeep::control {
namespace {

using engine::Verb;

const sdk::TimePoint kNow = sdk::parse_rfc3339("2027-01-05T02:00:00Z").value();

std::string trouble(Verb verb, std::string_view body) {
  const auto command = parse_command(verb, body, kNow);
  if (command) return "accepted";
  EXPECT_EQ(command.error().code, "invalid");
  return command.error().message;
}

TEST(ControlBody, NoBodyIsAnEmptyObject) {
  EXPECT_TRUE(parse_command(Verb::check, "", kNow));
  EXPECT_TRUE(parse_command(Verb::run, "{}", kNow));
  EXPECT_TRUE(parse_empty(""));
}

TEST(ControlBody, EachVerbTakesItsFields) {
  const auto force = parse_command(
      Verb::force, R"({"version":"2.0.0","allow_downgrade":true,"allow_major":true,"quarantined":true,"no_way_back":true})", kNow);
  ASSERT_TRUE(force) << force.error().message;
  EXPECT_EQ(force->version, "2.0.0");
  EXPECT_TRUE(force->allow_downgrade && force->allow_major && force->quarantined && force->no_way_back);
  EXPECT_EQ(parse_command(Verb::rollback, R"({"to":"1.0.0"})", kNow)->version, "1.0.0");
  EXPECT_EQ(parse_command(Verb::resolve, R"({"as":"failed"})", kNow)->as, "failed");
  EXPECT_EQ(parse_command(Verb::unquarantine, R"({"version":"3.0.0"})", kNow)->version, "3.0.0");
  EXPECT_TRUE(parse_command(Verb::pin, R"({"version":"1.0.0","allow_downgrade":true})", kNow)->allow_downgrade);
}

TEST(ControlBody, ASuspensionEndsAfterADurationAtATimeOrNever) {
  EXPECT_EQ(parse_command(Verb::suspend, R"({"reason":"freeze","for":"1h30m"})", kNow)->until, kNow + std::chrono::minutes(90));
  EXPECT_EQ(parse_command(Verb::suspend, R"({"reason":"freeze","until":"2027-01-06T00:00:00Z"})", kNow)->until,
            kNow + std::chrono::hours(22));
  EXPECT_EQ(parse_command(Verb::suspend, R"({"reason":"freeze"})", kNow)->until, std::nullopt);
  EXPECT_EQ(parse_command(Verb::suspend, R"({"reason":"freeze","until":null})", kNow)->until, std::nullopt);
}

TEST(ControlBody, WhatIsNoJsonObjectIsRefused) {
  for (const char* body : {"{", "nonsense", "{\"a\":}", "\xff\xfe", "{\"version\":\"\xc3\x28\"}", "{} {}", "{'a':1}"}) {
    EXPECT_EQ(trouble(Verb::run, body), "the body is no JSON (or no UTF-8)") << body;
  }
  EXPECT_EQ(trouble(Verb::run, "[]"), "the body must be a JSON object, not array");
  EXPECT_EQ(trouble(Verb::run, "null"), "the body must be a JSON object, not null");
  EXPECT_EQ(trouble(Verb::run, std::string(60'000, '[')), "the body is no JSON (or no UTF-8)");
}

TEST(ControlBody, AFieldThatIsGivenTwiceIsRefused) {
  EXPECT_EQ(trouble(Verb::pin, R"({"version":"1.0.0","version":"2.0.0"})"), "field \"version\" is given twice");
  EXPECT_EQ(trouble(Verb::pin, R"({"version":"1.0.0","version":null})"), "field \"version\" is given twice");
  EXPECT_EQ(trouble(Verb::pin, R"({"version":"1.0.0","v\u0065rsion":"2.0.0"})"), "field \"version\" is given twice");
}

TEST(ControlBody, DepthIsNoTrouble) {
  const std::string nested = "{\"version\":" + std::string(30'000, '[') + std::string(30'000, ']') + "}";
  EXPECT_EQ(trouble(Verb::pin, nested), "\"version\" must be a string, not array");
}

TEST(ControlBody, AnUnknownFieldIsRefusedByItsName) {
  EXPECT_EQ(trouble(Verb::force, R"({"versoin":"2.0.0"})"), "unknown field \"versoin\"");
  EXPECT_EQ(trouble(Verb::run, R"({"version":"2.0.0"})"), "unknown field \"version\"");
  EXPECT_EQ(trouble(Verb::run, R"({"\u001b[31m":1})"), "unknown field \"?[31m\"");
}

TEST(ControlBody, AWrongTypeIsNamed) {
  EXPECT_EQ(trouble(Verb::pin, R"({"version":2})"), "\"version\" must be a string, not number");
  EXPECT_EQ(trouble(Verb::force, R"({"allow_major":"yes"})"), "\"allow_major\" must be true or false, not string");
}

TEST(ControlBody, WhatIsMissingOrEmptyIsNamed) {
  EXPECT_EQ(trouble(Verb::suspend, "{}"), "\"reason\" is missing");
  EXPECT_EQ(trouble(Verb::suspend, R"({"reason":"  "})"), "\"reason\" is empty");
  EXPECT_EQ(trouble(Verb::pin, ""), "\"version\" is missing");
  EXPECT_EQ(trouble(Verb::resolve, R"({"as":"fine"})"), "\"as\" must be \"installed\" or \"failed\"");
}

TEST(ControlBody, TextsThatWouldHarmATerminalOrFillTheJournalAreRefused) {
  EXPECT_EQ(trouble(Verb::suspend, R"({"reason":"\u001b]0;gotcha\u0007"})"), "\"reason\" has control characters");
  EXPECT_EQ(trouble(Verb::suspend, R"({"reason":")" + std::string(1025, 'x') + R"("})"), "\"reason\" is longer than 1024 bytes");
  EXPECT_EQ(trouble(Verb::suspend, R"({"reason":")" + std::string(1024, 'x') + R"("})"), "accepted");
}

TEST(ControlBody, ASuspensionsEndMustMakeSense) {
  EXPECT_EQ(trouble(Verb::suspend, R"({"reason":"r","for":"1h","until":"2027-01-06T00:00:00Z"})"),
            "\"for\" and \"until\" exclude each other");
  EXPECT_EQ(trouble(Verb::suspend, R"({"reason":"r","for":"0"})"), "the end of the suspension is not in the future");
  EXPECT_EQ(trouble(Verb::suspend, R"({"reason":"r","until":"2027-01-05T02:00:00Z"})"), "the end of the suspension is not in the future");
  EXPECT_TRUE(trouble(Verb::suspend, R"({"reason":"r","for":"soon"})").starts_with("\"for\": "));
  EXPECT_TRUE(trouble(Verb::suspend, R"({"reason":"r","until":"tomorrow"})").starts_with("\"until\": "));
}

std::string span_trouble(const Query& query) {
  const auto span = parse_span(query, kNow);
  return span ? "accepted" : span.error().message;
}

TEST(ControlBody, AScheduleIsShownFromNowForTwoWeeksUnlessSaidOtherwise) {
  const auto usual = parse_span({}, kNow);
  ASSERT_TRUE(usual);
  EXPECT_EQ(usual->from, kNow);
  EXPECT_EQ(usual->until, kNow + std::chrono::days(14));
  EXPECT_EQ(span_trouble({{"from", "2027-02-01T00:00:00Z"}, {"until", "2027-02-02T00:00:00+01:00"}}), "accepted");
}

TEST(ControlBody, AScheduleSpanMustMakeSense) {
  EXPECT_EQ(span_trouble({{"form", "x"}}), "unknown query value \"form\"");
  EXPECT_EQ(span_trouble({{"from", "2027-01-05T02:00:00Z"}, {"from", "2027-01-05T02:00:00Z"}}), "query value \"from\" is given twice");
  EXPECT_EQ(span_trouble({{"until", "2027-01-05T02:00:00Z"}}), "\"until\" must be after \"from\"");
  EXPECT_EQ(span_trouble({{"until", "2029-01-05T02:00:00Z"}}), "\"from\" and \"until\" are more than 366 days apart");
  EXPECT_TRUE(span_trouble({{"from", "yesterday"}}).starts_with("query value \"from\": "));
}

}  // namespace
}  // namespace upkeep::control

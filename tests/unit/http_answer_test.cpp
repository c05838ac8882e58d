// SPDX-License-Identifier: Apache-2.0
// What an http probe makes of an answer.
#include "core/http_answer.h"

#include <gtest/gtest.h>

namespace upkeep::core {
namespace {

ProbeSettings wanted(const std::string& status = "200-299") {
  ProbeSettings out;
  EXPECT_TRUE(read_status_range(status, out));
  return out;
}

TEST(HttpAnswer, TheStatusMustBeInTheRange) {
  EXPECT_EQ(judge_answer(wanted(), 200, ""), "");
  EXPECT_EQ(judge_answer(wanted(), 204, ""), "");
  EXPECT_EQ(judge_answer(wanted(), 299, ""), "");
  EXPECT_EQ(judge_answer(wanted(), 300, ""), "300");
  EXPECT_EQ(judge_answer(wanted("201-299"), 200, ""), "200 OK");
  EXPECT_EQ(judge_answer(wanted(), 302, ""), "302 Found");
  EXPECT_EQ(judge_answer(wanted("200-399"), 302, ""), "");
  EXPECT_EQ(judge_answer(wanted("200"), 204, ""), "204 No Content");
  EXPECT_EQ(judge_answer(wanted(), 599, "x"), "599: \"x\"");
}

TEST(HttpAnswer, WhatItSaidIsShownInPartAndHarmlessly) {
  EXPECT_EQ(judge_answer(wanted(), 503, " not ready: \x1b[31m\n"), "503 Service Unavailable: \"not ready: ?[31m\"");
  EXPECT_LT(judge_answer(wanted(), 503, std::string(100'000, 'x')).size(), 300U);
}

TEST(HttpAnswer, TheBodyMustHoldTheText) {
  auto probe = wanted();
  probe.body = "ok";
  EXPECT_EQ(judge_answer(probe, 200, "all ok here"), "");
  EXPECT_EQ(judge_answer(probe, 200, "degraded"), "200 OK, but \"ok\" is not in its body: \"degraded\"");
}

TEST(HttpAnswer, TheJsonMustHaveTheValueThere) {
  auto probe = wanted();
  probe.json_pointer = "/checks/0/state";
  probe.value = "up";
  EXPECT_EQ(judge_answer(probe, 200, R"({"checks": [{"state": "up"}]})"), "");
  EXPECT_EQ(judge_answer(probe, 200, R"({"checks": [{"state": "down"}]})"), "200 OK, but /checks/0/state is \"down\", not \"up\"");
  for (const char* body : {R"({"checks": []})", R"({"checks": {"x": 1}})", "[]", "1", R"({"checks": "text"})"})
    EXPECT_EQ(judge_answer(probe, 200, body), "200 OK, but the body has nothing at /checks/0/state") << body;
  EXPECT_EQ(judge_answer(probe, 200, "<html>"), "200 OK, but the body is no JSON: \"<html>\"");
  EXPECT_NE(judge_answer(probe, 200, std::string(100'000, '[')), "");
  probe.json_pointer = "/n";
  probe.value = "3";
  EXPECT_EQ(judge_answer(probe, 200, R"({"n": 3})"), "");
  probe.value = "true";
  EXPECT_EQ(judge_answer(probe, 200, R"({"n": true})"), "");
  EXPECT_NE(judge_answer(probe, 200, R"({"n": "\ud800"})"), "");
}

TEST(HttpAnswer, ARangeIsOneOrTwoStatuses) {
  ProbeSettings out;
  for (const char* bad : {"", "99", "600", "300-200", "200-", "-200", "200-299-300", "2xx", "200 - 299"})
    EXPECT_FALSE(read_status_range(bad, out)) << bad;
  ASSERT_TRUE(read_status_range("404", out));
  EXPECT_EQ(out.least_status, 404);
  EXPECT_EQ(out.most_status, 404);
}

TEST(HttpAnswer, APointerIsOne) {
  for (const char* good : {"/a", "/a/0", "/a~1b", "/"}) EXPECT_TRUE(check_json_pointer(good)) << good;
  for (const char* bad : {"", "a", "$.a", "/a~2"}) EXPECT_FALSE(check_json_pointer(bad)) << bad;
}

}  // namespace
}  // namespace upkeep::core

// SPDX-License-Identifier: Apache-2.0
// Which reaction an HTTP answer asks for, and how long it asks to wait.

#include <gtest/gtest.h>

#include "sdk/http.h"

namespace upkeep::sdk {
namespace {

using std::chrono::seconds;

const TimePoint kNow = parse_rfc3339("1994-11-06T08:49:37.500Z").value();

HttpResponse answer(int status, std::vector<HttpHeader> headers = {}) {
  HttpResponse response;
  response.status = status;
  response.headers = std::move(headers);
  return response;
}
Error error(int status) { return http_error(answer(status), "version", kNow); }
std::optional<seconds> retry_after(std::string text) {
  return http_error(answer(503, {{"retry-after", std::move(text)}}), "version", kNow).retry_after;
}

TEST(HttpError, ServersInTroubleAreTransient) {
  for (int status : {408, 425, 429, 500, 502, 503, 504, 599}) EXPECT_EQ(error(status).code, Errc::transient) << status;
}
TEST(HttpError, MissingPermissionsAreDenied) {
  for (int status : {401, 403}) EXPECT_EQ(error(status).code, Errc::denied) << status;
}
TEST(HttpError, EverythingElseIsInvalid) {
  for (int status : {0, 100, 204, 301, 304, 400, 404, 410, 418, 600, -1}) EXPECT_EQ(error(status).code, Errc::invalid) << status;
}
TEST(HttpError, NamesTheThingAndTheStatus) { EXPECT_EQ(error(404).message, "version: the server answered with status 404"); }

TEST(HttpError, RetryAfterInSecondsIsReadAndShown) {
  EXPECT_EQ(retry_after("120"), seconds(120));
  EXPECT_EQ(retry_after("0"), seconds(0));
  EXPECT_EQ(retry_after(" 7 "), seconds(7));
  Error shown = http_error(answer(429, {{"retry-after", "120"}}), "version", kNow);
  EXPECT_EQ(shown.message, "version: the server answered with status 429 and asks to wait 2m");
}
TEST(HttpError, RetryAfterAsADateCountsFromNow) {
  EXPECT_EQ(retry_after("Sun, 06 Nov 1994 08:50:37 GMT"), seconds(60));
  EXPECT_EQ(retry_after("Sun, 06 Nov 1994 08:49:30 GMT"), seconds(0));  // in the past
  EXPECT_EQ(retry_after("Sat, 01 Jan 2050 00:00:00 GMT"), seconds(3600));
}
TEST(HttpError, RetryAfterIsAtMostOneHour) {
  EXPECT_EQ(retry_after("3600"), seconds(3600));
  EXPECT_EQ(retry_after("3601"), seconds(3600));
  EXPECT_EQ(retry_after("999999999999999999999999999999"), seconds(3600));
}
TEST(HttpError, ARetryAfterThatMakesNoSenseIsLeftOut) {
  for (const char* text :
       {"", "-1", "+1", "1.5", "1e3", "soon", "Sun, 06 Nov 1994 08:50:37 CET", "Sun, 06 Foo 1994 08:50:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 31 Feb 1994 08:50:37 GMT", "Sun, 06 Nov 1994 25:50:37 GMT", "1994-11-06T08:50:37Z"}) {
    EXPECT_EQ(retry_after(text), std::nullopt) << text;
  }
}
TEST(HttpError, OnlyATransientErrorSaysWhenToComeBack) {
  EXPECT_FALSE(http_error(answer(403, {{"retry-after", "5"}}), "version", kNow).retry_after);
  EXPECT_FALSE(http_error(answer(404, {{"retry-after", "5"}}), "version", kNow).retry_after);
  EXPECT_FALSE(error(503).retry_after);
}

TEST(HttpResponse, TheFirstHeaderOfANameIsTheOne) {
  HttpResponse response = answer(200, {{"etag", "\"a\""}, {"etag", "\"b\""}, {"x", ""}});
  EXPECT_EQ(response.header("etag"), "\"a\"");
  EXPECT_EQ(response.header("x"), "");
  EXPECT_EQ(response.header("last-modified"), "");
}

}  // namespace
}  // namespace upkeep::sdk

// SPDX-License-Identifier: Apache-2.0
// What a store's refusals mean, in the words of Amazon S3, MinIO and versitygw.
#include <gtest/gtest.h>

#include "shared/object_store/refusal.h"

namespace upkeep::shared::object_store {
namespace {

const sdk::TimePoint kNow = *sdk::parse_rfc3339("2026-11-30T12:00:00Z");

sdk::HttpResponse answer(int status, std::string body, std::vector<sdk::HttpHeader> headers = {}) {
  sdk::HttpResponse out;
  out.status = status;
  out.body = std::move(body);
  out.headers = std::move(headers);
  return out;
}

std::string page(const std::string& code, const std::string& more = "") {
  return R"(<?xml version="1.0" encoding="UTF-8"?>)"
         "\n<Error><Code>" +
         code + "</Code><Message>That&#39;s &quot;wrong&quot;</Message>" + more + "<RequestId>4442587FB7D0A2F9</RequestId></Error>";
}

sdk::Error error_of(const sdk::HttpResponse& response) {
  return refusal_error(response, read_refusal(response), "https://x/b/k", "these credentials", kNow);
}

TEST(ObjectRefusal, TakesCodeAndRegionAndNothingElse) {
  const auto malformed = answer(400, page("AuthorizationHeaderMalformed", "<Region>eu-central-1</Region>"));
  EXPECT_EQ(read_refusal(malformed).code, "AuthorizationHeaderMalformed");
  EXPECT_EQ(read_refusal(malformed).region, "eu-central-1");
  const auto moved = answer(301, page("PermanentRedirect"), {{"x-amz-bucket-region", "ap-south-1"}});
  EXPECT_EQ(read_refusal(moved).code, "PermanentRedirect");
  EXPECT_EQ(read_refusal(moved).region, "ap-south-1");
}

TEST(ObjectRefusal, APageThatIsNoneSaysNothing) {
  for (const std::string& body :
       {std::string(), std::string("<html><body>502</body></html>"), std::string("<Error><Code>x"), page("two words"), page("AKIA/x"),
        page(std::string(65, 'a')), page("&#27;[31m"), page("", "<Region>evil.example.com/</Region>"), "<a>" + page("X") + "</a>"}) {
    EXPECT_EQ(read_refusal(answer(403, body)).code, "") << body;
    EXPECT_EQ(read_refusal(answer(403, body)).region, "") << body;
  }
  EXPECT_EQ(read_refusal(answer(301, "", {{"x-amz-bucket-region", "a.b/c"}})).region, "");
  EXPECT_EQ(read_refusal(answer(200, page("AccessDenied"))).code, "") << "that is the object";
}

TEST(ObjectRefusal, KnowsWhenOtherCredentialsCouldHelp) {
  const auto blames = [](int status, const std::string& code) {
    const auto response = answer(status, page(code));
    return blames_credentials(response, read_refusal(response));
  };
  for (const char* code : {"ExpiredToken", "InvalidToken", "InvalidTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch"})
    EXPECT_TRUE(blames(code[0] == 'E' ? 400 : 403, code)) << code;
  EXPECT_TRUE(blames(401, "whatever"));
  EXPECT_FALSE(blames(403, "AccessDenied"));
  EXPECT_FALSE(blames(400, "InvalidRequest"));
}

TEST(ObjectRefusal, TheReactionIsThatOfTheCode) {
  struct Case {
    int status;
    const char* code;
    sdk::Errc reaction;
  };
  for (const Case& one : {Case{503, "SlowDown", sdk::Errc::transient}, Case{500, "InternalError", sdk::Errc::transient},
                          Case{400, "RequestTimeout", sdk::Errc::transient}, Case{403, "AccessDenied", sdk::Errc::denied},
                          Case{400, "ExpiredToken", sdk::Errc::denied}, Case{404, "NoSuchBucket", sdk::Errc::invalid},
                          Case{404, "XAdminUserNotFound", sdk::Errc::denied}, Case{404, "XAdminUserNotFound", sdk::Errc::denied},
                          Case{301, "PermanentRedirect", sdk::Errc::invalid}, Case{400, "InvalidRequest", sdk::Errc::invalid}}) {
    const auto error = error_of(answer(one.status, page(one.code)));
    EXPECT_EQ(error.code, one.reaction) << one.code;
    EXPECT_NE(error.message.find(", " + std::string(one.code)), std::string::npos) << error.message;
    EXPECT_EQ(error.message.find("wrong"), std::string::npos) << error.message;
  }
}

TEST(ObjectRefusal, HandsOnHowLongTheStoreWantsToBeLeftAlone) {
  const auto error = error_of(answer(503, page("SlowDown"), {{"retry-after", "30"}}));
  EXPECT_EQ(error.retry_after, std::chrono::seconds(30));
  EXPECT_EQ(error.message, "https://x/b/k: the server answered with status 503 and asks to wait 30s, SlowDown");
}

TEST(ObjectRefusal, SaysHowFarTheClockIsOff) {
  const auto skewed = [](const char* date) { return error_of(answer(403, page("RequestTimeTooSkewed"), {{"date", date}})); };
  const auto behind = skewed("Mon, 30 Nov 2026 12:16:05 GMT");
  EXPECT_EQ(behind.code, sdk::Errc::denied);
  EXPECT_NE(behind.message.find("this host's clock is 16m5s behind the server's, which says 2026-11-30T12:16:05Z"), std::string::npos)
      << behind.message;
  EXPECT_NE(skewed("Mon, 30 Nov 2026 10:00:00 GMT").message.find("is 2h ahead of the server's"), std::string::npos);
  EXPECT_NE(skewed("yesterday").message.find("this host's clock is wrong, 2026-11-30T12:00:00Z"), std::string::npos);
}

TEST(ObjectRefusal, SaysWhatAccessDeniedCanMean) {
  EXPECT_EQ(error_of(answer(403, page("AccessDenied"))).message,
            "https://x/b/k: the server answered with status 403, AccessDenied: these credentials may not do that; a file that is missing "
            "looks the same to who may not list the bucket");
}

TEST(ObjectRefusal, SaysWhereARedirectLeads) {
  EXPECT_EQ(error_of(answer(307, "")).message,
            "https://x/b/k: the server answered with status 307: it sends the request elsewhere, and names no region");
  EXPECT_EQ(error_of(answer(301, "", {{"x-amz-bucket-region", "eu-west-3"}})).message,
            "https://x/b/k: the server answered with status 301: it sends the request elsewhere, to eu-west-3");
}

}  // namespace
}  // namespace upkeep::shared::object_store

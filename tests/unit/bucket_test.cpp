// SPDX-License-Identifier: Apache-2.0
// One bucket: conditional reads, the region that is found out, credentials that are given up, and what no answer may bring.
#include <gtest/gtest.h>

#include "shared/object_store/bucket.h"
#include "shared/object_store/signing_authorizer.h"
#include "support/plugin_host.h"

namespace upkeep::test {
namespace {

using sdk::Errc;
using shared::channel::ObjectAnswer;
using shared::object_store::Bucket;
using shared::object_store::Keys;
using Kind = ObjectAnswer::Kind;

// Keys that grow older: each time they are given up the next ones come, while there are any.
class Ring : public shared::object_store::KeySource {
 public:
  explicit Ring(std::vector<Keys> keys) : keys_(std::move(keys)) {}
  sdk::Task<sdk::Result<Keys>> keys(sdk::BootTime) override {
    if (problem) co_return sdk::fail(*problem);
    co_return keys_.at(at_);
  }
  bool refused(bool certain) override {
    refusals.push_back(certain);
    if (at_ + 1 == keys_.size()) return false;
    ++at_;
    return true;
  }
  std::optional<sdk::Error> problem;
  std::vector<bool> refusals;

 private:
  std::vector<Keys> keys_;
  std::size_t at_ = 0;
};

class ABucket : public testing::Test {
 protected:
  PluginHost host;
  Ring* ring = nullptr;
  std::unique_ptr<Bucket> bucket;

  ABucket() { host.wall = *sdk::parse_rfc3339("2026-11-30T12:00:00Z"); }

  void open(const std::string& endpoint, const std::string& region, std::vector<Keys> keys) {
    auto ring_ = std::make_unique<Ring>(std::move(keys));
    ring = ring_.get();
    bucket = std::make_unique<Bucket>(host, settings(endpoint, region),
                                      std::make_unique<shared::object_store::SigningAuthorizer>(host, std::move(ring_)));
  }
  void open_anonymously(const std::string& endpoint, const std::string& region) {
    bucket = std::make_unique<Bucket>(host, settings(endpoint, region), nullptr);
  }
  sdk::Result<ObjectAnswer> read(const std::string& validator = "") {
    return run_task(bucket->read("c/version", validator, host.boot + std::chrono::seconds(10)));
  }
  // What is wrong; internal when nothing is.
  static sdk::Error problem(const sdk::Result<ObjectAnswer>& answer) {
    return answer ? sdk::Error(Errc::internal, "there is an answer") : answer.error();
  }
  static shared::object_store::BucketSettings settings(const std::string& endpoint, const std::string& region) {
    shared::object_store::BucketSettings out;
    out.place = {endpoint, "bucket", region, shared::object_store::Style::automatic};
    out.ca_file = "/ca.pem";
    out.proxy = "http://proxy:1";
    return out;
  }
  static std::string page(const std::string& code, const std::string& more = "") {
    return "<Error><Code>" + code + "</Code>" + more + "</Error>";
  }
  static std::string authorization(const sdk::HttpRequest& request) { return sent_header(request, "Authorization"); }
};

const Keys kOld{"AKIDOLD0OLD0", "secret-old", "token-of-the-old-keys"}, kNew{"AKIDNEW0NEW0", "secret-new", "token-of-the-new-keys"};
const std::string kUrl = "https://s3.example.com/bucket/c/version", kWest = "https://bucket.s3.eu-west-1.amazonaws.com/c/version",
                  kEast = "https://bucket.s3.us-east-1.amazonaws.com/c/version";

TEST_F(ABucket, ReadsWithASignatureAndOnlyWhatHasChanged) {
  open("https://s3.example.com", "eu-west-1", {kOld});
  host.web.answer(kUrl, 200, "1.2.3\n", {{"etag", "\"abc\""}});
  host.web.answer(kUrl, 304);
  const auto first = read();
  ASSERT_TRUE(first) << problem(first).message;
  EXPECT_EQ(first->kind, Kind::found);
  EXPECT_EQ(first->bytes, "1.2.3\n");
  EXPECT_EQ(read(first->validator).value().kind, Kind::not_modified);

  const auto& request = host.web.requests.back();
  EXPECT_EQ(sent_header(request, "If-None-Match"), "\"abc\"");
  EXPECT_EQ(sent_header(request, "X-Amz-Security-Token"), "token-of-the-old-keys");
  EXPECT_EQ(sent_header(request, "X-Amz-Date"), "20261130T120000Z");
  EXPECT_EQ(sent_header(request, "X-Amz-Content-Sha256"), shared::object_store::sha256_hex(""));
  EXPECT_NE(authorization(request).find("Credential=AKIDOLD0OLD0/20261130/eu-west-1/s3/aws4_request, SignedHeaders=host;if-none-match;"
                                        "x-amz-content-sha256;x-amz-date;x-amz-security-token, "),
            std::string::npos)
      << authorization(request);
  EXPECT_EQ(request.ca_file, "/ca.pem");
  EXPECT_EQ(request.proxy, "http://proxy:1");
  EXPECT_EQ(request.max_redirects, 0);
  EXPECT_EQ(request.plain, sdk::PlainHttp::never);
  EXPECT_EQ(request.timeout, std::chrono::seconds(10));
}

TEST_F(ABucket, WithoutCredentialsNothingIsSigned) {
  open_anonymously("", "us-east-1");
  host.web.answer(kEast, 200, "1.2.3");
  EXPECT_EQ(read().value().bytes, "1.2.3");
  EXPECT_TRUE(host.web.requests.back().headers.empty());
  host.web.forget(kEast);
  host.web.answer(kEast, 403, page("AccessDenied"));
  const auto denied = read();
  EXPECT_EQ(problem(denied).code, Errc::denied);
  EXPECT_NE(problem(denied).message.find("anonymous requests may not do that"), std::string::npos) << problem(denied).message;
}

TEST_F(ABucket, AMissingObjectIsMissingAndAMissingBucketIsAnError) {
  open("", "us-east-1", {kOld});
  host.web.answer(kEast, 404, page("NoSuchKey"));
  host.web.answer(kEast, 404);
  host.web.answer(kEast, 404, page("NoSuchBucket"));
  EXPECT_EQ(read().value().kind, Kind::missing);
  EXPECT_EQ(read().value().kind, Kind::missing) << "one that says nothing more";
  const auto none = read();
  ASSERT_FALSE(none);
  EXPECT_EQ(problem(none).code, Errc::invalid);
  EXPECT_EQ(problem(none).message, kEast + ": the server answered with status 404, NoSuchBucket");
}

TEST_F(ABucket, AnUnknownKeyIdIsNoMissingObjectThoughItsStatusIs404) {
  open("", "us-east-1", {kOld});
  host.web.answer(kEast, 404, page("XAdminUserNotFound"));
  const auto denied = read();
  ASSERT_FALSE(denied);
  EXPECT_EQ(problem(denied).code, Errc::denied);
}

TEST_F(ABucket, AnotherRegionIsSignedForOnceAndRemembered) {
  open("", "us-east-1", {kOld});
  host.web.answer(kEast, 301, page("PermanentRedirect"), {{"x-amz-bucket-region", "eu-west-1"}, {"location", "https://evil.example.com/"}});
  host.web.answer(kWest, 200, "1.2.3");
  EXPECT_EQ(read().value().bytes, "1.2.3");
  ASSERT_EQ(host.web.requests.size(), 2U);
  EXPECT_NE(authorization(host.web.requests.at(1)).find("/eu-west-1/s3/"), std::string::npos);
  EXPECT_EQ(host.logged, std::vector<std::string>{"the bucket bucket is in region eu-west-1, not us-east-1"});
  EXPECT_EQ(read().value().bytes, "1.2.3");
  EXPECT_EQ(host.web.requests.size(), 3U) << "it is not asked in the wrong place again";
}

TEST_F(ABucket, ARegionNamedInThePageIsSignedForAtTheSamePlace) {
  open("https://s3.example.com", "us-east-1", {kOld});
  host.web.answer(kUrl, 400, page("AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>"));
  host.web.answer(kUrl, 200, "1.2.3");
  EXPECT_EQ(read().value().bytes, "1.2.3");
  EXPECT_NE(authorization(host.web.requests.at(1)).find("/eu-west-1/s3/"), std::string::npos);
}

TEST_F(ABucket, RegionsThatLeadInCirclesAreAnError) {
  open("", "us-east-1", {kOld});
  host.web.answer(kEast, 307, "", {{"x-amz-bucket-region", "eu-west-1"}});
  host.web.answer(kWest, 307, "", {{"x-amz-bucket-region", "us-east-1"}});
  const auto lost = read();
  EXPECT_EQ(problem(lost).code, Errc::invalid);
  EXPECT_EQ(problem(lost).message, kWest + ": the server answered with status 307: it sends the request elsewhere, to us-east-1");
  EXPECT_EQ(host.web.requests.size(), 2U);
}

TEST_F(ABucket, ARedirectWithoutARegionIsAnError) {
  open("", "us-east-1", {kOld});
  host.web.answer(kEast, 302, "", {{"location", "https://evil.example.com/"}});
  EXPECT_EQ(problem(read()).code, Errc::invalid);
  EXPECT_EQ(host.web.requests.size(), 1U);
}

TEST_F(ABucket, CredentialsThatHaveExpiredAreReplacedOnce) {
  open("", "us-east-1", {kOld, kNew, kOld, kNew, kOld});
  host.web.answer(kEast, 400, page("ExpiredToken"));
  host.web.answer(kEast, 200, "1.2.3");
  EXPECT_EQ(read().value().bytes, "1.2.3");
  EXPECT_EQ(ring->refusals, std::vector<bool>{true});
  EXPECT_NE(authorization(host.web.requests.at(1)).find("AKIDNEW0NEW0"), std::string::npos);

  host.web.forget(kEast);
  host.web.answer(kEast, 403, page("InvalidAccessKeyId"));
  const auto denied = read();
  EXPECT_EQ(problem(denied).code, Errc::denied);
  EXPECT_EQ(problem(denied).message, kEast + ": the server answered with status 403, InvalidAccessKeyId");
  EXPECT_EQ(host.web.requests.size(), 4U) << "once";
}

TEST_F(ABucket, AccessDeniedAsksForOthersOnlyWhenThoseAreOld) {
  open("", "us-east-1", {kOld});
  host.web.answer(kEast, 403, page("AccessDenied"));
  EXPECT_EQ(problem(read()).code, Errc::denied);
  EXPECT_EQ(ring->refusals, std::vector<bool>{false});
  EXPECT_EQ(host.web.requests.size(), 1U);
}

TEST_F(ABucket, WithoutKeysItSaysOfWhat) {
  open("", "us-east-1", {kOld});
  ring->problem = sdk::Error(Errc::denied, "there are none");
  EXPECT_EQ(problem(read()).message, "s3://bucket/c/version: there are none");
  EXPECT_TRUE(host.web.requests.empty());
}

TEST_F(ABucket, WhatTheServerRepeatsOfTheCredentialsGoesNowhere) {
  struct Case {
    int status;
    std::string body;
    std::vector<sdk::HttpHeader> headers;
  };
  for (const Case& one : {Case{200, "token-of-the-old-keys", {}}, Case{200, "1.2.3 secret-old", {}},
                          Case{200, "1.2.3", {{"etag", "\"token-of-the-old-keys\""}}}, Case{403, page("AKIDOLD0OLD0"), {}},
                          Case{400, page("X", "<Region>token-of-the-old-keys</Region>"), {}}}) {
    open("", "us-east-1", {kOld});
    host.web.forget(kEast);
    host.web.answer(kEast, one.status, one.body, one.headers);
    const auto echo = read();
    ASSERT_FALSE(echo) << one.body;
    EXPECT_EQ(problem(echo).message, kEast + ": the answer repeats a credential");
  }
  EXPECT_TRUE(host.logged.empty());
}

TEST_F(ABucket, NorDoesAnErrorThatRepeatsThem) {
  for (const std::string what : {"token-of-the-old-keys", "AKIDOLD0OLD0"}) {
    open("", "us-east-1", {kOld});
    host.web.forget(kEast);
    host.web.fail(kEast, Errc::transient, kEast + ": strange header " + what);
    EXPECT_EQ(problem(read()).message, kEast + ": the answer repeats a credential");
    EXPECT_EQ(problem(read()).code, Errc::invalid);
  }
}

TEST_F(ABucket, AKeyIdIsNoSecretAndMayBeAWordOfTheChannel) {
  open("", "us-east-1", {{"example-agent", "secret-old", ""}});
  host.web.answer(kEast, 200, "example-agent 1.2.3\n");
  EXPECT_EQ(read().value().bytes, "example-agent 1.2.3\n");
}

TEST_F(ABucket, TheClockIsNoReasonToGiveCredentialsUp) {
  open("", "us-east-1", {kOld, kNew});
  host.web.answer(kEast, 403, page("RequestTimeTooSkewed"));
  EXPECT_EQ(problem(read()).code, Errc::denied);
  EXPECT_TRUE(ring->refusals.empty());
  EXPECT_EQ(host.web.requests.size(), 1U);
}

TEST_F(ABucket, TheDeadlineIsOneForAllThatIsAsked) {
  open("", "us-east-1", {kOld, kNew});
  host.web.answer(kEast, 400, page("ExpiredToken"));
  host.web.answer(kEast, 200, "1.2.3");
  host.web.on_request = [&] { host.boot += std::chrono::seconds(4); };
  EXPECT_TRUE(read());
  EXPECT_EQ(host.web.requests.at(1).timeout, std::chrono::seconds(6));

  host.web.forget(kEast);
  host.web.answer(kEast, 400, page("ExpiredToken"));
  host.web.on_request = [&] { host.boot += std::chrono::seconds(10); };
  open("", "us-east-1", {kOld, kNew});
  EXPECT_EQ(problem(read()).code, Errc::timeout);
}

TEST_F(ABucket, WritesAnObjectWithItsHashSigned) {
  open("", "us-east-1", {kOld});
  host.web.answer(kEast, 200);
  const auto write = [&] {
    return run_task(bucket->write("c/version", {"version", "1.2.3\n", "text/plain; charset=utf-8", "max-age=60"},
                                  host.boot + std::chrono::seconds(10)));
  };
  EXPECT_TRUE(write());
  const auto& request = host.web.requests.back();
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.body, "1.2.3\n");
  EXPECT_EQ(sent_header(request, "Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(sent_header(request, "Cache-Control"), "max-age=60");
  EXPECT_EQ(sent_header(request, "X-Amz-Content-Sha256"), shared::object_store::sha256_hex("1.2.3\n"));

  host.web.forget(kEast);
  host.web.answer(kEast, 404);
  EXPECT_EQ(write().error().message, "s3://bucket/c/version: the store does not write it");
}

TEST_F(ABucket, AChannelsFilesAreBelowItsFolder) {
  open("", "us-east-1", {kOld});
  host.web.answer(kEast, 200, "1.2.3");
  shared::object_store::BucketReader reader(*bucket, "c", host.boot + std::chrono::seconds(10));
  EXPECT_EQ(run_task(reader.read("version", "")).value().bytes, "1.2.3");
}

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// The signer against Amazon's public test suite for Signature Version 4 and the worked examples of the S3 documentation. Their keys open
// nothing.
#include <gtest/gtest.h>

#include "shared/object_store/sigv4.h"

namespace upkeep::shared::object_store {
namespace {

const std::string kUnreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const std::string kTokenOfThePost =
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMc"
    "GdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqB"
    "Az+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

sdk::HttpRequest request(const std::string& url, std::vector<sdk::HttpHeader> headers = {}) {
  sdk::HttpRequest out(url);
  out.headers = std::move(headers);
  return out;
}

Signature signed_by_suite(const sdk::HttpRequest& of, const std::string& token = "") {
  const Keys keys{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token};
  return sign(of, keys, "us-east-1", "service", *sdk::parse_rfc3339("2015-08-30T12:36:00Z")).value();
}

TEST(SigV4, SignsTheGetsOfThePublicSuite) {
  struct Case {
    const char* name;
    std::string target;
    std::vector<sdk::HttpHeader> headers;
    const char* signature;
  };
  for (const Case& one : {
           Case{"get-vanilla", "/", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
           Case{"get-unreserved", "/" + kUnreserved, {}, "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
           Case{"get-utf8", "/%E1%88%B4", {}, "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
           Case{"get-space", "/example%20space/", {}, "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
           Case{"get-vanilla-empty-query-key", "/?Param1=value1", {}, "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
           Case{"get-vanilla-query-order-key-case",
                "/?Param2=value2&Param1=value1",
                {},
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
           Case{"get-vanilla-query-order-encoded",
                "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
                {},
                "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"},
           Case{"get-vanilla-query-unreserved",
                "/?" + kUnreserved + "=" + kUnreserved,
                {},
                "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
           Case{"get-header-key-duplicate",
                "/",
                {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
                "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
           Case{"get-header-value-order",
                "/",
                {{"My-Header1", "value4"}, {"My-Header1", "value1"}, {"My-Header1", "value3"}, {"My-Header1", "value2"}},
                "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
           Case{"get-header-value-trim",
                "/",
                {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
                "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
       })
    EXPECT_EQ(signed_by_suite(request("https://example.amazonaws.com" + one.target, one.headers)).hex, one.signature) << one.name;
}

TEST(SigV4, SignsThePostsOfThePublicSuite) {
  struct Case {
    const char* name;
    std::string target;
    std::vector<sdk::HttpHeader> headers;
    std::string body, token;
    const char* signature;
  };
  const std::string form = "application/x-www-form-urlencoded";
  for (const Case& one : {
           Case{"post-vanilla", "", {}, "", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
           Case{"post-vanilla-query", "/?Param1=value1", {}, "", "", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
           Case{"post-header-key-sort",
                "/",
                {{"My-Header1", "value1"}},
                "",
                "",
                "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
           Case{"post-x-www-form-urlencoded",
                "/",
                {{"Content-Type", form}},
                "Param1=value1",
                "",
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
           Case{"post-x-www-form-urlencoded-parameters",
                "/",
                {{"Content-Type", form + "; charset=utf8"}},
                "Param1=value1",
                "",
                "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"},
           Case{"post-sts-header-before", "/", {}, "", kTokenOfThePost, "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
       }) {
    auto post = request("https://example.amazonaws.com" + one.target, one.headers);
    post.method = "POST";
    post.body = one.body;
    EXPECT_EQ(signed_by_suite(post, one.token).hex, one.signature) << one.name;
  }
}

TEST(SigV4, SendsATokenAndTheWholeHeader) {
  const std::string token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
  const auto headers = signed_by_suite(request("https://example.amazonaws.com/"), token).headers;
  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers[0], sdk::HttpHeader("X-Amz-Date", "20150830T123600Z"));
  EXPECT_EQ(headers[1], sdk::HttpHeader("X-Amz-Security-Token", token));
  EXPECT_EQ(headers[2].first, "Authorization");
  EXPECT_EQ(headers[2].second,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date;"
            "x-amz-security-token, Signature=07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8");
}

// docs.aws.amazon.com, "Examples: Signature Calculations" of the S3 API.
std::string signed_for_s3(const sdk::HttpRequest& of) {
  const Keys keys{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
  return sign(of, keys, "us-east-1", "s3", *sdk::parse_rfc3339("2013-05-24T00:00:00Z")).value().hex;
}

TEST(SigV4, SignsTheExamplesOfS3) {
  const std::string bucket = "https://examplebucket.s3.amazonaws.com";
  const sdk::HttpHeader nothing("x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(signed_for_s3(request(bucket + "/test.txt", {{"Range", "bytes=0-9"}, nothing})),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  EXPECT_EQ(signed_for_s3(request(bucket + "/?lifecycle", {nothing})), "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  EXPECT_EQ(signed_for_s3(request(bucket + ":443?prefix=J&max-keys=2#part", {nothing})),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");

  auto put =
      request(bucket + "/test%24file.text", {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}});
  put.method = "PUT";
  put.body = "Welcome to Amazon S3.";
  put.headers.emplace_back("x-amz-content-sha256", sha256_hex(put.body));
  EXPECT_EQ(signed_for_s3(put), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SigV4, APortThatIsNotTheSchemesOwnIsPartOfTheHost) {
  const auto with = [](const std::string& url) { return signed_by_suite(request(url)).hex; };
  EXPECT_EQ(with("https://example.amazonaws.com:443/"), with("https://example.amazonaws.com/"));
  EXPECT_EQ(with("http://example.amazonaws.com:80/"), with("https://example.amazonaws.com/"));
  EXPECT_NE(with("https://example.amazonaws.com:80/"), with("https://example.amazonaws.com/"));
  EXPECT_NE(with("https://example.amazonaws.com:9000/"), with("https://example.amazonaws.com/"));
}

TEST(SigV4, AUrlWithoutAPlainHostIsRefused) {
  const Keys keys{"id", "secret", ""};
  for (const char* url : {"", "example.com/", "https:///key", "https://user@example.com/"}) {
    const auto signature = sign(request(url), keys, "r", "s3", sdk::TimePoint());
    ASSERT_FALSE(signature) << url;
    EXPECT_EQ(signature.error().code, sdk::Errc::invalid);
  }
}

}  // namespace
}  // namespace upkeep::shared::object_store

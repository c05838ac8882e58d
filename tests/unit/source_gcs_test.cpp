// SPDX-License-Identifier: Apache-2.0
// The gcs source against a scripted store: which requests it makes, as whom, and what it makes of the answers.

#include <gtest/gtest.h>

#include "source/gcs/plugin.h"
#include "support/gcs_account.h"
#include "support/plugin_host.h"
#include "support/toml.h"

namespace upkeep::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const std::string kGcsVersion = "https://storage.googleapis.com/example-channels/v1/stable/cloud/version";
const std::string kGcsCritical = "https://storage.googleapis.com/example-channels/v1/stable/cloud/critical";
const std::string kGcsTokens = "https://oauth2.googleapis.com/token";

std::string token_answer(const std::string& token) { return R"({"access_token":")" + token + R"(","expires_in":3600})"; }

class GcsSource : public ::testing::Test {
 protected:
  void configure(const std::string& more = "", const std::string& bucket = "example-channels") {
    const std::string text = "bucket = '" + bucket + "'\nprefix = 'v1'\nchannel = 'stable/cloud'\n" + more;
    EXPECT_EQ(problems(plugins::gcs::kDescriptor, text), std::vector<std::string>());
    source = std::get<sdk::Factory<sdk::Source>>(plugins::gcs::kDescriptor.make)(host, toml(text)).value();
  }
  void configure_account() {
    host.contents.insert_or_assign("/key.json", service_account_file(kGcsTokens));
    host.web.answer(kGcsTokens, 200, token_answer("token-one"));
    configure("credentials_file = '/key.json'\n");
  }
  sdk::Result<std::optional<sdk::Offer>> poll(const sdk::Offer* last = nullptr) {
    host.web.requests.clear();
    return run_task(source->poll(last, {}));
  }
  std::string problem() {
    const auto offer = poll();
    return offer ? "" : std::string(sdk::name(offer.error().code)) + ": " + offer.error().message;
  }
  // Who asked for what, in order: "GET URL as AUTHORIZATION".
  std::vector<std::string> asked() {
    std::vector<std::string> out;
    for (const auto& request : host.web.requests) {
      const std::string who = sent_header(request, "Authorization");
      out.push_back(request.method + " " + request.url + (who.empty() ? "" : " as " + who.substr(0, 60)));
    }
    return out;
  }
  void publish() {
    host.web.answer(kGcsVersion, 200, "1.2.3\n", {{"etag", "\"v1\""}});
    host.web.answer(kGcsCritical, 200, "no\n");
  }

  PluginHost host;
  std::unique_ptr<sdk::Source> source;
};

using Asked = std::vector<std::string>;

TEST_F(GcsSource, APublicBucketIsReadAnonymouslyAndOnlyWhenConfigured) {
  publish();
  configure("credentials = 'anonymous'\n");
  host.variables["GOOGLE_APPLICATION_CREDENTIALS"] = "/unread";
  const auto offer = poll();
  ASSERT_TRUE(offer && *offer);
  EXPECT_EQ((*offer)->origin, "gs://example-channels/v1/stable/cloud");
  EXPECT_EQ(source->origin(), "gs://example-channels/v1/stable/cloud");
  EXPECT_EQ(std::get<sdk::PlainOffer>((*offer)->body), (sdk::PlainOffer{"1.2.3\n", "no\n", ""}));
  EXPECT_EQ(asked(), (Asked{"GET " + kGcsVersion, "GET " + kGcsCritical}));
  for (const auto& request : host.web.requests) {
    EXPECT_EQ(request.plain, sdk::PlainHttp::never);
    EXPECT_EQ(request.max_redirects, 0);
    EXPECT_EQ(request.max_body, 64U * 1024U);
    EXPECT_EQ(request.timeout, seconds(10));
    EXPECT_EQ(request.proxy, std::nullopt);
  }
  configure();
  EXPECT_EQ(problem().find("anonymous"), std::string::npos);
  EXPECT_FALSE(poll()) << "a broken credential is no reason to ask without";
}

TEST_F(GcsSource, ATokenIsShownForBothFilesAndKeptForTheNextPoll) {
  publish();
  configure_account();
  ASSERT_TRUE(poll());
  const std::string as = " as Bearer token-one";
  EXPECT_EQ(asked(), (Asked{"POST " + kGcsTokens, "GET " + kGcsVersion + as, "GET " + kGcsCritical + as}));
  EXPECT_TRUE(host.web.requests.at(0).body.find("assertion=ey") != std::string::npos);
  host.boot += minutes(5);
  ASSERT_TRUE(poll());
  EXPECT_EQ(asked(), (Asked{"GET " + kGcsVersion + as, "GET " + kGcsCritical + as}));
}

TEST_F(GcsSource, TheTokenIsGoodForReadingAndForWritingOnlyWhenSomethingIsPut) {
  publish();
  host.variables["GCE_METADATA_HOST"] = "127.0.0.1:1";
  nlohmann::json federation = {
      {"type", "external_account"}, {"audience", "a"}, {"subject_token_type", "t"}, {"credential_source", {{"file", "/t"}}}};
  host.contents.insert_or_assign("/f.json", federation.dump());
  host.contents.insert_or_assign("/t", std::string("subject"));
  host.web.answer("https://sts.googleapis.com/v1/token", 200, token_answer("t"));
  configure("credentials_file = '/f.json'\n");
  ASSERT_TRUE(poll());
  EXPECT_NE(host.web.requests.at(0).body.find("devstorage.read_only&"), std::string::npos);
  host.web.requests.clear();
  host.web.forget(kGcsVersion);
  host.web.answer(kGcsVersion, 200);
  sdk::Object object{"version", "1.2.4\n", "text/plain; charset=utf-8", "max-age=60"};
  ASSERT_TRUE(run_task(source->put(object)));
  ASSERT_EQ(host.web.requests.size(), 2U);
  EXPECT_NE(host.web.requests.at(0).body.find("devstorage.read_write&"), std::string::npos);
  const auto& put = host.web.requests.at(1);
  EXPECT_EQ(put.method + " " + put.url, "PUT " + kGcsVersion);
  EXPECT_EQ(put.body, "1.2.4\n");
  EXPECT_EQ(put.headers,
            (std::vector<sdk::HttpHeader>{
                {"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "max-age=60"}, {"Authorization", "Bearer t"}}));
}

TEST_F(GcsSource, ARefusedTokenIsRenewedOnce) {
  configure_account();
  host.web.answer(kGcsVersion, 200, "1.2.3");
  host.web.answer(kGcsVersion, 401, "<Error><Code>AuthenticationRequired</Code></Error>");
  host.web.answer(kGcsVersion, 200, "1.2.4");
  host.web.answer(kGcsCritical, 200, "no");
  ASSERT_TRUE(poll());
  host.web.forget(kGcsTokens);
  host.web.answer(kGcsTokens, 200, token_answer("token-two"));
  const auto offer = poll();
  ASSERT_TRUE(offer && *offer);
  EXPECT_EQ(asked(), (Asked{"GET " + kGcsVersion + " as Bearer token-one", "POST " + kGcsTokens,
                            "GET " + kGcsVersion + " as Bearer token-two", "GET " + kGcsCritical + " as Bearer token-two"}));
  host.web.forget(kGcsVersion);
  host.web.answer(kGcsVersion, 401, "<Error><Code>AuthenticationRequired</Code></Error>");
  EXPECT_TRUE(problem().starts_with("denied: " + kGcsVersion)) << problem();
  EXPECT_EQ(asked().size(), 3U) << "once, and no more";
}

TEST_F(GcsSource, AnHmacKeySignsAsForS3) {
  publish();
  host.wall = sdk::parse_rfc3339("2027-01-05T02:00:00Z").value();
  host.contents.insert_or_assign("/hmac", std::string("[Credentials]\ngs_access_key_id = GOOG1EXAMPLE\ngs_secret_access_key = secret\n"));
  configure("credentials = 'hmac'\nhmac_file = '/hmac'\n");
  ASSERT_TRUE(poll());
  const std::string scope = " as AWS4-HMAC-SHA256 Credential=GOOG1EXAMPLE/20270105/auto/s3/aw";
  EXPECT_EQ(asked(), (Asked{"GET " + kGcsVersion + scope, "GET " + kGcsCritical + scope}));
  EXPECT_EQ(sent_header(host.web.requests.at(0), "X-Amz-Date"), "20270105T020000Z");
  configure("credentials = 'hmac'\n");
  EXPECT_EQ(problem(), "invalid: " + kGcsVersion + ": GS_ACCESS_KEY_ID is empty");
  host.variables = {{"GS_ACCESS_KEY_ID", "GOOG1EXAMPLE"}, {"GS_SECRET_ACCESS_KEY", "secret"}};
  EXPECT_EQ(problem(), "");
  configure("credentials = 'hmac'\nhmac_file = '/missing'\n");
  EXPECT_EQ(problem(), "invalid: " + kGcsVersion + ": hmac_file: /missing does not exist");
}

TEST_F(GcsSource, SendsTheEtagBackAndTakes304AsUnchanged) {
  configure("credentials = 'anonymous'\n");
  publish();
  const auto first = poll();
  ASSERT_TRUE(first && *first);
  host.web.forget(kGcsVersion);
  host.web.answer(kGcsVersion, 304);
  EXPECT_EQ(poll(&**first).value(), std::nullopt);
  EXPECT_EQ(sent_header(host.web.requests.at(0), "If-None-Match"), "\"v1\"");
}

TEST_F(GcsSource, TokenAndFilesShareOneDeadline) {
  publish();
  configure_account();
  host.web.on_request = [&] { host.boot += milliseconds(3000); };
  ASSERT_TRUE(poll());
  std::vector<sdk::Millis> left;
  for (const auto& request : host.web.requests) left.push_back(request.timeout);
  EXPECT_EQ(left, (std::vector<sdk::Millis>{seconds(10), seconds(7), seconds(4)}));
}

TEST_F(GcsSource, WhatTheStoreRefusesIsSaidWithItsCode) {
  configure("credentials = 'anonymous'\n");
  const struct {
    int status;
    const char* code;
    std::string begins;
  } cases[] = {{401, "AuthenticationRequired", "denied: "},
               {403, "AccessDenied", "denied: "},
               {404, "NoSuchBucket", "invalid: "},
               {429, "SlowDown", "transient: "},
               {503, "SlowDown", "transient: "},
               {400, "InvalidArgument", "invalid: "},
               {403, "RequestTimeTooSkewed", "denied: "},
               {500, "InternalError", "transient: "}};
  for (const auto& c : cases) {
    host.web.forget(kGcsVersion);
    host.web.answer(kGcsVersion, c.status,
                    "<?xml version='1.0'?><Error><Code>" + std::string(c.code) + "</Code><Message>m</Message></Error>");
    const auto said = problem();
    EXPECT_TRUE(said.starts_with(c.begins + kGcsVersion)) << said;
    EXPECT_NE(said.find(c.code), std::string::npos) << said;
    EXPECT_EQ(asked().size(), 1U) << c.code;
  }
  host.web.forget(kGcsVersion);
  host.web.answer(kGcsVersion, 307, "", {{"location", "https://example.com/"}});
  EXPECT_TRUE(problem().starts_with("invalid: " + kGcsVersion)) << problem();
}

TEST_F(GcsSource, AStoreThatSaysATokenBackIsNotQuoted) {
  configure_account();
  for (const char* where : {"body", "etag"}) {
    host.web.forget(kGcsVersion);
    const bool body = std::string(where) == "body";
    host.web.answer(kGcsVersion, 200, body ? "1.2.3-token-one" : "1.2.3", {{"etag", body ? "" : "\"token-one\""}});
    EXPECT_EQ(problem(), "invalid: " + kGcsVersion + ": the answer repeats a credential") << where;
  }
}

TEST_F(GcsSource, AnotherEndpointAndADomainNamedBucket) {
  configure(
      "credentials = 'anonymous'\nendpoint = 'https://storage.me-central2.rep.googleapis.com'\nca_file = '/ca.pem'\nproxy = ''\ntimeout = "
      "'30s'\n",
      "channels.example.com");
  ASSERT_FALSE(poll());
  EXPECT_EQ(asked(), (Asked{"GET https://storage.me-central2.rep.googleapis.com/channels.example.com/v1/stable/cloud/version"}));
  EXPECT_EQ(host.web.requests.at(0).ca_file, "/ca.pem");
  EXPECT_EQ(host.web.requests.at(0).proxy, "");
  EXPECT_EQ(host.web.requests.at(0).timeout, seconds(30));
}

TEST_F(GcsSource, AuthoritiesOfAnotherEndpointDoNotVouchForGooglesTokens) {
  host.contents.insert_or_assign("/key.json", service_account_file(kGcsTokens));
  host.web.answer(kGcsTokens, 200, token_answer("token-one"));
  const auto trusted = [&](const std::string& more) {
    configure("credentials_file = '/key.json'\nca_file = '/ca.pem'\n" + more);
    EXPECT_FALSE(poll());
    Asked out;
    for (const auto& request : host.web.requests) out.push_back(request.ca_file);
    return out;
  };
  EXPECT_EQ(trusted("endpoint = 'https://storage.example.com'\n"), (Asked{"", "/ca.pem"}));
  EXPECT_EQ(trusted(""), (Asked{"/ca.pem", "/ca.pem"})) << "who sits before all of Google's";
}

TEST(GcsConfig, WhatIsWrongIsSaidWithItsLine) {
  const auto wrong = [](const std::string& text) { return problems(plugins::gcs::kDescriptor, text); };
  const std::string place = "bucket = 'example'\nchannel = 'current'\n";
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrong(place), Lines());
  EXPECT_EQ(wrong("").size(), 2U) << "bucket and channel are required";
  for (const char* bucket : {"my_bucket-1", "a.b.example.com", "abc"})
    EXPECT_EQ(wrong("channel = 'c'\nbucket = '" + std::string(bucket) + "'"), Lines());
  for (const char* bucket : {"ab", "UPPER", "a/b/c", "-ab", "ab-", "gs://abc", "a b c"})
    EXPECT_EQ(wrong("channel = 'c'\nbucket = '" + std::string(bucket) + "'").size(), 1U) << bucket;
  EXPECT_EQ(wrong("channel = 'c'\nbucket = 'a..b'"), (Lines{"2 bucket: must not have two dots together"}));
  EXPECT_EQ(wrong("channel = 'c'\nbucket = '" + std::string(64, 'a') + "'"),
            (Lines{"2 bucket: must have 3 to 63 characters, or up to 222 when it is a domain's name"}));
  EXPECT_EQ(wrong(place + "credentials = 'adc'"), (Lines{"3 credentials: must be chain, metadata, hmac or anonymous"}));
  EXPECT_EQ(wrong(place + "credentials = 'anonymous'\ncredentials_file = '/x'\nhmac_file = '/y'"),
            (Lines{"4 credentials_file: is of no use with credentials = \"anonymous\"",
                   "5 hmac_file: is of no use without credentials = \"hmac\""}));
  EXPECT_EQ(wrong(place + "credentials_file = 'x'\nca_file = ''\ntimeout = '3m'\nproxy = 'p:1'"),
            (Lines{"3 credentials_file: must be an absolute path", "4 ca_file: must be an absolute path",
                   "6 proxy: must begin with http://, https:// or socks5h://, or be empty", "5 timeout: must be from 1s to 2m"}));
  EXPECT_EQ(wrong(place + "endpoint = 'http://storage.googleapis.com'").size(), 1U);
  EXPECT_EQ(wrong(place + "endpoint = 'https://storage.googleapis.com/x'").size(), 1U);
  EXPECT_EQ(wrong(place + "prefix = 'a/../b'").size(), 1U);
}

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// Each place where credentials can be, by itself: what it asks whom, what makes it broken, and when it has nothing to say.
#include <gtest/gtest.h>

#include "source/s3/files_link.h"
#include "source/s3/link.h"
#include "source/s3/metadata_address.h"
#include "support/plugin_host.h"

namespace upkeep::plugins::s3 {
namespace {

using sdk::Errc;
using test::run_task;
using test::sent_header;

class S3Links : public testing::Test {
 protected:
  test::PluginHost host;
  CredentialSettings settings;

  sdk::Result<LinkAnswer> get(std::unique_ptr<Link> link) { return run_task(link->get(host.boot + std::chrono::seconds(10))); }
  // The keys' id, what was not there, or what is wrong.
  std::string said(std::unique_ptr<Link> link) {
    const auto answer = get(std::move(link));
    if (!answer) return std::string(name(answer.error().code)) + ": " + answer.error().message;
    return answer->session ? answer->session->keys.id : "nothing: " + answer->nothing;
  }
};

constexpr const char* kMetadata =
    R"({"AccessKeyId":"ASIAMETA","SecretAccessKey":"secret","Token":"token","Expiration":"2026-11-30T18:00:00Z"})";

TEST_F(S3Links, TheEnvironmentHasAllOrNothing) {
  EXPECT_EQ(said(environment_link(host)), "nothing: AWS_ACCESS_KEY_ID is not set");
  host.variables = {{"AWS_ACCESS_KEY_ID", ""}, {"AWS_SECRET_ACCESS_KEY", ""}};
  EXPECT_EQ(said(environment_link(host)), "nothing: AWS_ACCESS_KEY_ID is not set") << "set to nothing is not set";
  host.variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}};
  EXPECT_EQ(said(environment_link(host)), "invalid: one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set without the other");
  host.variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "se cret"}};
  EXPECT_EQ(said(environment_link(host)), "invalid: the secret access key has a character that belongs in none");
  host.variables["AWS_SECRET_ACCESS_KEY"] = "secret";
  host.variables["AWS_SESSION_TOKEN"] = "token";
  const auto answer = get(environment_link(host));
  ASSERT_TRUE(answer && answer->session);
  EXPECT_EQ(answer->session->keys.id, "AKIAENV");
  EXPECT_EQ(answer->session->keys.session_token, "token");
  EXPECT_EQ(answer->session->expires, std::nullopt);
}

const std::string kSts = "https://sts.eu-west-1.amazonaws.com/";
constexpr const char* kStsAnswer =
    "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAWEB</AccessKeyId>"
    "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2026-11-30T13:00:00Z</Expiration></Credentials>"
    "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";

TEST_F(S3Links, AWebIdentityIsShownToStsOfTheRegion) {
  settings.region = "eu-west-1";
  settings.ca_file = "/ca.pem";
  settings.proxy = "http://proxy:1";
  EXPECT_EQ(said(web_identity_link(host, settings)), "nothing: AWS_WEB_IDENTITY_TOKEN_FILE is not set");
  host.variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/token"}, {"AWS_ROLE_ARN", "arn:aws:iam::1:role/a b"}};
  EXPECT_EQ(said(web_identity_link(host, settings)), "invalid: /token does not exist");
  host.contents.insert_or_assign("/token", "ey.J+.x\n");
  host.web.answer(kSts, 200, kStsAnswer);
  EXPECT_EQ(said(web_identity_link(host, settings)), "ASIAWEB");
  const auto& request = host.web.requests.back();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fa%20b&RoleSessionName=upkeep&"
            "WebIdentityToken=ey.J%2B.x");
  EXPECT_EQ(sent_header(request, "Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(sent_header(request, "Authorization"), "");
  EXPECT_EQ(request.ca_file, "/ca.pem");
  EXPECT_EQ(request.proxy, "http://proxy:1");
  EXPECT_EQ(request.max_redirects, 0);
  EXPECT_EQ(request.timeout, std::chrono::seconds(5));
}

TEST_F(S3Links, WhoGivesASessionSaysHowFarTheClockIsOff) {
  host.wall = *sdk::parse_rfc3339("2026-11-30T14:00:00Z");
  settings = {.role_arn = "arn", .region = "eu-west-1"};
  host.variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/token"}, {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/c"}};
  host.contents.insert_or_assign("/token", "jwt");
  host.web.answer(kSts, 200, kStsAnswer, {{"date", "Mon, 30 Nov 2026 12:00:00 GMT"}});
  host.web.answer("http://127.0.0.1:1/c", 200, kMetadata, {{"date", "Mon, 30 Nov 2026 12:00:00 GMT"}});
  const std::string off = "this host's clock is 2h ahead of the server's, which says 2026-11-30T12:00:00Z";
  EXPECT_EQ(get(web_identity_link(host, settings)).value().clock, off);
  EXPECT_EQ(get(container_link(host)).value().clock, off);
  host.web.forget(kSts);
  host.web.answer(kSts, 200, kStsAnswer);
  EXPECT_EQ(get(web_identity_link(host, settings)).value().clock, "") << "it does not say";
}

TEST_F(S3Links, TheConfigurationsWordsForAWebIdentityComeFirst) {
  host.variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/env"}, {"AWS_ROLE_ARN", "env"}, {"AWS_ROLE_SESSION_NAME", "env"}};
  settings.web_identity_token_file = "/conf";
  settings.role_arn = "conf";
  settings.role_session_name = "host-1";
  settings.sts_endpoint = "https://minio:9000";
  host.contents.insert_or_assign("/conf", "jwt");
  host.web.answer("https://minio:9000/", 200, kStsAnswer);
  EXPECT_EQ(said(web_identity_link(host, settings)), "ASIAWEB");
  EXPECT_NE(host.web.requests.back().body.find("&RoleArn=conf&RoleSessionName=host-1&WebIdentityToken=jwt"), std::string::npos);
}

TEST_F(S3Links, ARoleIsNeededWhereAmazonIsAsked) {
  host.variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/token"}};
  host.contents.insert_or_assign("/token", "jwt");
  EXPECT_EQ(said(web_identity_link(host, settings)), "invalid: no role is named: neither role_arn nor AWS_ROLE_ARN");
  settings.sts_endpoint = "https://minio:9000";
  host.web.answer("https://minio:9000/", 200, kStsAnswer);
  EXPECT_EQ(said(web_identity_link(host, settings)), "ASIAWEB");
  EXPECT_EQ(host.web.requests.back().body.find("RoleArn"), std::string::npos);
}

TEST_F(S3Links, WhatStsRefusesIsSaidByItsCode) {
  settings.region = "eu-west-1";
  settings.role_arn = "arn";
  settings.web_identity_token_file = "/token";
  host.contents.insert_or_assign("/token", "jwt");
  const auto with = [&](int status, const std::string& code) {
    host.web.forget(kSts);
    host.web.answer(kSts, status,
                    "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>jwt</Message></Error></ErrorResponse>");
    return said(web_identity_link(host, settings));
  };
  const std::string place = kSts + ": the server answered with status ";
  EXPECT_EQ(with(400, "ExpiredTokenException"), "denied: " + place + "400, ExpiredTokenException");
  EXPECT_EQ(with(403, "AccessDenied"), "denied: " + place + "403, AccessDenied");
  EXPECT_EQ(with(400, "IDPCommunicationError"), "transient: " + place + "400, IDPCommunicationError");
  EXPECT_EQ(with(503, "Throttling"), "transient: " + place + "503, Throttling");
  host.web.forget(kSts);
  host.web.answer(kSts, 200, "<html/>");
  EXPECT_EQ(said(web_identity_link(host, settings)), "internal: " + kSts + ": the answer has no credentials");
  host.web.forget(kSts);
  host.web.fail(kSts, Errc::transient, kSts + ": strange header ey.of.the.pod");
  host.contents.insert_or_assign("/token", "ey.of.the.pod");
  EXPECT_EQ(said(web_identity_link(host, settings)), "invalid: " + kSts + ": the answer repeats a credential");
  host.web.forget(kSts);
  host.web.answer(kSts, 403, "<ErrorResponse><Error><Code>eyofthepod</Code></Error></ErrorResponse>");
  host.contents.insert_or_assign("/token", "eyofthepod");
  EXPECT_EQ(said(web_identity_link(host, settings)), "invalid: " + kSts + ": the answer repeats a credential");
  for (const std::string bad : {"", " \n", "a\nb"}) {
    host.contents.insert_or_assign("/token", bad);
    EXPECT_TRUE(said(web_identity_link(host, settings)).starts_with("invalid: /token "));
  }
}

TEST_F(S3Links, TheSharedFilesAreReadInTheirOrder) {
  const std::string nothing = "nothing: no profile \"default\" with keys in ~/.aws, or in the file that AWS_SHARED_CREDENTIALS_FILE names";
  EXPECT_EQ(said(files_link(host, settings)), nothing);
  host.variables["HOME"] = "/home/u";
  EXPECT_EQ(said(files_link(host, settings)), nothing);
  host.contents.insert_or_assign("/home/u/.aws/config", "[default]\naws_access_key_id=AKIACONF\naws_secret_access_key=s\n");
  EXPECT_EQ(said(files_link(host, settings)), "AKIACONF");
  host.contents.insert_or_assign("/home/u/.aws/credentials",
                                 "[default]\naws_access_key_id=AKIAHOME\naws_secret_access_key=s\n"
                                 "[fleet]\naws_access_key_id=AKIAFLEET\naws_secret_access_key=s\n");
  EXPECT_EQ(said(files_link(host, settings)), "AKIAHOME");
  host.variables["AWS_PROFILE"] = "fleet";
  EXPECT_EQ(said(files_link(host, settings)), "AKIAFLEET");
  settings.profile = "default";
  EXPECT_EQ(said(files_link(host, settings)), "AKIAHOME");
  host.variables["AWS_SHARED_CREDENTIALS_FILE"] = "/named";
  EXPECT_EQ(said(files_link(host, settings)), "invalid: /named does not exist") << "what is named must be there";
  settings.credentials_file = "/conf";
  host.contents.insert_or_assign("/conf", "[default]\naws_access_key_id=AKIAOWN\naws_secret_access_key=s\n");
  EXPECT_EQ(said(files_link(host, settings)), "AKIAOWN");
}

TEST_F(S3Links, AProfileThatIsBrokenIsNamed) {
  settings.credentials_file = "/conf";
  host.contents.insert_or_assign("/conf", "[default]\naws_access_key_id=AKIAOWN\n[sso]\nsso_session=x\n");
  EXPECT_EQ(said(files_link(host, settings)),
            "invalid: /conf: profile \"default\": has one of aws_access_key_id and aws_secret_access_key without the other");
  settings.profile = "sso";
  EXPECT_EQ(said(files_link(host, settings)), "unsupported: /conf: profile \"sso\": Upkeep does not do what its sso_session says");
  settings.profile = "none";
  EXPECT_EQ(said(files_link(host, settings)), "invalid: no file has a profile \"none\"");
}

TEST_F(S3Links, TheRegionComesFromTheEnvironmentOrTheProfile) {
  EXPECT_EQ(default_region(host, settings), "");
  host.variables["HOME"] = "/";
  host.contents.insert_or_assign("/.aws/config", "[default]\nregion = eu-west-3\n[profile p]\nregion=evil.example.com/\n");
  EXPECT_EQ(default_region(host, settings), "eu-west-3");
  host.variables["AWS_DEFAULT_REGION"] = "eu-west-2";
  EXPECT_EQ(default_region(host, settings), "eu-west-2");
  host.variables["AWS_REGION"] = "eu-west-1";
  EXPECT_EQ(default_region(host, settings), "eu-west-1");
  host.variables = {{"HOME", "/"}, {"AWS_PROFILE", "p"}, {"AWS_REGION", "evil.example.com/"}};
  EXPECT_EQ(default_region(host, settings), "");
}

TEST_F(S3Links, AContainerAsksTheAddressOfItsEnvironment) {
  EXPECT_EQ(said(container_link(host)), "nothing: AWS_CONTAINER_CREDENTIALS_FULL_URI is not set");
  host.variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials"},
                    {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/token"},
                    {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "not this"}};
  EXPECT_EQ(said(container_link(host)), "invalid: /token does not exist");
  host.contents.insert_or_assign("/token", "Bearer ey.x\n");
  host.web.answer("http://169.254.170.23/v1/credentials", 200, kMetadata);
  EXPECT_EQ(said(container_link(host)), "ASIAMETA");
  const auto& request = host.web.requests.back();
  EXPECT_EQ(sent_header(request, "Authorization"), "Bearer ey.x");
  EXPECT_EQ(request.plain, sdk::PlainHttp::link_local);
  EXPECT_EQ(request.proxy, "");
  EXPECT_EQ(request.max_redirects, 0);
  EXPECT_EQ(request.max_body, 16U * 1024U);

  host.variables = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1"}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic x"}};
  host.web.answer("http://169.254.170.2/v2/credentials/1", 200, kMetadata);
  EXPECT_EQ(said(container_link(host)), "ASIAMETA");
  EXPECT_EQ(sent_header(host.web.requests.back(), "Authorization"), "Basic x");
}

TEST_F(S3Links, ARoleOfOneFileIsNotHiddenByTheKeysOfTheOther) {
  host.variables = {{"HOME", "/home/u"}};
  const std::string keys = "[default]\naws_access_key_id=AKIAHOME\naws_secret_access_key=s\n";
  const auto with = [&](const std::string& credentials, const std::string& config) {
    host.contents.insert_or_assign("/home/u/.aws/credentials", credentials);
    host.contents.insert_or_assign("/home/u/.aws/config", config);
    return said(files_link(host, settings));
  };
  for (const std::string key : {"role_arn", "sso_session", "sso_start_url"}) {
    const std::string after = ": profile \"default\": Upkeep does not do what its " + key + " says";
    EXPECT_EQ(with(keys, "[default]\nsource_profile = base\n" + key + " = x\n"), "unsupported: /home/u/.aws/config" + after);
    EXPECT_EQ(with(keys + key + " = x\n", ""), "unsupported: /home/u/.aws/credentials" + after);
    EXPECT_EQ(with("", keys + key + " = x\n"), "unsupported: /home/u/.aws/config" + after);
  }
  for (const std::string key : {"credential_process", "login_session"}) {
    const std::string after = ": profile \"default\": Upkeep does not do what its " + key + " says";
    EXPECT_EQ(with(keys, "[default]\n" + key + " = x\n"), "AKIAHOME") << "Amazon's tools take the keys of that file first";
    EXPECT_EQ(with("", keys + key + " = x\n"), "unsupported: /home/u/.aws/config" + after) << "but not of this one";
    EXPECT_EQ(with("", "[default]\n" + key + " = x\n"), "unsupported: /home/u/.aws/config" + after);
  }
}

TEST_F(S3Links, AContainersServiceThatFailsIsNamedByItsHostAlone) {
  const std::string url = "http://127.0.0.1:1/v2/credentials/f00dcafef00dcafe?key=secret";
  host.variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer tokenofthepod"}};
  const auto with = [&](int status, const std::string& body) {
    host.web.forget(url);
    host.web.answer(url, status, body);
    return said(container_link(host));
  };
  EXPECT_EQ(with(403, "secret"), "denied: http://127.0.0.1:1: the server answered with status 403");
  EXPECT_EQ(with(500, ""), "transient: http://127.0.0.1:1: the server answered with status 500");
  EXPECT_EQ(with(200, "secret"), "internal: http://127.0.0.1:1: the answer is no JSON object");
  EXPECT_EQ(with(200, R"({"Code":"tokenofthepod"})"), "invalid: http://127.0.0.1:1: the answer repeats a credential");
  EXPECT_EQ(with(200, R"({"Code":"f00dcafef00dcafe"})"), "invalid: http://127.0.0.1:1: the answer repeats a credential");
  const auto failing = [&](const std::string& words) {
    host.web.forget(url);
    host.web.fail(url, Errc::transient, words);
    return said(container_link(host));
  };
  EXPECT_EQ(failing("http://127.0.0.1:1/v2/credentials/f00dcafef00dcafe: nobody: listens"),
            "transient: http://127.0.0.1:1: nobody: listens");
  for (const std::string secret : {"f00dcafef00dcafe", "tokenofthepod"})
    EXPECT_EQ(failing("http://127.0.0.1:1/: strange " + secret), "invalid: http://127.0.0.1:1: the answer repeats a credential");
  EXPECT_EQ(host.web.requests.back().plain, sdk::PlainHttp::loopback);
}

TEST(S3MetadataAddress, PlainHttpStaysOnThisHostAndLink) {
  for (const char* good : {"http://169.254.170.2/a", "http://169.254.170.23/v1?x=1", "http://[fd00:ec2::23]/v1", "http://127.0.0.1:8080/",
                           "http://[::1]/", "http://localhost/x", "https://anywhere.example.com/x"})
    EXPECT_TRUE(container_url(good)) << good;
  EXPECT_EQ(container_url("https://anywhere.example.com/x").value().plain, sdk::PlainHttp::never);
  for (const char* bad :
       {"", "http://example.com/", "http://169.254.169.254/", "http://169.254.170.2.example.com/", "http://127.0.0.1@example.com/",
        "ftp://127.0.0.1/", "http://10.0.0.1/", "http://[fd00:ec2::24]/", "http://127.0.0.1/a b", "http://example.com#@127.0.0.1/"})
    EXPECT_FALSE(container_url(bad)) << bad;
  EXPECT_EQ(container_path("/v2/x").value().url, "http://169.254.170.2/v2/x");
  for (const char* bad : {"", "v2", "@example.com/", "/a b", "/a\n"}) EXPECT_FALSE(container_path(bad)) << bad;
  EXPECT_EQ(instance_base("http://127.0.0.1:1338/").value().url, "http://127.0.0.1:1338");
  EXPECT_EQ(instance_base("http://127.0.0.1:1338/").value().plain, sdk::PlainHttp::loopback);
  EXPECT_EQ(instance_base("http://169.254.169.254").value().plain, sdk::PlainHttp::link_local);
  EXPECT_FALSE(instance_base("169.254.169.254"));
}

}  // namespace
}  // namespace upkeep::plugins::s3

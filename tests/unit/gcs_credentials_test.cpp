// SPDX-License-Identifier: Apache-2.0
// Whose token is shown: Google's default order, each kind of credentials against scripted servers, and every way to fail.

#include <gtest/gtest.h>

#include "sdk/text.h"
#include "source/gcs/credentials.h"
#include "support/gcs_account.h"
#include "support/plugin_host.h"

namespace upkeep::test {
namespace {

using nlohmann::json;
using plugins::gcs::find_token;
using plugins::gcs::Token;
using plugins::gcs::TokenSettings;
using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kOauthUrl = "https://oauth2.googleapis.com/token", kStsUrl = "https://sts.googleapis.com/v1/token";
const std::string kActAsUrl = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@demo:generateAccessToken";
const std::string kTokenAnswer = R"({"access_token":"ya29.good","expires_in":3600,"token_type":"Bearer"})";
const std::vector<sdk::HttpHeader> kGoogleFlavor = {{"metadata-flavor", "Google"}};

class GcsCredentials : public ::testing::Test {
 protected:
  sdk::Result<Token> find(sdk::Millis patience = seconds(10)) {
    host.web.requests.clear();
    return run_task(find_token(host, settings, "SCOPE", host.boot + patience));
  }
  std::string problem() {
    const auto token = find();
    return token ? "" : std::string(sdk::name(token.error().code)) + ": " + token.error().message;
  }
  void put(const std::string& path, const std::string& content) { host.contents.insert_or_assign(path, content); }
  void federate(const std::string& source, bool act_as = false) {
    json file = {{"type", "external_account"}, {"audience", "//iam/pool"}, {"subject_token_type", "urn:jwt"}, {"token_url", kStsUrl}};
    file["credential_source"] = json::parse(source);
    if (act_as) file["service_account_impersonation_url"] = kActAsUrl;
    put("/f.json", file.dump());
    settings.file = "/f.json";
  }
  std::vector<std::string> asked() {
    std::vector<std::string> out;
    for (const auto& request : host.web.requests) out.push_back(request.method + " " + request.url);
    return out;
  }
  const sdk::HttpRequest& request(std::size_t number) { return host.web.requests.at(number); }

  PluginHost host;
  TokenSettings settings;
};

TEST_F(GcsCredentials, TheConfiguredFileComesFirstThenTheEnvironmentsThenGcloudsThenTheMachines) {
  host.web.answer(kMetadataTokens, 200, kTokenAnswer, kGoogleFlavor);
  for (const char* name : {"a", "b", "c", "d"}) {
    put("/" + std::string(name), service_account_file("https://example.com/" + std::string(name)));
    host.web.answer("https://example.com/" + std::string(name), 200, kTokenAnswer);
  }
  const auto who = [&] { return find() && host.web.requests.size() == 1 ? request(0).url : "?"; };
  put("/home/x/.config/gcloud/application_default_credentials.json", service_account_file("https://example.com/c"));
  put("/cloudsdk/application_default_credentials.json", service_account_file("https://example.com/d"));
  settings.file = "/a";
  host.variables = {{"GOOGLE_APPLICATION_CREDENTIALS", "/b"}, {"CLOUDSDK_CONFIG", "/cloudsdk"}, {"HOME", "/home/x"}};
  EXPECT_EQ(who(), "https://example.com/a");
  settings.file = "";
  EXPECT_EQ(who(), "https://example.com/b");
  host.variables["GOOGLE_APPLICATION_CREDENTIALS"] = "";
  EXPECT_EQ(who(), "https://example.com/d");
  host.variables.erase("CLOUDSDK_CONFIG");
  EXPECT_EQ(who(), "https://example.com/c");
  host.variables.clear();
  EXPECT_EQ(who(), kMetadataTokens);
  settings.metadata_only = true;
  settings.file = "/a";
  EXPECT_EQ(who(), kMetadataTokens) << "and nothing else";
}

TEST_F(GcsCredentials, WhatIsConfiguredButBrokenEndsTheSearch) {
  host.web.answer(kMetadataTokens, 200, kTokenAnswer, kGoogleFlavor);
  settings.file = "/missing";
  EXPECT_EQ(problem(), "invalid: credentials_file: /missing does not exist");
  settings.file = "";
  host.variables["GOOGLE_APPLICATION_CREDENTIALS"] = "/missing";
  EXPECT_EQ(problem(), "invalid: GOOGLE_APPLICATION_CREDENTIALS: /missing does not exist");
  host.variables["GOOGLE_APPLICATION_CREDENTIALS"] = "key.json";
  EXPECT_EQ(problem(), "invalid: GOOGLE_APPLICATION_CREDENTIALS must be an absolute path");
  host.variables["GOOGLE_APPLICATION_CREDENTIALS"] = "/missing";
  put("/missing", "{SECRET");
  EXPECT_EQ(problem(), "invalid: GOOGLE_APPLICATION_CREDENTIALS /missing: is no JSON (or no UTF-8)");
  host.variables = {{"HOME", "/h"}};
  host.contents.insert_or_assign("/h/.config/gcloud/application_default_credentials.json",
                                 sdk::fail(sdk::Errc::denied, "permission denied"));
  EXPECT_EQ(problem(), "denied: gcloud's: permission denied");
  EXPECT_TRUE(host.web.requests.empty());
}

TEST_F(GcsCredentials, NothingConfiguredAndNoCloudSaysWhereItLooked) {
  host.web.fail(kMetadataTokens, sdk::Errc::timeout, kMetadataPlace + ": no answer within 3s");
  host.variables["HOME"] = "/var/lib/upkeep";
  EXPECT_EQ(problem(),
            "timeout: there are no credentials (credentials_file, GOOGLE_APPLICATION_CREDENTIALS, "
            "/var/lib/upkeep/.config/gcloud/application_default_credentials.json; a public bucket wants credentials = \"anonymous\"), "
            "and no cloud gives any: metadata server: " +
                kMetadataPlace + ": no answer within 3s");
}

TEST_F(GcsCredentials, AServiceAccountSignsForItsToken) {
  put("/f.json", service_account_file());
  settings = {{"/ca.pem", "http://proxy:1"}, "/f.json"};
  host.web.answer(kOauthUrl, 200, kTokenAnswer);
  const auto token = find();
  ASSERT_TRUE(token);
  EXPECT_EQ(token->text, "ya29.good");
  EXPECT_EQ(token->life, seconds(3600));
  ASSERT_EQ(asked(), (std::vector<std::string>{"POST " + kOauthUrl}));
  EXPECT_EQ(sent_header(request(0), "Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_TRUE(request(0).body.starts_with("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=ey"));
  EXPECT_EQ(request(0).ca_file, "/ca.pem");
  EXPECT_EQ(request(0).proxy, "http://proxy:1");
  EXPECT_EQ(request(0).plain, sdk::PlainHttp::never);
  EXPECT_EQ(request(0).max_redirects, 0);
  EXPECT_EQ(request(0).timeout, seconds(10));
}

TEST_F(GcsCredentials, ATokenServersRefusalIsQuotedButNotWhatWasSent) {
  put("/f.json", service_account_file());
  settings.file = "/f.json";
  const std::string whose = "credentials_file /f.json: token of the service account \"upkeep@demo.iam.gserviceaccount.com\": " + kOauthUrl;
  host.web.answer(kOauthUrl, 400, R"({"error":"invalid_grant","error_description":"Invalid JWT: check iat"})");
  EXPECT_EQ(problem(), "denied: " + whose + ": the server answered with status 400 (invalid_grant: \"Invalid JWT: check iat\")");
  const auto body = request(0).body;
  host.web.forget(kOauthUrl);
  host.web.answer(kOauthUrl, 400, json{{"error", "e"}, {"error_description", body.substr(body.find("ey"))}}.dump());
  EXPECT_EQ(problem(), "invalid: " + whose + ": the server answered with status 400");
  host.web.forget(kOauthUrl);
  host.web.answer(kOauthUrl, 429, "", {{"retry-after", "7"}});
  EXPECT_EQ(problem(), "transient: " + whose + ": the server answered with status 429 and asks to wait 7s");
  EXPECT_EQ(find().error().retry_after, seconds(7));
  host.web.forget(kOauthUrl);
  host.web.answer(kOauthUrl, 302, "", {{"location", "https://example.com"}});
  EXPECT_EQ(problem(), "invalid: " + whose + ": the server answered with status 302");
  host.web.forget(kOauthUrl);
  host.web.answer(kOauthUrl, 200, "{}");
  EXPECT_EQ(problem(),
            "invalid: credentials_file /f.json: token of the service account \"upkeep@demo.iam.gserviceaccount.com\": "
            "the answer's token is empty");
}

TEST_F(GcsCredentials, ALoginIsRenewed) {
  put("/f.json", R"({"type":"authorized_user","client_id":"a b","client_secret":"hush-hush-1","refresh_token":"1//hush-hush-2"})");
  settings.file = "/f.json";
  host.web.answer(kOauthUrl, 200, kTokenAnswer);
  ASSERT_TRUE(find());
  EXPECT_EQ(request(0).body, "grant_type=refresh_token&client_id=a%20b&client_secret=hush-hush-1&refresh_token=1%2F%2Fhush-hush-2");
  for (const char* secret : {"hush-hush-1", "1//hush-hush-2"}) {
    host.web.forget(kOauthUrl);
    host.web.answer(kOauthUrl, 400, json{{"error", "e"}, {"error_description", secret}}.dump());
    EXPECT_EQ(problem(), "invalid: credentials_file /f.json: token of a login: " + kOauthUrl + ": the server answered with status 400");
  }
}

TEST_F(GcsCredentials, AnAnswerThatCannotBeReadGivesNothingAwayEither) {
  put("/f.json", R"({"type":"authorized_user","client_id":"a","client_secret":"hush+hush-1","refresh_token":"1//0123456789abcdefghij"})");
  settings.file = "/f.json";
  const std::string place = "credentials_file /f.json: token of a login: ";
  for (const char* said : {"hush+hush-1", "hush%2Bhush-1", "1//0123456789abcdefghij", "1%2F%2F0123456789abcdefghij", "456789abcdefghij"}) {
    host.web.forget(kOauthUrl);
    host.web.fail(kOauthUrl, sdk::Errc::transient, kOauthUrl + ": unknown encoding " + said);
    EXPECT_EQ(problem(), "invalid: " + place + kOauthUrl + ": the answer repeats a credential") << said;
    host.web.forget(kOauthUrl);
    host.web.answer(kOauthUrl, 400, json{{"error", "e"}, {"error_description", "no: " + std::string(said)}}.dump());
    EXPECT_EQ(problem(), "invalid: " + place + kOauthUrl + ": the server answered with status 400") << said;
  }
  host.web.forget(kOauthUrl);
  host.web.fail(kOauthUrl, sdk::Errc::transient, kOauthUrl + ": connection refused");
  EXPECT_EQ(problem(), "transient: " + place + kOauthUrl + ": connection refused");
}

TEST_F(GcsCredentials, TheMetadataServerIsAskedForTheScope) {
  settings.metadata_only = true;
  const std::string scope = "https://www.googleapis.com/auth/devstorage.read_only";
  host.web.answer(kMetadataPlace + "?scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fdevstorage.read_only", 200, kTokenAnswer,
                  kGoogleFlavor);
  ASSERT_TRUE(run_task(find_token(host, settings, scope, host.boot + seconds(10))));
}

TEST_F(GcsCredentials, TheMetadataServerIsAskedAtItsAddressInPlainText) {
  settings.network.proxy = "http://proxy:1";
  host.web.answer(kMetadataTokens, 200, kTokenAnswer, kGoogleFlavor);
  ASSERT_TRUE(find());
  EXPECT_EQ(sent_header(request(0), "Metadata-Flavor"), "Google");
  EXPECT_EQ(request(0).plain, sdk::PlainHttp::link_local);
  EXPECT_EQ(request(0).proxy, std::nullopt);
  EXPECT_EQ(request(0).max_redirects, 0);
  EXPECT_EQ(request(0).timeout, seconds(3));
  ASSERT_TRUE(find(milliseconds(700)));
  EXPECT_EQ(request(0).timeout, milliseconds(700)) << "within the poll";
  host.variables["GCE_METADATA_HOST"] = "metadata.google.internal";
  ASSERT_TRUE(find()) << "its name stands for its address";
  host.variables["GCE_METADATA_HOST"] = "127.0.0.1:8080";
  host.web.answer("http://127.0.0.1:8080/computeMetadata/v1/instance/service-accounts/default/token?scopes=SCOPE", 200, kTokenAnswer,
                  kGoogleFlavor);
  ASSERT_TRUE(find());
  EXPECT_EQ(request(0).plain, sdk::PlainHttp::loopback);
  host.variables["GCE_METADATA_HOST"] = "example.com/x?";
  EXPECT_EQ(problem(), "invalid: GCE_METADATA_HOST is no host: \"example.com/x?\"");
}

TEST_F(GcsCredentials, WhoeverAnswersLikeAMetadataServerMustSayThatItIsOne) {
  host.web.answer(kMetadataTokens, 200, kTokenAnswer);
  EXPECT_EQ(problem(), "invalid: metadata server 169.254.169.254: whoever answers there is none of Google's");
  host.web.forget(kMetadataTokens);
  host.web.answer(kMetadataTokens, 200, "<html>", kGoogleFlavor);
  EXPECT_EQ(problem(), "invalid: metadata server: the answer: is no JSON (or no UTF-8)");
  host.web.forget(kMetadataTokens);
  EXPECT_EQ(problem(), "denied: metadata server: this machine has no service account");
  host.web.answer(kMetadataTokens, 503);
  EXPECT_EQ(problem(),
            "transient: there are no credentials (credentials_file, GOOGLE_APPLICATION_CREDENTIALS; a public bucket wants "
            "credentials = \"anonymous\"), and no cloud gives any: metadata server: " +
                kMetadataPlace + ": the server answered with status 503");
}

TEST_F(GcsCredentials, AFederationChangesAFilesTokenForGoogles) {
  federate(R"({"file":"/token"})");
  put("/token", "subject.jwt\n");
  host.web.answer(kStsUrl, 200, kTokenAnswer);
  const auto token = find();
  ASSERT_TRUE(token);
  EXPECT_EQ(token->text, "ya29.good");
  ASSERT_EQ(asked(), (std::vector<std::string>{"POST " + kStsUrl}));
  EXPECT_EQ(request(0).body,
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&audience=%2F%2Fiam%2Fpool&scope=SCOPE"
            "&requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&subject_token_type=urn%3Ajwt"
            "&subject_token=subject.jwt");
  put("/token", "next.jwt");
  ASSERT_TRUE(find());
  EXPECT_TRUE(request(0).body.ends_with("&subject_token=next.jwt")) << "read anew each time";
}

TEST_F(GcsCredentials, AFederationThenActsAsAServiceAccount) {
  federate(R"({"file":"/token","format":{"type":"json","subject_token_field_name":"id"}})", true);
  put("/token", R"({"id":"subject.jwt","other":"x"})");
  host.wall = sdk::parse_rfc3339("2027-01-05T02:00:00Z").value();
  host.web.answer(kStsUrl, 200, R"({"access_token":"federated","expires_in":3600})");
  host.web.answer(kActAsUrl, 200, R"({"accessToken":"impersonated","expireTime":"2027-01-05T02:30:00Z"})");
  const auto token = find();
  ASSERT_TRUE(token);
  EXPECT_EQ(token->text, "impersonated");
  EXPECT_EQ(token->life, std::chrono::minutes(30));
  ASSERT_EQ(asked(), (std::vector<std::string>{"POST " + kStsUrl, "POST " + kActAsUrl}));
  EXPECT_NE(request(0).body.find("&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform&"), std::string::npos);
  EXPECT_EQ(sent_header(request(1), "Authorization"), "Bearer federated");
  EXPECT_EQ(json::parse(request(1).body), (json{{"scope", {"SCOPE"}}, {"lifetime", "3600s"}}));
}

TEST_F(GcsCredentials, ASubjectsTokenMayComeFromAnAddress) {
  federate(R"({"url":"http://169.254.169.254/identity?api=1","headers":{"Metadata":"hush-hush"},
               "format":{"type":"json","subject_token_field_name":"access_token"}})");
  const std::string url = "http://169.254.169.254/identity?api=1";
  host.web.answer(url, 200, R"({"access_token":"azure.jwt"})");
  host.web.answer(kStsUrl, 200, kTokenAnswer);
  ASSERT_TRUE(find());
  EXPECT_EQ(asked(), (std::vector<std::string>{"GET " + url, "POST " + kStsUrl}));
  EXPECT_EQ(sent_header(request(0), "Metadata"), "hush-hush");
  EXPECT_EQ(request(0).plain, sdk::PlainHttp::link_local);
  EXPECT_TRUE(request(1).body.ends_with("&subject_token=azure.jwt"));
  host.web.forget(url);
  host.web.answer(url, 400, R"({"error":"e","error_description":"hush-hush"})");
  EXPECT_EQ(problem(),
            "invalid: credentials_file /f.json: subject token: http://169.254.169.254/identity: the server answered with status 400");
}

TEST_F(GcsCredentials, EachStepOfAFederationIsNamedWhenItFails) {
  federate(R"({"file":"/token"})", true);
  const std::string place = "credentials_file /f.json: ";
  EXPECT_EQ(problem(), "invalid: " + place + "subject token from /token: /token does not exist");
  put("/token", "two words");
  EXPECT_EQ(problem(), "invalid: " + place + "subject token from /token: the token has characters other than visible ASCII");
  put("/token", "hush-hush");
  host.web.answer(kStsUrl, 400, R"({"error":"invalid_grant","error_description":"hush-hush is too old"})");
  EXPECT_EQ(problem(), "invalid: " + place + "federated token: " + kStsUrl + ": the server answered with status 400");
  host.web.forget(kStsUrl);
  host.web.answer(kStsUrl, 200, R"({"access_token":"federated"})");
  host.web.answer(kActAsUrl, 403, R"({"error":{"code":403,"status":"PERMISSION_DENIED","message":"may not act as it"}})");
  EXPECT_EQ(problem(), "denied: " + place + "token of the impersonated service account: " + kActAsUrl +
                           ": the server answered with status 403 (PERMISSION_DENIED: \"may not act as it\")");
  host.web.forget(kActAsUrl);
  host.web.answer(kActAsUrl, 200, "{}");
  EXPECT_EQ(problem(), "invalid: " + place + "token of the impersonated service account: the answer's \"expireTime\" is no time");
}

TEST_F(GcsCredentials, AllStepsShareOneDeadline) {
  federate(R"({"file":"/token"})", true);
  put("/token", "subject.jwt");
  host.web.answer(kStsUrl, 200, kTokenAnswer);
  host.web.on_request = [&] { host.boot += seconds(4); };
  EXPECT_EQ(find(seconds(3)).error().message, "credentials_file /f.json: token of the impersonated service account: no time was left");
  EXPECT_EQ(asked(), (std::vector<std::string>{"POST " + kStsUrl}));
}

}  // namespace
}  // namespace upkeep::test

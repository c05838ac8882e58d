// SPDX-License-Identifier: Apache-2.0
// Files of Google credentials in their real form: what is read from them, and what is said when they cannot be used.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "source/gcs/credential_file.h"
#include "source/gcs/hmac_keys.h"
#include "source/gcs/json_fields.h"
#include "source/gcs/token_place.h"
#include "support/gcs_account.h"

namespace upkeep::test {
namespace {

using nlohmann::json;
using plugins::gcs::ExternalAccount;
using plugins::gcs::field;
using plugins::gcs::Fields;
using plugins::gcs::google_place_problem;
using plugins::gcs::parse_credential_file;
using plugins::gcs::parse_fields;
using plugins::gcs::parse_hmac_file;
using plugins::gcs::plain_for;
using plugins::gcs::ServiceAccount;
using plugins::gcs::shown_place;
using plugins::gcs::subject_place_problem;
using plugins::gcs::token_place_problem;
using plugins::gcs::UserAccount;

template <typename T>
T credentials_in(const std::string& text) {
  auto file = parse_credential_file(text);
  if (!file) throw std::runtime_error(file.error().message);
  return std::get<T>(std::move(*file));
}

std::string file_problem(const std::string& text) {
  const auto file = parse_credential_file(text);
  return file ? "" : std::string(sdk::name(file.error().code)) + ": " + file.error().message;
}

const json kFederation = json::parse(R"({
  "type": "external_account",
  "audience": "//iam.googleapis.com/projects/12/locations/global/workloadIdentityPools/fleet/providers/k8s",
  "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
  "token_url": "https://sts.googleapis.com/v1/token",
  "credential_source": {"file": "/var/run/secrets/token", "format": {"type": "text"}}
})");

std::string federation_with(const json& patch) {
  json file = kFederation;
  file.merge_patch(patch);
  return file.dump();
}

TEST(GcsFields, AreTextsAndNumbersByName) {
  const auto fields = parse_fields(R"({"a":"x","b":{"c":7,"d":{"e":"y"}},"l":["no",{"f":"no"}],"t":true,"n":null,"g":-1,"h":1.50})");
  ASSERT_TRUE(fields);
  EXPECT_EQ(*fields, (Fields{{"a", "x"}, {"b.c", "7"}, {"b.d.e", "y"}, {"g", "-1"}, {"h", "1.50"}}));
  EXPECT_EQ(field(*fields, "a"), "x");
  EXPECT_EQ(field(*fields, "b"), "");
}

TEST(GcsFields, WhatIsNoObjectIsRefused) {
  const auto wrong = [](const std::string& text) {
    const auto fields = parse_fields(text);
    return fields ? "" : fields.error().message;
  };
  for (const char* text : {"", "{", "{}x", "{\"a\":\"\xff\"}", "{'a':1}", "{\"a\":01}", "{\"a\"}", "nul", "\xef\xbb\xbf"})
    EXPECT_EQ(wrong(text), "is no JSON (or no UTF-8)") << text;
  for (const char* text : {"[]", "\"a\"", "7", "true", "null", "[{}]", "1.5", "-1"}) EXPECT_EQ(wrong(text), "is no JSON object") << text;
  EXPECT_EQ(wrong(R"({"a":1,"a":2})"), "has a name twice");
  EXPECT_EQ(wrong(R"({"a.b":1,"a":{"b":2}})"), "has a name twice");
  const auto deep = [](int levels) { return R"({"a":)" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}"; };
  EXPECT_EQ(wrong(deep(8)), "");
  EXPECT_EQ(wrong(deep(9)), "has objects or lists deeper than 8");
  EXPECT_EQ(wrong(R"({"a":)" + std::string(60'000, '[')), "has objects or lists deeper than 8");
  EXPECT_EQ(wrong(std::string(65'537, ' ')), "is longer than 65536 bytes");
}

TEST(GcsFields, ALongNameDoesNotMakeAShortTextLarge) {
  const auto wrong = [](std::size_t outer, std::size_t inner) {
    const auto fields = parse_fields(json{{std::string(outer, 'k'), {{std::string(inner, 'm'), "x"}}}}.dump());
    return fields ? "" : fields.error().message;
  };
  EXPECT_EQ(wrong(100, 27), "");
  EXPECT_EQ(wrong(100, 28), "has a name longer than 128 bytes");
  EXPECT_EQ(wrong(129, 1), "has a name longer than 128 bytes");
}

TEST(GcsCredentialFile, AServiceAccount) {
  const auto account = credentials_in<ServiceAccount>(service_account_file());
  EXPECT_EQ(account.email, "upkeep@demo.iam.gserviceaccount.com");
  EXPECT_EQ(account.key_id, "0123abcd");
  EXPECT_EQ(account.private_key, pem_of(rsa_key()));
  EXPECT_EQ(account.token_uri, "https://oauth2.googleapis.com/token");
  EXPECT_EQ(credentials_in<ServiceAccount>(R"({"type":"service_account","client_email":"e","private_key":"k"})").token_uri,
            "https://oauth2.googleapis.com/token");
  EXPECT_EQ(file_problem(R"({"type":"service_account","private_key":"SECRET"})"), "invalid: \"client_email\" is missing");
  EXPECT_EQ(file_problem(R"({"type":"service_account","client_email":"e","private_key":""})"), "invalid: \"private_key\" is missing");
  EXPECT_EQ(
      file_problem(R"({"type":"service_account","client_email":"e","private_key":"SECRET","token_uri":"http://oauth2.googleapis.com"})"),
      "invalid: \"token_uri\" must begin with https://; what plain http brings, anybody on the way can change");
}

TEST(GcsCredentialFile, ALogin) {
  const auto account = credentials_in<UserAccount>(
      R"({"type":"authorized_user","client_id":"i","client_secret":"s","refresh_token":"r","quota_project_id":"p"})");
  EXPECT_EQ(account.client_id + account.client_secret + account.refresh_token, "isr");
  EXPECT_EQ(account.token_uri, "https://oauth2.googleapis.com/token");
  EXPECT_EQ(file_problem(R"({"type":"authorized_user","client_id":"i","client_secret":"s"})"), "invalid: \"refresh_token\" is missing");
}

TEST(GcsCredentialFile, AFederationWithAFile) {
  const auto account = credentials_in<ExternalAccount>(kFederation.dump());
  EXPECT_EQ(account.audience, kFederation["audience"]);
  EXPECT_EQ(account.subject_token_type, "urn:ietf:params:oauth:token-type:jwt");
  EXPECT_EQ(account.token_url, "https://sts.googleapis.com/v1/token");
  EXPECT_EQ(account.file, "/var/run/secrets/token");
  EXPECT_EQ(account.url + account.json_field + account.impersonation_url, "");
  EXPECT_EQ(account.impersonation_life, std::chrono::hours(1));
}

TEST(GcsCredentialFile, AFederationWithAnAddressAndAServiceAccount) {
  const auto account = credentials_in<ExternalAccount>(federation_with(json::parse(R"({
    "credential_source": {"file": null, "url": "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01",
                          "headers": {"Metadata": "True", "X-Other": "y"},
                          "format": {"type": "json", "subject_token_field_name": "access_token"}},
    "service_account_impersonation_url":
      "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/upkeep@demo.iam.gserviceaccount.com:generateAccessToken",
    "service_account_impersonation": {"token_lifetime_seconds": 2800}})")));
  EXPECT_EQ(account.url, "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01");
  EXPECT_EQ(account.headers, (std::vector<sdk::HttpHeader>{{"Metadata", "True"}, {"X-Other", "y"}}));
  EXPECT_EQ(account.json_field, "access_token");
  EXPECT_EQ(account.impersonation_life, std::chrono::seconds(2800));
}

TEST(GcsCredentialFile, WhatIsWrongWithAFederationIsSaid) {
  const auto source = [](const char* text) { return file_problem(federation_with({{"credential_source", json::parse(text)}})); };
  EXPECT_EQ(file_problem(federation_with({{"audience", nullptr}})), "invalid: \"audience\" is missing");
  EXPECT_EQ(file_problem(federation_with({{"subject_token_type", ""}})), "invalid: \"subject_token_type\" is missing");
  EXPECT_EQ(file_problem(federation_with({{"credential_source", nullptr}})), "invalid: \"credential_source\" must have a file or a url");
  EXPECT_EQ(source(R"({"url":"https://example.com/t"})"), "invalid: \"credential_source\" must have a file or a url") << "both";
  EXPECT_EQ(source(R"({"file":"token"})"), "invalid: \"credential_source.file\" must be an absolute path");
  EXPECT_EQ(source(R"({"format":{"type":"json"}})"), "invalid: \"credential_source.format.subject_token_field_name\" is missing");
  EXPECT_EQ(source(R"({"format":{"type":"yaml"}})"), "invalid: \"credential_source.format.type\" must be text or json");
  EXPECT_EQ(file_problem(federation_with({{"token_url", "https://sts.googleapis.com.example.com/v1/token"}})),
            "invalid: \"token_url\" must lead to a host below googleapis.com");
  EXPECT_EQ(file_problem(federation_with({{"service_account_impersonation_url", "https://example.com/x"}})),
            "invalid: \"service_account_impersonation_url\" must lead to a host below googleapis.com");
  for (const char* life : {"599", "43201", "-1", "\"soon\""})
    EXPECT_EQ(file_problem(federation_with({{"service_account_impersonation", {{"token_lifetime_seconds", json::parse(life)}}}})),
              "invalid: \"service_account_impersonation.token_lifetime_seconds\" must be from 600 to 43200");
}

TEST(GcsCredentialFile, WhatCannotBeUsedHereIsRefusedByName) {
  const auto source = [](const char* text) { return file_problem(federation_with({{"credential_source", json::parse(text)}})); };
  EXPECT_EQ(source(R"({"file":null,"executable":{"command":"/bin/SECRET"}})"),
            "unsupported: \"credential_source\" is a program, and Upkeep runs none for its credentials");
  EXPECT_EQ(source(R"({"executable":{"command":"/bin/SECRET"}})"),
            "unsupported: \"credential_source\" is a program, and Upkeep runs none for its credentials")
      << "not even beside a file";
  EXPECT_EQ(source(R"({"file":null,"environment_id":"aws1","url":"http://169.254.169.254/latest"})"),
            "unsupported: \"credential_source\" is an Amazon instance: use Google's metadata server, or a file or url");
  EXPECT_EQ(source(R"({"file":null,"certificate":{"certificate_config_location":"/c"}})"),
            "unsupported: \"credential_source\" is a certificate: use a file or url");
  EXPECT_EQ(file_problem(R"({"type":"impersonated_service_account"})"),
            "unsupported: its type is \"impersonated_service_account\"; can be used: service_account, authorized_user, external_account");
  EXPECT_EQ(file_problem(R"({"client_email":"x"})"), "invalid: \"type\" is missing: is this a file of Google credentials?");
  EXPECT_EQ(file_problem("{"), "invalid: is no JSON (or no UTF-8)");
}

TEST(GcsPlaces, OnlyTlsOrThisHost) {
  for (const char* url : {"https://oauth2.googleapis.com/token", "http://127.0.0.1:8080/token", "http://localhost/t", "http://[::1]:1/t"})
    EXPECT_EQ(token_place_problem(url), "") << url;
  for (const char* url :
       {"http://example.com/t", "http://169.254.169.254/t", "http://127.0.0.1.example.com/t", "http://127.0.0.1@example.com/",
        "ftp://127.0.0.1/t", "https://u:p@example.com/t", "https://example.com/t?q=1", "https://example.com/t#f", "", "x"})
    EXPECT_NE(token_place_problem(url), "") << url;
}

TEST(GcsPlaces, AFederationSendsTokensToGoogleAlone) {
  for (const char* url : {"https://sts.googleapis.com/v1/token", "https://us-east1-sts.googleapis.com:443/v1/token",
                          "https://iamcredentials.eu-west3.rep.googleapis.com/x", "http://127.0.0.1:1/x", "https://localhost:4443/x"})
    EXPECT_EQ(google_place_problem(url), "") << url;
  for (const char* url : {"https://googleapis.com/x", "https://evilgoogleapis.com/x", "https://sts.googleapis.com.example.com/x",
                          "https://example.com/.googleapis.com", "http://sts.googleapis.com/x", "https://sts.googleapis.com@example.com/x"})
    EXPECT_NE(google_place_problem(url), "") << url;
}

TEST(GcsPlaces, ASubjectsTokenMayComeFromAMetadataService) {
  for (const char* url : {"https://example.com/t?audience=x", "http://169.254.169.254/metadata?api-version=1", "http://127.0.0.1:1/t?a=b"})
    EXPECT_EQ(subject_place_problem(url), "") << url;
  for (const char* url : {"http://example.com/t?a", "http://169.254.169.254.example.com/t", "http://169.254.169.254@example.com/t", "?x"})
    EXPECT_NE(subject_place_problem(url), "") << url;
  EXPECT_EQ(plain_for("https://example.com"), sdk::PlainHttp::never);
  EXPECT_EQ(plain_for("http://127.0.0.1:80/x"), sdk::PlainHttp::loopback);
  EXPECT_EQ(plain_for("http://169.254.169.254/x"), sdk::PlainHttp::link_local);
  EXPECT_EQ(plain_for("http://example.com/x"), sdk::PlainHttp::link_local) << "which the daemon's HTTP then refuses";
  EXPECT_EQ(shown_place("https://example.com/t?secret=x"), "https://example.com/t");
}

TEST(GcsHmacFile, IsWhatGsutilWrites) {
  const auto keys = parse_hmac_file("[Credentials]\ngs_access_key_id = GOOG1EABC\ngs_secret_access_key = s3cr/t+x=\n");
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->id, "GOOG1EABC");
  EXPECT_EQ(keys->secret, "s3cr/t+x=");
  EXPECT_EQ(parse_hmac_file("gs_access_key_id=a\n[Other]\ngs_secret_access_key=b")->secret, "b");
  EXPECT_EQ(parse_hmac_file("gs_access_key_id = a").error().message, "gs_secret_access_key is empty");
  EXPECT_EQ(parse_hmac_file("").error().message, "gs_access_key_id is empty");
  EXPECT_EQ(parse_hmac_file("gs_access_key_id = a\ngs_secret_access_key = SEC RET").error().message,
            "gs_secret_access_key has characters other than visible ASCII");
}

}  // namespace
}  // namespace upkeep::test

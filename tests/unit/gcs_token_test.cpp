// SPDX-License-Identifier: Apache-2.0
// What a service account signs, and what is made of the answers of servers of tokens.

#include <gtest/gtest.h>

#include <openssl/ec.h>

#include "source/gcs/jwt.h"
#include "source/gcs/token_answer.h"
#include "support/gcs_account.h"

namespace upkeep::test {
namespace {

using nlohmann::json;
using plugins::gcs::parse_impersonation_answer;
using plugins::gcs::parse_token_answer;
using plugins::gcs::ServiceAccount;
using plugins::gcs::signed_assertion;
using plugins::gcs::token_error;
using std::chrono::seconds;

const sdk::TimePoint kGcsNow = sdk::parse_rfc3339("2027-01-05T02:00:00.900Z").value();

// An independent reading of base64url, by libcrypto.
std::string from_base64url(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string out(text.size() / 4 * 3, '\0');
  const auto* from = reinterpret_cast<const unsigned char*>(text.data());                                               // NOLINT
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), from, static_cast<int>(text.size()));  // NOLINT
  EXPECT_GE(size, 0) << text;
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

bool rsa_verifies(const std::string& text, const std::string& signature) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const auto bytes = [](const std::string& of) { return reinterpret_cast<const unsigned char*>(of.data()); };  // NOLINT
  const bool good = EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, rsa_key()) == 1 &&
                    EVP_DigestVerify(context, bytes(signature), signature.size(), bytes(text), text.size()) == 1;
  EVP_MD_CTX_free(context);
  return good;
}

ServiceAccount account_with(const std::string& private_key) {
  ServiceAccount account;
  account.email = "upkeep@demo.iam.gserviceaccount.com";
  account.key_id = "0123abcd";
  account.private_key = private_key;
  account.token_uri = "https://oauth2.googleapis.com/token";
  return account;
}

TEST(GcsAssertion, IsAWebTokenThatThePublicKeyVerifies) {
  const auto assertion = signed_assertion(account_with(pem_of(rsa_key())), "scope", kGcsNow);
  ASSERT_TRUE(assertion);
  const auto first = assertion->find('.'), last = assertion->rfind('.');
  ASSERT_NE(first, last);
  EXPECT_EQ(assertion->find_first_of("+/=\n"), std::string::npos);
  EXPECT_EQ(json::parse(from_base64url(assertion->substr(0, first))), (json{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "0123abcd"}}));
  EXPECT_EQ(json::parse(from_base64url(assertion->substr(first + 1, last - first - 1))),
            (json{{"iss", "upkeep@demo.iam.gserviceaccount.com"},
                  {"scope", "scope"},
                  {"aud", "https://oauth2.googleapis.com/token"},
                  {"iat", 1799114400},
                  {"exp", 1799118000}}));
  const auto signature = from_base64url(assertion->substr(last + 1));
  EXPECT_TRUE(rsa_verifies(assertion->substr(0, last), signature));
  EXPECT_FALSE(rsa_verifies(assertion->substr(0, last - 1), signature));
}

TEST(GcsAssertion, AKeyThatCannotSignIsRefusedWithoutAskingForAPassphrase) {
  const auto problem = [](const std::string& key) {
    const auto assertion = signed_assertion(account_with(key), "scope", kGcsNow);
    return assertion ? "" : assertion.error().message;
  };
  const std::string no_pem = "\"private_key\" holds no private key in PEM, or one with a passphrase";
  EXPECT_EQ(problem("SECRET"), no_pem);
  EXPECT_EQ(problem("-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----\n"), no_pem);
  testing::internal::CaptureStderr();
  EXPECT_EQ(problem(pem_of(rsa_key(), "SECRET")), no_pem);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "a terminal would be asked";
  const OwnedKey curve(EVP_EC_gen("P-256"));
  EXPECT_EQ(problem(pem_of(curve.get())), "\"private_key\" is no RSA key of at most 8192 bits");
}

std::string answer_problem(const std::string& body) {
  const auto token = parse_token_answer(body);
  return token ? "" : token.error().message;
}

TEST(GcsTokenAnswer, HasATokenAndHowLongItLasts) {
  const auto token = parse_token_answer(R"({"access_token":"ya29.c.b0-_","expires_in":3599,"token_type":"Bearer"})");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->text, "ya29.c.b0-_");
  EXPECT_EQ(token->life, seconds(3599));
  EXPECT_EQ(parse_token_answer(R"({"access_token":"a","expires_in":"86399"})")->life, seconds(86399)) << "as texts, too";
  EXPECT_EQ(parse_token_answer(R"({"access_token":"a"})")->life, seconds(0)) << "good for this once";
  EXPECT_EQ(parse_token_answer(R"({"access_token":"a","expires_in":18446744073709551615})")->life, std::chrono::hours(24));
}

TEST(GcsTokenAnswer, WhatIsWrongIsSaidWithoutTheToken) {
  EXPECT_EQ(answer_problem("<html>"), "the answer: is no JSON (or no UTF-8)");
  EXPECT_EQ(answer_problem("{}"), "the answer's token is empty");
  EXPECT_EQ(answer_problem(R"({"access_token":"SEC RET"})"), "the answer's token has characters other than visible ASCII");
  EXPECT_EQ(answer_problem(R"({"access_token":"SEC\r\nX-A: b"})"), "the answer's token has characters other than visible ASCII");
  EXPECT_EQ(answer_problem(R"({"access_token":")" + std::string(16'385, 'x') + "\"}"), "the answer's token is longer than 16384 bytes");
  EXPECT_EQ(answer_problem(R"({"access_token":"SECRET","token_type":"mac"})"), "the answer's token is no bearer token");
  for (const char* life : {"-1", "1.5", "1e9", "\"soon\"", "18446744073709551616"})
    EXPECT_EQ(answer_problem(std::string(R"({"access_token":"SECRET","expires_in":)") + life + "}"),
              "the answer's \"expires_in\" is no number")
        << life;
}

TEST(GcsTokenAnswer, AnImpersonatedAccountsTokenHasAnEnd) {
  const auto token = parse_impersonation_answer(R"({"accessToken":"a","expireTime":"2027-01-05T03:00:00Z"})", kGcsNow);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->life, seconds(3599));
  EXPECT_EQ(parse_impersonation_answer(R"({"accessToken":"a","expireTime":"2020-01-01T00:00:00Z"})", kGcsNow)->life, seconds(0))
      << "the host's clock is ahead";
  EXPECT_EQ(parse_impersonation_answer(R"({"accessToken":"a","expireTime":"9999-01-01T00:00:00Z"})", kGcsNow)->life,
            std::chrono::hours(24));
  EXPECT_EQ(parse_impersonation_answer(R"({"accessToken":"a"})", kGcsNow).error().message, "the answer's \"expireTime\" is no time");
}

std::string token_error_text(int status, const std::string& body, const std::vector<std::string>& secrets = {}) {
  sdk::HttpResponse response;
  response.status = status;
  response.body = body;
  const auto error = token_error(response, "T", secrets, kGcsNow);
  return std::string(sdk::name(error.code)) + ": " + error.message;
}

TEST(GcsTokenError, SaysTheServersOwnWords) {
  EXPECT_EQ(token_error_text(400, R"({"error":"invalid_grant","error_description":"Invalid JWT Signature."})"),
            "denied: T: the server answered with status 400 (invalid_grant: \"Invalid JWT Signature.\")");
  EXPECT_EQ(token_error_text(401, R"({"error":"unauthorized_client"})"),
            "denied: T: the server answered with status 401 (unauthorized_client)");
  EXPECT_EQ(token_error_text(403, R"({"error":{"code":403,"message":"Permission denied on x","status":"PERMISSION_DENIED"}})"),
            "denied: T: the server answered with status 403 (PERMISSION_DENIED: \"Permission denied on x\")");
  EXPECT_EQ(token_error_text(503, R"({"error":"internal_failure"})"),
            "transient: T: the server answered with status 503 (internal_failure)");
  EXPECT_EQ(token_error_text(400, R"({"error":"e","error_description":")" + std::string(300, 'x') + "\"}"),
            "denied: T: the server answered with status 400 (e: \"" + std::string(200, 'x') + "\"…)");
}

TEST(GcsTokenError, SaysWhenTheClocksAreApart) {
  sdk::HttpResponse response;
  response.status = 400;
  response.body = R"({"error":"invalid_grant"})";
  const auto said = [&](const char* date) {
    response.headers = {{"date", date}};
    return token_error(response, "T", {}, kGcsNow).message;
  };
  const std::string bare = "T: the server answered with status 400 (invalid_grant)";
  EXPECT_EQ(said("Tue, 05 Jan 2027 01:44:00 GMT"),
            bare + "; this host's clock is 16m1s ahead of the server's, which says 2027-01-05T01:44:00Z");
  EXPECT_EQ(said("Tue, 05 Jan 2027 01:59:30 GMT"), bare);
  EXPECT_EQ(said("yesterday"), bare);
}

TEST(GcsTokenError, NeverRepeatsASecretAndNothingThatIsNoCode) {
  const std::string bare = "invalid: T: the server answered with status 400";
  for (const char* body :
       {"", "<html>", "{}", R"({"error":"two words"})", R"({"error":"a\nb"})", R"({"error":{"message":"m"}})",
        R"({"error":"e","error_description":"the assertion hush-hush is wrong"})", R"({"error":"hush-hush"})", R"({"error":"hush_hush"})"})
    EXPECT_EQ(token_error_text(400, body, {"hush-hush", "hush_hush"}), bare) << body;
  EXPECT_EQ(token_error_text(400, R"({"error":")" + std::string(61, 'x') + "\"}"), bare);
  const auto said = [](const std::string& words) {
    return token_error_text(400, json{{"error", "e"}, {"error_description", words}}.dump(), {"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ1cGtl"});
  };
  EXPECT_EQ(said("it begins eyJhbGciOiJSUzI1"), bare) << "and so a piece of it";
  EXPECT_EQ(said("it ends …iJ9.eyJpc3MiOiJ1cGtl."), bare);
  EXPECT_EQ(said("it begins eyJhbGciOiJSUzI"), "denied: T: the server answered with status 400 (e: \"it begins eyJhbGciOiJSUzI\")");
  EXPECT_EQ(said(std::string(184, 'x') + "eyJhbGciOiJSUzI1"), bare);
  EXPECT_EQ(said(std::string(185, 'x') + "eyJhbGciOiJSUzI1"),
            "denied: T: the server answered with status 400 (e: \"" + std::string(185, 'x') + "eyJhbGciOiJSUzI\"…)")
      << "what is not shown";
}

}  // namespace
}  // namespace upkeep::test

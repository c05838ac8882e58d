// SPDX-License-Identifier: Apache-2.0
// Credentials as metadata services, STS and the shared files write them, and everything that only looks like them.
#include <gtest/gtest.h>

#include "source/s3/session.h"
#include "source/s3/shared_files.h"

namespace upkeep::plugins::s3 {
namespace {

using sdk::Errc;

std::string metadata(const std::string& id, const std::string& secret, const std::string& token, const std::string& expiration) {
  return R"({"Code" : "Success", "LastUpdated" : "2026-11-30T11:00:00Z", "Type" : "AWS-HMAC", "AccessKeyId" : ")" + id +
         R"(", "SecretAccessKey" : ")" + secret + R"(", "Token" : ")" + token + R"(", "Expiration" : ")" + expiration + "\"}";
}

TEST(S3Metadata, ReadsAnAnswer) {
  const auto session = parse_metadata(metadata("ASIAEXAMPLE", "se/cr+et=", "to/ken+=", "2026-11-30T18:00:00Z"));
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(session->keys.id, "ASIAEXAMPLE");
  EXPECT_EQ(session->keys.secret, "se/cr+et=");
  EXPECT_EQ(session->keys.session_token, "to/ken+=");
  EXPECT_EQ(session->expires, *sdk::parse_rfc3339("2026-11-30T18:00:00Z"));
}

TEST(S3Metadata, ARefusalIsSaidByItsCode) {
  const auto refused = parse_metadata(R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot assume the role"})");
  EXPECT_EQ(refused.error().code, Errc::denied);
  EXPECT_EQ(refused.error().message, "the service answers AssumeRoleUnauthorizedAccess");
  EXPECT_EQ(parse_metadata(R"({"Code":"Bearer ey.x"})").error().message, "the service refuses") << "no code, perhaps a token";
}

TEST(S3Metadata, WhatIsNoAnswerIsRefusedWithoutRepeatingIt) {
  const std::string end = "2026-11-30T18:00:00Z";
  struct Case {
    std::string text, message;
  };
  for (const Case& one :
       {Case{"", "the answer is no JSON object"}, Case{"[1]", "the answer is no JSON object"},
        Case{std::string(5000, '['), "the answer is no JSON object"}, Case{"{\"AccessKeyId\":", "the answer is no JSON object"},
        Case{"{}", "the access key id is empty"}, Case{R"({"AccessKeyId":7})", "the access key id is empty"},
        Case{metadata("ID", "", "t", end), "the secret access key is empty"},
        Case{metadata("ID\\r\\nX: y", "s", "t", end), "the access key id has a character that belongs in none"},
        Case{metadata("I/D", "s", "t", end), "the access key id has a character that belongs in none"},
        Case{metadata("ID", "s", "to ken", end), "the session token has a character that belongs in none"},
        Case{metadata("ID", "s", std::string(16 * 1024 + 1, 't'), end), "the session token is longer than 16384 characters"},
        Case{metadata("ID", "s", "t", "soon"), "does not say when the credentials expire"},
        Case{metadata("ID", "s", "t", ""), "does not say when the credentials expire"}}) {
    const auto session = parse_metadata(one.text);
    ASSERT_FALSE(session) << one.message;
    EXPECT_EQ(session.error().message, one.message);
    EXPECT_EQ(session.error().code, Errc::internal);
  }
}

// The shape that Amazon documents for AssumeRoleWithWebIdentity; other servers leave elements out.
std::string sts(const std::string& credentials) {
  return "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <AssumeRoleWithWebIdentityResult>\n"
         "    <SubjectFromWebIdentityToken>system:serviceaccount:a:b</SubjectFromWebIdentityToken>\n    <Credentials>" +
         credentials +
         "</Credentials>\n  </AssumeRoleWithWebIdentityResult>\n  <ResponseMetadata><RequestId>ad4156e9</RequestId></ResponseMetadata>\n"
         "</AssumeRoleWithWebIdentityResponse>\n";
}

TEST(S3Sts, ReadsAnAnswer) {
  const auto session =
      parse_sts(sts("<SessionToken>\n tok&#43;en </SessionToken><SecretAccessKey>secret</SecretAccessKey>"
                    "<Expiration>2026-11-30T13:00:00Z</Expiration><AccessKeyId>ASIAEXAMPLE</AccessKeyId>"));
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(session->keys.id, "ASIAEXAMPLE");
  EXPECT_EQ(session->keys.secret, "secret");
  EXPECT_EQ(session->keys.session_token, "tok+en");
  EXPECT_EQ(session->expires, *sdk::parse_rfc3339("2026-11-30T13:00:00Z"));
}

TEST(S3Sts, WhatIsNoAnswerIsRefused) {
  const std::string whole = "<AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey><Expiration>2026-11-30T13:00:00Z</Expiration>";
  ASSERT_TRUE(parse_sts(sts(whole)));
  const std::string other_root =
      "<Other><AssumeRoleWithWebIdentityResult><Credentials>" + whole + "</Credentials></AssumeRoleWithWebIdentityResult></Other>";
  for (const std::string& text : {std::string(), std::string("<html/>"), sts(""), sts("<AccessKeyId>A</AccessKeyId>"), other_root,
                                  sts("<AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey><Expiration>x</Expiration>")}) {
    const auto session = parse_sts(text);
    ASSERT_FALSE(session) << text;
    EXPECT_EQ(session.error().code, Errc::internal);
  }
}

constexpr std::string_view kCredentials = R"(# comment
[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key=sec/ret+
[ fleet ]
aws_access_key_id = ASIAFLEET
aws_secret_access_key = fleet
aws_session_token = token==
[profile fleet]
aws_access_key_id = NOTTHIS
[twice]
aws_access_key_id = OLD
[twice]
aws_access_key_id = NEW
aws_secret_access_key = new
)";

TEST(S3SharedFiles, FindsAProfile) {
  const auto keys = keys_of(find_profile(kCredentials, "default", false).value()).value().value();
  EXPECT_EQ(keys.id, "AKIADEFAULT");
  EXPECT_EQ(keys.secret, "sec/ret+");
  EXPECT_EQ(keys.session_token, "");
  EXPECT_EQ(keys_of(find_profile(kCredentials, "fleet", false).value()).value()->session_token, "token==");
  EXPECT_EQ(keys_of(find_profile(kCredentials, "twice", false).value()).value()->id, "NEW");
  EXPECT_EQ(find_profile(kCredentials, "Fleet", false), std::nullopt);
  EXPECT_EQ(find_profile("", "default", false), std::nullopt);
}

TEST(S3SharedFiles, InAConfigFileAProfileIsCalledOne) {
  constexpr std::string_view text =
      "[default]\nregion = eu-west-1\n[profile  fleet]\nregion = eu-west-2\ns3 =\n  max_queue = 5\n[other]\nregion = x\n"
      "[profiles]\nregion = y\n";
  EXPECT_EQ(find_profile(text, "default", true)->at("region"), "eu-west-1");
  EXPECT_EQ(find_profile(text, "fleet", true)->at("region"), "eu-west-2");
  EXPECT_EQ(find_profile(text, "other", true), std::nullopt);
  EXPECT_EQ(find_profile(text, "s", true), std::nullopt);
  EXPECT_EQ(keys_of(*find_profile(text, "fleet", true)).value(), std::nullopt) << "without keys, and without anything that would make some";
}

TEST(S3SharedFiles, HalfAKeyIsAnError) {
  const auto error = [](const Profile& profile) { return keys_of(profile).error(); };
  EXPECT_EQ(error({{"aws_access_key_id", "A"}}).message, "has one of aws_access_key_id and aws_secret_access_key without the other");
  EXPECT_EQ(error({{"aws_secret_access_key", "S"}}).code, Errc::invalid);
  EXPECT_EQ(error({{"aws_access_key_id", "A"}, {"aws_secret_access_key", "top secret"}}).message,
            "the secret access key has a character that belongs in none");
}

}  // namespace
}  // namespace upkeep::plugins::s3

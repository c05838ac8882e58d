// SPDX-License-Identifier: Apache-2.0
// What a registry asks for, and where a token may be fetched that it wants.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "shared/oci/challenge.h"

namespace upkeep::test {
namespace {

using oci::Challenge;
using oci::parse_reference;

std::string challenge_in(const std::vector<std::string>& headers) {
  sdk::HttpResponse response;
  for (const auto& value : headers) response.headers.emplace_back("www-authenticate", value);
  const auto out = oci::read_challenge(response);
  const char* kind = out.kind == Challenge::Kind::bearer ? "bearer" : out.kind == Challenge::Kind::basic ? "basic" : "none";
  return std::string(kind) + " " + out.realm + " " + out.service;
}

TEST(OciChallenge, ATokenIsPreferredToAPassword) {
  const std::string bearer = R"(Bearer realm="https://a.example.com/token",service="r.example.com",scope="repository:a:pull,push")";
  EXPECT_EQ(challenge_in({bearer}), "bearer https://a.example.com/token r.example.com");
  EXPECT_EQ(challenge_in({R"(Basic realm="x")", bearer}), "bearer https://a.example.com/token r.example.com");
  EXPECT_EQ(challenge_in({R"(Basic realm="x", )" + bearer}), "bearer https://a.example.com/token r.example.com");
  EXPECT_EQ(challenge_in({bearer + R"(, Basic realm="x")"}), "bearer https://a.example.com/token r.example.com");
  EXPECT_EQ(challenge_in({R"(BASIC realm="x")"}), "basic x ");
  EXPECT_EQ(challenge_in({"bearer  Realm = https , Service= a"}), "bearer https a");
  EXPECT_EQ(challenge_in({R"(Bearer realm="a\"b\\c")"}), "bearer a\"b\\c ");
  EXPECT_EQ(challenge_in({R"(Bearer service="",realm="https://a.example.com/token")"}), "bearer https://a.example.com/token ");
  EXPECT_EQ(challenge_in({"Negotiate abc==, " + bearer}), "bearer https://a.example.com/token r.example.com");
}

TEST(OciChallenge, WhatIsNoneIsNone) {
  for (const char* header : {"", ",", "Negotiate", "Negotiate abc==", "=", "\"", "realm=\"x\"", "Digest realm=\"x\", nonce=\"y\""})
    EXPECT_EQ(challenge_in({header}).substr(0, 4), "none") << header;
  EXPECT_EQ(challenge_in({}), "none  ");
  EXPECT_EQ(challenge_in({"Bearer realm=\"open"}), "bearer  ");
  EXPECT_EQ(challenge_in({"Bearer realm=\"open\\"}), "bearer  ");
  EXPECT_EQ(challenge_in({"Bearer realm="}), "bearer  ");
  EXPECT_EQ(challenge_in({"Bearer realm=\"" + std::string(5000, 'x') + "\""}), "bearer  ") << "it is cut, and has no end then";
}

std::string realm_said(const std::string& image, const std::string& realm, const std::vector<std::string>& token_hosts = {},
                       bool plain = false) {
  const auto problem = oci::realm_problem(realm, parse_reference(image).value(), token_hosts, plain);
  return problem.empty() ? "yes" : problem;
}

TEST(OciRealm, OfTheUsualRegistriesIsTheirOwn) {
  struct Row {
    const char *image, *realm;
  };
  for (const Row& row : {Row{"nginx", "https://auth.docker.io/token"}, Row{"ghcr.io/a/b", "https://ghcr.io/token"},
                         Row{"quay.io/a/b", "https://quay.io/v2/auth"}, Row{"registry.gitlab.com/a/b", "https://gitlab.com/jwt/auth"},
                         Row{"public.ecr.aws/a/b", "https://public.ecr.aws/token/"},
                         Row{"europe-docker.pkg.dev/a/b", "https://europe-docker.pkg.dev/v2/token"},
                         Row{"acme.azurecr.io/a", "https://acme.azurecr.io/oauth2/token"},
                         Row{"registry.digitalocean.com/a/b", "https://api.digitalocean.com/v2/registry/auth"},
                         Row{"registry.cn-hangzhou.aliyuncs.com/a/b", "https://dockerauth.cn-hangzhou.aliyuncs.com/auth"},
                         Row{"registry.example.com/a", "https://gitlab.example.com/jwt/auth"},
                         Row{"gitlab.example.com:5050/a", "https://gitlab.example.com/jwt/auth"},
                         Row{"harbor.example.co.uk/a", "https://harbor.example.co.uk/service/token"},
                         Row{"harbor.example.co.uk/a", "https://login.example.co.uk/service/token"},
                         Row{"r.example.com/a", "https://R.example.com:8443/token?account=x"},
                         Row{"10.0.0.1:5000/a", "https://10.0.0.1:5001/token"}, Row{"[2001:db8::1]:5000/a", "https://[2001:db8::1]/token"}})
    EXPECT_EQ(realm_said(row.image, row.realm), "yes") << row.image << " " << row.realm;
}

TEST(OciRealm, OnAForeignHostIsRefusedAndTheWayOutIsNamed) {
  struct Row {
    const char *image, *realm, *host;
  };
  for (const Row& row :
       {Row{"r.example.com/a", "https://evil.example.net/token", "evil.example.net"},
        Row{"r.example.com/a", "https://evilexample.com/token", "evilexample.com"},
        Row{"r.example.com/a", "https://r.example.com.evil.net/token", "r.example.com.evil.net"},
        Row{"r.example.com/a", "https://com/token", "com"}, Row{"ghcr.io/a", "https://evil.io/token", "evil.io"},
        Row{"ghcr.io/a", "https://io/token", "io"}, Row{"example.co.uk/a", "https://evil.co.uk/token", "evil.co.uk"},
        Row{"example.com.au/a", "https://com.au/", "com.au"}, Row{"nginx", "https://auth.docker.com/token", "auth.docker.com"},
        Row{"10.0.0.1/a", "https://10.0.0.2/token", "10.0.0.2"}, Row{"10.0.0.1/a", "https://0.0.1/token", "0.0.1"},
        Row{"localhost:5000/a", "https://evil.example.net/token", "evil.example.net"}}) {
    const auto registry = parse_reference(row.image)->registry;
    EXPECT_EQ(realm_said(row.image, row.realm),
              "\"" + std::string(row.host) + "\" is no host of " + registry + "; if that is as it should be, name it in token_hosts")
        << row.image;
    EXPECT_EQ(realm_said(row.image, row.realm, {"other.example.net", row.host}), "yes") << row.host;
  }
}

TEST(OciRealm, IsAskedForOverHttps) {
  const auto said = [](const std::string& realm) { return realm_said("r.example.com/a", realm, {"r.example.com", "127.0.0.1"}); };
  EXPECT_EQ(said(""), "its URL is empty");
  EXPECT_EQ(said("http://r.example.com/token"), "its URL must begin with https://; what plain http brings, anybody on the way can change");
  EXPECT_EQ(said("http://127.0.0.1/token"), "its URL must begin with https://; what plain http brings, anybody on the way can change");
  EXPECT_EQ(said("https://user:pw@r.example.com/token"), "its URL must not contain a user or a password");
  for (const char* bad :
       {"ftp://r.example.com/", "r.example.com", "https://", "https:///token", "https://r.example.com:0/", "https://r.example.com/#a",
        "https://r.example.com/a b", "https://r.example.com/?a b", "https://r.example.com/?a\r\nX: y", "https://r.example.com/?a#b",
        "https://r.example.com\\@evil.example.net/", "https://r.example.com/../x"})
    EXPECT_NE(said(bad), "yes") << bad;
}

TEST(OciRealm, MayBeInPlainHttpOnThisHostForARegistryThatIs) {
  EXPECT_EQ(realm_said("127.0.0.1:5000/a", "http://127.0.0.1:5001/token", {}, true), "yes");
  EXPECT_EQ(realm_said("127.0.0.1:5000/a", "https://127.0.0.1:5001/token", {}, true), "yes");
  EXPECT_NE(realm_said("127.0.0.1:5000/a", "http://127.0.0.1:5001/token", {}, false), "yes");
  EXPECT_EQ(realm_said("127.0.0.1:5000/a", "http://r.example.com/token", {"r.example.com"}, true),
            "it is asked for in plain http, and at another host than this one");
}

TEST(OciEncoded, NothingEndsAValueEarly) {
  EXPECT_EQ(oci::encoded("repository:a/b-c_d.e~f:pull"), "repository%3Aa%2Fb-c_d.e~f%3Apull");
  EXPECT_EQ(oci::encoded("a&b=c d\r\n\xff+"), "a%26b%3Dc%20d%0D%0A%FF%2B");
}

}  // namespace
}  // namespace upkeep::test

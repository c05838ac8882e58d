// SPDX-License-Identifier: Apache-2.0
// docker's file of credentials: which entry counts, and what cannot be used.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "sdk/base64.h"
#include "shared/oci/docker_config.h"

namespace upkeep::test {
namespace {

using nlohmann::json;
using oci::parse_reference;

// "user:password", "token …", "nobody", or what is wrong.
std::string login_said(const std::string& image, const std::string& config) {
  const auto out = oci::login_for(parse_reference(image).value(), config);
  if (!out) return std::string(sdk::name(out.error().code)) + ": " + out.error().message;
  if (!*out) return "nobody";
  return (*out)->identity_token.empty() ? (*out)->user + ":" + (*out)->password : "token " + (*out)->identity_token;
}
std::string auths(const json& table) { return json{{"auths", table}}.dump(); }
json entry(const std::string& both) { return {{"auth", sdk::to_base64(both)}}; }

TEST(OciDockerConfig, AnEntryIsFoundInEachSpelling) {
  for (const char* key : {"r.example.com", "https://r.example.com", "https://r.example.com/v1/", "https://r.example.com/v2/",
                          "http://r.example.com/", "R.example.com"})
    EXPECT_EQ(login_said("r.example.com/a/b", auths({{key, entry("me:pass:word")}})), "me:pass:word") << key;
  for (const char* key : {"docker.io", "index.docker.io", "https://index.docker.io/v1/", "registry-1.docker.io"})
    for (const char* image : {"nginx", "docker.io/library/nginx", "index.docker.io/library/nginx"})
      EXPECT_EQ(login_said(image, auths({{key, entry("me:pw")}})), "me:pw") << key << " " << image;
}

TEST(OciDockerConfig, NoOtherRegistrysEntryIsUsed) {
  for (const char* key :
       {"example.com", "r.example.com:5000", "evil-r.example.com", "r.example.com.evil.net", "", "r.example.com@evil.net"})
    EXPECT_EQ(login_said("r.example.com/a", auths({{key, entry("me:pw")}})), "nobody") << key;
  EXPECT_EQ(login_said("r.example.com:5000/a", auths({{"r.example.com", entry("me:pw")}})), "nobody");
  EXPECT_EQ(login_said("r.example.com/a", "{}"), "nobody");
}

TEST(OciDockerConfig, AStarStandsForAnythingWithinAPart) {
  for (const char* key : {"*.example.com", "r.*.com", "*.*.com", "https://*.example.com/v2/", "r*.ex*le.c*m", "*.example.com/a"})
    EXPECT_EQ(login_said("r.example.com/a/b", auths({{key, entry("me:pw")}})), "me:pw") << key;
  for (const char* key :
       {"*", "*.com", "*example.com", "*.example.com:5000", "*.example.com.evil.net", "s*.example.com", "*.example.com/b"})
    EXPECT_EQ(login_said("r.example.com/a/b", auths({{key, entry("me:pw")}})), "nobody") << key;
  EXPECT_EQ(login_said("r.example.com:5000/a", auths({{"*.example.com:5000", entry("me:pw")}})), "me:pw");
  EXPECT_EQ(login_said("r.example.com:5000/a", auths({{"*.example.com", entry("me:pw")}})), "nobody");
  EXPECT_EQ(login_said("r.example.com/a", auths({{"*.example.com", entry("any:pw")}, {"r.example.com", entry("own:pw")}})), "own:pw");
}

TEST(OciDockerConfig, TheLongestPathThatCoversTheRepositoryCounts) {
  const auto config =
      auths({{"r.example.com", entry("all:pw")}, {"r.example.com/team", entry("team:pw")}, {"r.example.com/team/app", entry("app:pw")}});
  EXPECT_EQ(login_said("r.example.com/team/app:1", config), "app:pw");
  EXPECT_EQ(login_said("r.example.com/team/app/x", config), "app:pw");
  EXPECT_EQ(login_said("r.example.com/team/other", config), "team:pw");
  EXPECT_EQ(login_said("r.example.com/teams", config), "all:pw");
  const auto longest_first = auths({{"https://r.example.com/team", entry("team:pw")}, {"r.example.com", entry("all:pw")}});
  EXPECT_EQ(login_said("r.example.com/team/app", longest_first), "team:pw");
}

TEST(OciDockerConfig, EachFormOfAnEntry) {
  const auto said = [](const json& one) { return login_said("r.example.com/a", auths({{"r.example.com", one}})); };
  EXPECT_EQ(said({{"username", "me"}, {"password", "pw"}}), "me:pw");
  EXPECT_EQ(said({{"username", "x"}, {"password", "y"}, {"auth", sdk::to_base64("me:pw")}}), "me:pw");
  EXPECT_EQ(said({{"auth", sdk::to_base64("<token>:")}, {"identitytoken", "abc"}}), "token abc");
  EXPECT_EQ(said({{"identitytoken", "abc"}}), "token abc");
  EXPECT_EQ(said(entry("_json_key:{\n \"type\": 7\n}\n")), "_json_key:{\n \"type\": 7\n}\n") << "Google's passwords are whole files";
  EXPECT_EQ(said(json::object()), "nobody");
  EXPECT_EQ(said({{"email", "me@example.com"}}), "nobody");
}

TEST(OciDockerConfig, WhatCannotBeReadIsSaidWithoutWhatItHolds) {
  const auto said = [](const json& one) { return login_said("r.example.com/a", auths({{"r.example.com", one}})); };
  const std::string of = "invalid: the entry for r.example.com: ", no_auth = of + "\"auth\" is not user:password in base64";
  EXPECT_EQ(said({{"auth", "SECRET!"}}), no_auth);
  EXPECT_EQ(said({{"auth", sdk::to_base64("SECRET")}}), no_auth);
  EXPECT_EQ(said({{"auth", sdk::to_base64(":SECRET")}}), no_auth);
  EXPECT_EQ(said({{"username", "a:b"}, {"password", "SECRET"}}), of + "the user's name has a colon");
  EXPECT_EQ(said({{"username", "me"}}), of + "there is only one of user and password");
  EXPECT_EQ(said({{"password", "SECRET"}}), of + "there is only one of user and password");
  EXPECT_EQ(login_said("r.example.com/a", "SECRET"), "invalid: is no JSON (or no UTF-8)");
  EXPECT_EQ(login_said("r.example.com/a", "[]"), "invalid: is JSON that is no object");
  for (const char* hostile : {R"({"auths":7})", R"({"auths":[1]})", R"({"auths":{"r.example.com":7}})",
                              R"({"auths":{"r.example.com":{"auth":7}}})", R"({"credHelpers":7,"credsStore":7})"})
    EXPECT_EQ(login_said("r.example.com/a", hostile), "nobody") << hostile;
}

TEST(OciDockerConfig, AHelperIsRefusedWithTheWayOut) {
  const std::string way =
      ", and Upkeep runs none. Put user and password under auths (kubectl create secret docker-registry; where they expire, a job renews "
      "the "
      "secret), or set resolve = false and let a signed channel name the images' digests";
  const auto ecr = json{{"credHelpers", {{"1.dkr.ecr.eu-west-1.amazonaws.com", "ecr-login"}}}}.dump();
  EXPECT_EQ(login_said("1.dkr.ecr.eu-west-1.amazonaws.com/a", ecr),
            "unsupported: has the program docker-credential-\"ecr-login\" asked for 1.dkr.ecr.eu-west-1.amazonaws.com" + way);
  EXPECT_EQ(login_said("r.example.com/a", ecr), "nobody");
  // As `docker login` leaves it.
  const auto store = [](const json& table) { return json{{"auths", table}, {"credsStore", "desktop"}}.dump(); };
  EXPECT_EQ(login_said("r.example.com/a", store({{"r.example.com", json::object()}})),
            "unsupported: has the program docker-credential-\"desktop\" asked for r.example.com" + way);
  EXPECT_EQ(login_said("r.example.com/a", store(json::object())), "nobody") << "nobody has logged in there";
  EXPECT_EQ(login_said("r.example.com/a", store({{"r.example.com", entry("me:pw")}})), "me:pw");
}

}  // namespace
}  // namespace upkeep::test

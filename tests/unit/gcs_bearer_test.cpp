// SPDX-License-Identifier: Apache-2.0
// A token between polls: kept, renewed ahead of its end, given up when the store refuses it.

#include <gtest/gtest.h>

#include "source/gcs/bearer.h"
#include "support/gcs_account.h"
#include "support/plugin_host.h"

namespace upkeep::test {
namespace {

using plugins::gcs::BearerAuthorizer;
using std::chrono::minutes;
using std::chrono::seconds;

const std::string kLoginTokens = "https://oauth2.googleapis.com/token";

class GcsBearer : public ::testing::Test {
 protected:
  GcsBearer()
      : bearer(host, plugins::gcs::TokenSettings{{}, "", true}, "SCOPE"), login(host, plugins::gcs::TokenSettings{{}, "/login"}, "SCOPE") {
    host.contents.insert_or_assign("/login",
                                   std::string(R"({"type":"authorized_user","client_id":"i","client_secret":"s","refresh_token":"r"})"));
  }
  // The same for a login, whose tokens come from further away.
  void hand_out_to_login(const std::string& token, int life) {
    host.web.forget(kLoginTokens);
    host.web.answer(kLoginTokens, 200, R"({"access_token":")" + token + R"(","expires_in":)" + std::to_string(life) + "}");
  }
  void hand_out(const std::string& token, int life) {
    host.web.forget(kMetadataTokens);
    host.web.answer(kMetadataTokens, 200, R"({"access_token":")" + token + R"(","expires_in":)" + std::to_string(life) + "}",
                    {{"metadata-flavor", "Google"}});
  }
  void break_down(sdk::Errc code = sdk::Errc::transient) {
    host.web.forget(kMetadataTokens);
    host.web.fail(kMetadataTokens, code, "the metadata server is ill");
  }
  // The token that is shown, or what is wrong.
  std::string shown() { return shown(bearer); }
  std::string shown(BearerAuthorizer& by) {
    const sdk::HttpRequest request("https://storage.googleapis.com/b/k");
    const auto got = run_task(by.authorise(request, "auto", host.boot + seconds(10)));
    if (!got) return got.error().message;
    EXPECT_EQ(got->headers.size(), 1U);
    EXPECT_EQ(got->headers.at(0).first, "Authorization");
    EXPECT_EQ(got->headers.at(0).second, "Bearer " + got->secrets.at(0));
    return got->secrets.at(0);
  }
  std::size_t asked() { return host.web.requests.size(); }

  PluginHost host;
  BearerAuthorizer bearer, login;
};

TEST_F(GcsBearer, TheMachinesTokenIsKeptUntilItsServerHasAnother) {
  hand_out("first", 3600);
  EXPECT_EQ(shown(), "first");
  hand_out("second", 3600);
  host.boot += seconds(3600 - 226);
  EXPECT_EQ(shown(), "first");
  EXPECT_EQ(asked(), 1U);
  host.boot += seconds(1);
  EXPECT_EQ(shown(), "second");
  EXPECT_EQ(asked(), 2U);
}

TEST_F(GcsBearer, AnyOtherIsRenewedBetweenFifteenAndTenMinutesBeforeItsEnd) {
  const struct {
    double chance;
    int ahead;
  } cases[] = {{0.0, 600}, {0.5, 750}, {1.0, 900}};
  for (const auto& c : cases) {
    host.chance = c.chance;
    BearerAuthorizer fresh(host, plugins::gcs::TokenSettings{{}, "/login"}, "SCOPE");
    hand_out_to_login("first", 3600);
    EXPECT_EQ(shown(fresh), "first");
    hand_out_to_login("second", 3600);
    host.boot += seconds(3600 - c.ahead - 1);
    EXPECT_EQ(shown(fresh), "first") << c.chance;
    host.boot += seconds(1);
    EXPECT_EQ(shown(fresh), "second") << c.chance;
  }
}

TEST_F(GcsBearer, ARenewalLeavesThePollMostOfItsTimeWhileTheOldTokenIsGood) {
  hand_out_to_login("old", 3600);
  EXPECT_EQ(shown(login), "old");
  EXPECT_EQ(host.web.requests.back().timeout, seconds(10)) << "without one nothing else can be done with it";
  host.boot += minutes(55);
  host.web.forget(kLoginTokens);
  host.web.fail(kLoginTokens, sdk::Errc::timeout, "no answer");
  host.web.on_request = [&] { host.boot += host.web.requests.back().timeout; };
  const auto before = host.boot;
  EXPECT_EQ(shown(login), "old");
  EXPECT_EQ(asked(), 2U);
  EXPECT_EQ(host.boot - before, std::chrono::milliseconds(3333));
  host.boot += minutes(4) + seconds(30);
  EXPECT_NE(shown(login), "old");
  EXPECT_EQ(host.web.requests.back().timeout, seconds(10)) << "the old one is no good any more";
}

TEST_F(GcsBearer, AShortLivedOneIsRenewedAtHalfItsLifeAndOneWithoutALifeEachTime) {
  hand_out("short", 100);
  EXPECT_EQ(shown(), "short");
  host.boot += seconds(49);
  EXPECT_EQ(shown(), "short");
  EXPECT_EQ(asked(), 1U);
  hand_out("once", 0);
  host.boot += seconds(1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(shown(), "once");
  EXPECT_EQ(asked(), 4U);
}

TEST_F(GcsBearer, WhenItCannotBeRenewedTheOldOneStaysInUseWhileItIsGood) {
  hand_out("old", 3600);
  EXPECT_EQ(shown(), "old");
  break_down();
  host.boot += seconds(3600 - 200);
  EXPECT_EQ(shown(), "old");
  ASSERT_EQ(host.logged.size(), 1U);
  EXPECT_EQ(host.logged[0], "the token for the bucket stays in use for 3m20s: metadata server: the metadata server is ill");
  EXPECT_EQ(shown(), "old");
  EXPECT_EQ(asked(), 2U) << "the next try is a minute later";
  host.boot += minutes(1);
  EXPECT_EQ(shown(), "old");
  EXPECT_EQ(asked(), 3U);
  host.boot += seconds(111);
  EXPECT_EQ(shown(), "metadata server: the metadata server is ill") << "a request would come too late";
}

TEST_F(GcsBearer, WithoutATokenAnErrorIsAnError) {
  break_down();
  EXPECT_EQ(shown(), "metadata server: the metadata server is ill");
  hand_out("now", 3600);
  EXPECT_EQ(shown(), "now");
}

TEST_F(GcsBearer, ARefusedTokenIsGivenUpOnce) {
  EXPECT_FALSE(bearer.refused(true)) << "there is none";
  hand_out("first", 3600);
  EXPECT_EQ(shown(), "first");
  EXPECT_FALSE(bearer.refused(false)) << "a new one may do no more";
  host.boot += minutes(15);
  EXPECT_EQ(shown(), "first");
  EXPECT_TRUE(bearer.refused(false)) << "somebody may have changed who this host is";
  hand_out("second", 3600);
  EXPECT_EQ(shown(), "second");
  EXPECT_TRUE(bearer.refused(true));
  hand_out("third", 3600);
  EXPECT_EQ(shown(), "third");
}

TEST_F(GcsBearer, ATokenThatIsOnlyInDoubtStaysInUseWhenThereIsNoOther) {
  hand_out("first", 3600);
  EXPECT_EQ(shown(), "first");
  host.boot += minutes(15);
  EXPECT_TRUE(bearer.refused(false));
  break_down();
  EXPECT_EQ(shown(), "first");
  EXPECT_EQ(asked(), 2U);
  EXPECT_FALSE(bearer.refused(false)) << "it was doubted once";
  EXPECT_EQ(shown(), "first");
  EXPECT_EQ(asked(), 2U);
  host.boot += minutes(1);
  hand_out("second", 3600);
  EXPECT_EQ(shown(), "second") << "it is tried again";
}

TEST_F(GcsBearer, WhatIsRefusedForOtherReasonsCostsOneTokenALifetime) {
  int given = 0;
  const auto give = [&] { hand_out("token-" + std::to_string(++given), 3600); };
  give();
  for (int poll = 0; poll < 24; ++poll, host.boot += minutes(5)) {  // each is refused a file, as where a missing one is answered with 403
    shown();
    give();
    if (bearer.refused(false)) shown();
  }
  EXPECT_EQ(asked(), 4U) << "in two hours: at once, after 15, 60 and 75 minutes";
}

TEST_F(GcsBearer, ARefusedTokenDoesNotComeBackWhenThereIsNoOther) {
  hand_out("first", 3600);
  EXPECT_EQ(shown(), "first");
  EXPECT_TRUE(bearer.refused(true));
  break_down();
  EXPECT_EQ(shown(), "metadata server: the metadata server is ill");
}

}  // namespace
}  // namespace upkeep::test

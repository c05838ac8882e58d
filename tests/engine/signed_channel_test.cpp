// SPDX-License-Identifier: Apache-2.0
// An agent with trusted keys: what comes into force, what does not and how that is said, and what a signed release makes it do.
#include <gtest/gtest.h>

#include "core/release_document.h"
#include "core/spread.h"
#include "support/rig.h"
#include "support/signer.h"

namespace upkeep::test {
namespace {

using engine::Verb;
using namespace std::chrono_literals;

const Signer kAnna('a'), kBert('b'), kEve('e');

class SignedChannel : public ::testing::Test {
 protected:
  SignedChannel() {
    says.channel = "stable";
    says.release.version = sdk::Version::parse("1.2.3").value();
    says.release.serial = 7;
    says.release.issued = world.now - 1h;
    says.release.expires = world.now + 240h;
    world.version = "9.9.9";  // what the plain files say never counts
    world.signed_offer = [this](int) { return signed_by({&kAnna}); };
  }
  sdk::SignedOffer signed_by(std::initializer_list<const Signer*> signers) const {
    sdk::SignedOffer out{core::write_document(says), {}};
    for (const auto* signer : signers) out.signatures.push_back(signer->sign(out.document));
    return out;
  }
  void say(const std::string& version) {
    says.release.version = sdk::Version::parse(version).value();
    says.release.serial = *says.release.serial + 1;
  }
  // A daemon that finds what an earlier one has left.
  Rig& start() {
    rig_.reset();
    rig_ = std::make_unique<Rig>(world, [](core::AgentSettings& settings) {
      settings.trust.keys = {kAnna.key()};
      settings.trust.channel = "stable";
      settings.policy.downgrade = core::Downgrade::any;
    });
    return *rig_;
  }
  nlohmann::json last_error() { return rig_->status()["source"]["last_error"]; }

  World world;
  core::Document says;

 private:
  std::unique_ptr<Rig> rig_;
};

TEST_F(SignedChannel, IsFollowedAndShown) {
  auto& rig = start();
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; })) << rig.status();
  say("2.3.4");
  says.release.notes_url = "https://example.com/2.3.4";
  says.release.packages = {{"demo_2.3.4-1_amd64.deb", std::string(64, 'a')}};
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; })) << rig.status();
  EXPECT_EQ(world.installed, "2.3.4-1");
  EXPECT_EQ(world.applied_packages, says.release.packages);
  const auto shown = rig.status()["signed"];
  EXPECT_EQ(shown["serial"], 8);
  EXPECT_EQ(shown["by"], nlohmann::json({kAnna.id()}));
  EXPECT_EQ(shown["notes"], "https://example.com/2.3.4");
  EXPECT_EQ(shown["packages"][0]["file"], "demo_2.3.4-1_amd64.deb");
}

TEST_F(SignedChannel, WithoutADocumentThatIsTrustedNothingIsInForce) {
  world.signed_offer = [this](int) { return signed_by({&kEve}); };
  auto& rig = start();
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "not_trusted"; }, 10min)) << rig.status();
  EXPECT_NE(rig.status()["decision"]["text"].get<std::string>().find("key " + kEve.id() + " is not trusted"), std::string::npos);
  EXPECT_EQ(last_error()["code"], "denied");
  EXPECT_TRUE(rig.status()["offered"].is_null());
  EXPECT_TRUE(rig.status()["signed"].is_null());
  world.signed_offer = nullptr;  // a source that knows of no signatures
  rig.ask(Verb::check);
  EXPECT_NE(last_error()["message"].get<std::string>().find("has no signed document"), std::string::npos);
  EXPECT_EQ(world.installed, "1.2.3-1");
}

TEST_F(SignedChannel, WhatDoesNotFitIsReadOnceMoreBecauseTwoFilesAreNotPublishedAtOnce) {
  world.window_open = false;
  auto& rig = start();
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  say("2.3.4");
  const int before = world.polls;
  world.signed_offer = [this, before](int poll) {
    auto out = signed_by({&kAnna});
    if (poll == before + 1) out.signatures = {kAnna.sign("what stood there before")};
    return out;
  };
  ASSERT_TRUE(rig.ask(Verb::check));
  EXPECT_EQ(world.polls, before + 2);
  EXPECT_EQ(rig.status()["offered"]["version"], "2.3.4") << rig.status();
  EXPECT_EQ(std::count_if(rig.events.begin(), rig.events.end(), [](const auto& one) { return one["event"] == "poll_error"; }), 0);
}

TEST_F(SignedChannel, ABadPollChangesNothingButWhatIsSaidOfTheSource) {
  auto& rig = start();
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  const auto good = says;
  const auto refused = [&](const std::string& why) {
    rig.ask(Verb::check);
    const auto error = last_error();
    const bool said = error.is_object() && error["message"].get<std::string>().find(why) != std::string::npos;
    EXPECT_TRUE(said) << why << ": " << error;
    EXPECT_EQ(rig.status()["offered"]["version"], "1.2.3");
    EXPECT_EQ(rig.reason(), "up_to_date");
    says = good;
  };
  say("2.3.4");
  says.channel = "canary";
  refused("that of the channel \"canary\"");
  says.release.serial = 6;
  refused("an old one is served again");
  says.release.version = sdk::Version::parse("2.3.4").value();
  refused("that another document had before");
  say("2.3.4");
  says.release.expires = world.now - 6min;
  says.release.issued = world.now - 1h;
  refused("expired at");
  world.signed_offer = [](int) {
    const std::string bytes = "{\"channel\": ";
    return sdk::SignedOffer{bytes, {kAnna.sign(bytes)}};
  };
  refused("it is no JSON");
}

TEST_F(SignedChannel, AnOldDocumentIsRefusedByTheNextDaemonToo) {
  auto* rig = &start();
  ASSERT_TRUE(rig->until([&] { return rig->reason() == "up_to_date"; }));
  says.release.serial = 6;
  rig = &start();
  rig->ask(Verb::check);
  EXPECT_NE(last_error()["message"].get<std::string>().find("7 was seen before"), std::string::npos) << rig->status();
  EXPECT_EQ(rig->status()["signed"]["serial"], 7) << "the release in force stays";
}

TEST_F(SignedChannel, AReleaseThatExpiresIsInForceNoMoreUntilItIsSignedAgain) {
  says.release.expires = world.now + 2h;
  auto& rig = start();
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "not_trusted"; }, 3h)) << rig.status();
  say("1.2.3");
  says.release.expires = world.now + 24h;
  EXPECT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }, 2h)) << rig.status();
}

TEST_F(SignedChannel, AKeyThatWasAnnouncedCountsAlsoForTheNextDaemon) {
  says.keys = {kBert.key()};
  auto* rig = &start();
  ASSERT_TRUE(rig->until([&] { return rig->reason() == "up_to_date"; }));
  EXPECT_EQ(rig->status()["signed"]["announced_keys"], nlohmann::json({kBert.id()}));
  say("2.3.4");
  says.keys.reset();
  world.signed_offer = [this](int) { return signed_by({&kBert}); };
  rig = &start();
  ASSERT_TRUE(rig->until([&] { return rig->last_result() == "committed"; })) << rig->status();
  EXPECT_EQ(world.wanted_keys, (std::vector<std::string>{kAnna.id(), kBert.id()}));
}

TEST_F(SignedChannel, WhatWasAcceptedUnderOtherKeysIsNotInForce) {
  auto* rig = &start();
  ASSERT_TRUE(rig->until([&] { return rig->reason() == "up_to_date"; }));
  rig->configuration.agents[0].trust.keys = {kBert.key()};
  ASSERT_TRUE(rig->reload());
  rig->ask(Verb::check);
  EXPECT_EQ(rig->reason(), "not_trusted") << rig->status();
  world.signed_offer = [this](int) { return signed_by({&kBert}); };
  rig->ask(Verb::check);
  EXPECT_EQ(rig->reason(), "up_to_date") << rig->status();
}

TEST_F(SignedChannel, ANewKeyDoesNotBringBackAnOldDocument) {
  auto* rig = &start();
  ASSERT_TRUE(rig->until([&] { return rig->reason() == "up_to_date"; }));
  rig->configuration.agents[0].trust.keys = {kAnna.key(), kBert.key()};
  ASSERT_TRUE(rig->reload());
  says.release.serial = 6;
  rig->ask(Verb::check);
  EXPECT_NE(last_error()["message"].get<std::string>().find("7 was seen before"), std::string::npos) << rig->status();
}

TEST_F(SignedChannel, OtherFilesForTheSameVersionStopAnOperationThatHasNotBegunToApply) {
  auto& rig = start();
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  say("2.3.4");
  says.release.packages = {{"demo.deb", std::string(64, 'a')}};
  world.during_prepare = [this] {
    say("2.3.4");
    says.release.packages = {{"demo.deb", std::string(64, 'b')}};
    world.during_prepare = nullptr;
  };
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed"; })) << rig.history();
  EXPECT_NE(rig.history().dump().find("the channel names other files for it now"), std::string::npos);
  EXPECT_EQ(world.applied_packages.at("demo.deb"), std::string(64, 'b'));
}

TEST_F(SignedChannel, AWithdrawnVersionIsLeftAtOnceThoughTheNextOneIsNotDueYet) {
  auto& rig = start();
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  say("2.3.4");
  says.release.not_before = world.now + 10h;
  says.release.withdrawn = {{sdk::Version::parse("1.2.3").value(), sdk::Version::parse("1.2.2").value()}};
  ASSERT_TRUE(rig.until([&] { return world.installed == "1.2.2-1" && rig.reason() == "not_before"; }, 3h)) << rig.status();
  ASSERT_TRUE(rig.until([&] { return world.installed == "2.3.4-1" && rig.reason() == "up_to_date"; }, 24h)) << rig.status();
}

TEST_F(SignedChannel, ARolloutReachesThisHostAtItsPlace) {
  auto& rig = start();
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  say("2.3.4");
  const double place = core::rollout_place("machine", "2.3.4");
  const int below = static_cast<int>(place);
  says.release.rollout = {{world.now - 1h, below}, {world.now + 5h, below + 1}};
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "rollout_share"; }, 10min)) << rig.status();
  const auto shown = rig.status()["signed"]["rollout"];
  EXPECT_EQ(shown["percent"], below);
  EXPECT_FALSE(shown["has_come"]);
  EXPECT_EQ(rig.status()["decision"]["until"], shown["comes"]);
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 6h)) << rig.status();
}

}  // namespace
}  // namespace upkeep::test

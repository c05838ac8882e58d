// SPDX-License-Identifier: Apache-2.0
// Which of several places is asked, and how long its answer is used.
#include <gtest/gtest.h>

#include "source/s3/chain.h"
#include "support/plugin_host.h"

namespace upkeep::plugins::s3 {
namespace {

using sdk::Errc;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using test::run_task;

// Says what the test wants, and counts how often it was asked.
struct Script {
  sdk::Result<LinkAnswer> answer = nothing("nothing here");
  bool outlives = false;
  int asked = 0;
  sdk::BootTime deadline{};  // of the last time
};
class ScriptedLink final : public Link {
 public:
  ScriptedLink(std::string name, Script& script) : name_(std::move(name)), script_(script) {}
  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] bool outlives() const override { return script_.outlives; }
  sdk::Task<sdk::Result<LinkAnswer>> get(sdk::BootTime deadline) override {
    ++script_.asked;
    script_.deadline = deadline;
    co_return script_.answer;
  }

 private:
  std::string name_;
  Script& script_;
};

class S3Chain : public testing::Test {
 protected:
  test::PluginHost host;
  Script first, second;
  std::unique_ptr<Chain> chain;

  S3Chain() {
    host.wall = *sdk::parse_rfc3339("2026-11-30T12:00:00Z");
    std::vector<std::unique_ptr<Link>> all;
    all.push_back(std::make_unique<ScriptedLink>("first", first));
    all.push_back(std::make_unique<ScriptedLink>("second", second));
    chain = std::make_unique<Chain>(host, std::move(all));
  }
  // Keys of this id that last so long from now; nullopt: for ever.
  LinkAnswer keys(const std::string& id, std::optional<sdk::Millis> life) const {
    Session session;
    session.keys = {id, "secret", ""};
    if (life) session.expires = host.wall + *life;
    return found(std::move(session));
  }
  std::string get() {
    const auto answer = run_task(chain->keys(host.boot + seconds(10)));
    return answer ? answer->id : std::string(name(answer.error().code)) + ": " + answer.error().message;
  }
  void pass(sdk::Millis time) {
    host.wall += time;
    host.boot += time;
  }
};

TEST_F(S3Chain, TheFirstThatAnswersCounts) {
  first.answer = keys("A", std::nullopt);
  second.answer = keys("B", std::nullopt);
  EXPECT_EQ(get(), "A");
  EXPECT_EQ(second.asked, 0);
  first.answer = nothing("not set");
  EXPECT_EQ(get(), "B");
}

TEST_F(S3Chain, OneThatIsBrokenEndsIt) {
  first.answer = sdk::fail(Errc::invalid, "half a key");
  second.answer = keys("B", std::nullopt);
  EXPECT_EQ(get(), "invalid: credentials from first: half a key");
  EXPECT_EQ(second.asked, 0);
}

TEST_F(S3Chain, WithoutAnyItSaysWhereItLooked) {
  first.answer = nothing("X is not set");
  EXPECT_EQ(
      get(),
      "denied: there are no credentials (first: X is not set; second: nothing here); a public bucket wants credentials = \"anonymous\"");
}

TEST_F(S3Chain, WhoDoesNotAnswerMayDoSoTheNextTime) {
  second.answer = nothing("no service answers", Errc::timeout);
  EXPECT_TRUE(get().starts_with("timeout: there are no credentials (first: nothing here; second: no service answers); a public"));
  std::vector<std::unique_ptr<Link>> one;
  one.push_back(std::make_unique<ScriptedLink>("second", second));
  chain = std::make_unique<Chain>(host, std::move(one));
  EXPECT_EQ(get(), "timeout: there are no credentials (second: no service answers)") << "whoever names a place wants no other advice";
}

TEST_F(S3Chain, KeysWithoutAnEndAreReadEachTime) {
  first.answer = keys("A", std::nullopt);
  EXPECT_EQ(get(), "A");
  first.answer = keys("B", std::nullopt);
  EXPECT_EQ(get(), "B");
  EXPECT_FALSE(chain->refused(true)) << "there is nothing to give up";
}

TEST_F(S3Chain, TemporaryKeysAreReplacedAheadOfTheirEndByEachHostAtItsOwnTime) {
  for (const double chance : {0.0, 0.5, 0.99}) {
    host.chance = chance;
    chain->refused(true);
    first.answer = keys("A", hours(1));
    EXPECT_EQ(get(), "A");
    first.answer = keys("B", hours(2));
    pass(minutes(60) - minutes(10) - sdk::Millis(static_cast<int>(chance * 300'000)) - seconds(1));
    EXPECT_EQ(get(), "A") << chance;
    pass(seconds(1));
    EXPECT_EQ(get(), "B") << chance;
  }
}

TEST_F(S3Chain, OfAShortLifeHalfIsUsed) {
  first.answer = keys("A", minutes(16));
  EXPECT_EQ(get(), "A");
  pass(minutes(7));
  first.answer = keys("B", minutes(16));
  EXPECT_EQ(get(), "A");
  pass(minutes(1));
  EXPECT_EQ(get(), "B");
}

TEST_F(S3Chain, WhileTheyCannotBeReplacedThoseThatAreGoodStayInUse) {
  first.answer = keys("A", hours(1));
  EXPECT_EQ(get(), "A");
  pass(minutes(50));
  first.answer = sdk::fail(Errc::transient, "STS is down");
  EXPECT_EQ(get(), "A");
  EXPECT_EQ(host.logged, std::vector<std::string>{"credentials are not renewed yet: credentials from first: STS is down"});
  EXPECT_EQ(get(), "A");
  EXPECT_EQ(first.asked, 2) << "not at every request";
  pass(minutes(2));
  EXPECT_EQ(get(), "A");
  EXPECT_EQ(first.asked, 3);
  pass(minutes(8));
  EXPECT_EQ(get(), "transient: credentials from first: STS is down");
  first.answer = keys("B", hours(1));
  EXPECT_EQ(get(), "B");
}

TEST_F(S3Chain, WhatHasExpiredIsNoAnswer) {
  first.answer = keys("A", -seconds(1));
  EXPECT_EQ(get(), "denied: credentials from first expired at 2026-11-30T11:59:59Z");
  first.answer->clock = "this host's clock is 1h ahead";
  EXPECT_EQ(get(), "denied: credentials from first expired at 2026-11-30T11:59:59Z: this host's clock is 1h ahead");
}

TEST_F(S3Chain, StaleKeysOfAnInstanceStayInUse) {
  first.outlives = true;
  first.answer = keys("A", -hours(1));
  EXPECT_EQ(get(), "A");
  pass(minutes(5));
  EXPECT_EQ(get(), "A");
  EXPECT_EQ(first.asked, 1) << "asked again after 5 to 10 minutes";
  pass(minutes(5));
  first.answer = sdk::fail(Errc::timeout, "no answer");
  EXPECT_EQ(get(), "A");
  EXPECT_EQ(first.asked, 2);
  pass(hours(1));
  first.answer = keys("B", hours(6));
  EXPECT_EQ(get(), "B");
}

TEST_F(S3Chain, WhatIsRefusedIsGivenUpWhenThatIsWhy) {
  first.answer = keys("A", hours(1));
  EXPECT_EQ(get(), "A");
  first.answer = keys("B", hours(1));
  EXPECT_TRUE(chain->refused(true));
  EXPECT_EQ(get(), "B");
  EXPECT_TRUE(chain->refused(true));
  first.answer = sdk::fail(Errc::transient, "STS is down");
  EXPECT_EQ(get(), "transient: credentials from first: STS is down") << "they are known to be no good";
}

TEST_F(S3Chain, WhatMayNotDoSomethingIsReplacedOnceWhenItIsNotNew) {
  first.answer = keys("A", hours(12));
  EXPECT_EQ(get(), "A");
  first.answer = keys("B", hours(12));
  EXPECT_FALSE(chain->refused(false)) << "they are new, so they are not why";
  EXPECT_EQ(get(), "A");
  pass(minutes(15));
  EXPECT_TRUE(chain->refused(false));
  EXPECT_EQ(get(), "B");
  for (int poll = 0; poll < 100; ++poll) {
    pass(minutes(5));
    EXPECT_FALSE(chain->refused(false)) << "others did not help, so these are not why";
    EXPECT_EQ(get(), "B");
  }
  EXPECT_EQ(first.asked, 2);
}

TEST_F(S3Chain, WhatMayNotDoSomethingStaysInUseWhenThereAreNoOthers) {
  first.answer = keys("A", hours(12));
  EXPECT_EQ(get(), "A");
  pass(minutes(15));
  first.answer = sdk::fail(Errc::transient, "STS is down");
  EXPECT_TRUE(chain->refused(false));
  EXPECT_EQ(get(), "A");
  for (int poll = 0; poll < 100; ++poll) {
    pass(minutes(5));
    EXPECT_FALSE(chain->refused(false));
    EXPECT_EQ(get(), "A");
  }
  EXPECT_EQ(first.asked, 2) << "until their time comes";
}

TEST_F(S3Chain, RenewalAheadOfTheEndLeavesTimeForThePoll) {
  first.answer = keys("A", hours(1));
  EXPECT_EQ(get(), "A");
  EXPECT_EQ(first.deadline, host.boot + seconds(10)) << "without keys there is nothing else to do";
  pass(minutes(55));
  first.answer = sdk::fail(Errc::timeout, "STS hangs");
  EXPECT_EQ(run_task(chain->keys(host.boot + seconds(3))).value().id, "A");
  EXPECT_EQ(first.deadline, host.boot + seconds(1));
}

TEST(S3LinkNames, AreInTheOrderOfAmazonsTools) {
  test::PluginHost host;
  std::string names;
  for (const auto& link : links(host, "chain", {})) names += link->name() + " ";
  EXPECT_EQ(names, "environment web-identity files container instance ");
  const auto one = links(host, "files", {});
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0]->name(), "files");
}

}  // namespace
}  // namespace upkeep::plugins::s3

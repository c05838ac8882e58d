// SPDX-License-Identifier: Apache-2.0
// When the poller asks which source: at its interval, later after failures, not before the time that a server named, and at
// once when a person wants to know.
#include <gtest/gtest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include "engine/figures.h"
#include "engine/metered_host.h"
#include "engine/poller.h"
#include "support/fake_world.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;

// What the server of one source says, and when it was asked.
struct Server {
  std::string origin;
  std::optional<sdk::Error> error;
  std::vector<sdk::BootTime> asked;
  std::vector<bool> whole;  // whether nothing that was known before was sent
  std::string version = "1.2.3";
};

class ServerSource : public sdk::Source {
 public:
  ServerSource(Server& server, const World& world) : server_(server), world_(world) {}
  sdk::Task<sdk::Result<std::optional<sdk::Offer>>> poll(const sdk::Offer* last, const sdk::Wanted& /*wanted*/) override {
    server_.asked.push_back(world_.boot);
    server_.whole.push_back(last == nullptr);
    if (server_.error) co_return sdk::fail(*server_.error);
    sdk::Offer offer{server_.origin, "", sdk::PlainOffer{server_.version, "no", ""}};
    co_return std::optional<sdk::Offer>(std::move(offer));
  }
  [[nodiscard]] std::string origin() const override { return server_.origin; }

 private:
  Server& server_;
  const World& world_;
};

sdk::Error unavailable(std::optional<std::chrono::seconds> wait) {
  sdk::Error error(sdk::Errc::transient, "503");
  error.retry_after = wait;
  return error;
}

class PollerTest : public ::testing::Test {
 protected:
  engine::Poller& start(sdk::Millis interval = 5min, bool with_fallback = false) {
    std::vector<std::unique_ptr<sdk::Source>> sources;
    sources.push_back(std::make_unique<ServerSource>(first, world));
    if (with_fallback) sources.push_back(std::make_unique<ServerSource>(fallback, world));
    if (poller_) poller_->stop();
    auto host = std::make_unique<engine::MeteredHost>(fake_host(world, clock_, "", nullptr));
    poller_ = std::make_shared<engine::Poller>(std::move(host), std::move(sources), sdk::Wanted(), interval, times_);
    asio::co_spawn(io_, engine::Poller::run(poller_), asio::detached);
    pass(30s);  // at most as long as the first delay
    return *poller_;
  }
  void pass(sdk::Millis time) {
    const auto end = world.boot + time;
    for (settle(); clock_.next() && *clock_.next() <= end; settle()) clock_.advance_to(*clock_.next());
    clock_.advance_to(end);
    settle();
  }
  void spawn(sdk::Task<void> task) { asio::co_spawn(io_, std::move(task), asio::detached); }
  bool check() {
    std::optional<bool> good;
    auto ask = [](engine::Poller& poller, std::optional<bool>& out) -> sdk::Task<void> {
      const auto polled = co_await poller.poll_now();
      out = polled.has_value();
    };
    asio::co_spawn(io_, ask(*poller_, good), asio::detached);
    settle();
    return good.value();
  }

  World world;
  Server first{"https://one.test/stable", {}, {}}, fallback{"https://two.test/stable", {}, {}};

 private:
  void settle() {
    do io_.restart();
    while (io_.poll() > 0);
  }
  FakeClock clock_{world};
  engine::Histogram times_{engine::kNetworkSeconds};
  std::shared_ptr<engine::Poller> poller_;
  asio::io_context io_;
};

TEST_F(PollerTest, AsksAtItsInterval) {
  start();
  pass(1h);
  EXPECT_NEAR(static_cast<double>(first.asked.size()), 13, 2);
}

TEST_F(PollerTest, LeavesAServerAloneForAsLongAsItAskedFor) {
  first.error = unavailable(1h);
  start();
  EXPECT_EQ(first.asked.size(), 1U);
  pass(59min);
  EXPECT_EQ(first.asked.size(), 1U);
  first.error = unavailable(20min);
  pass(2min);
  EXPECT_EQ(first.asked.size(), 2U);
  pass(17min);
  EXPECT_EQ(first.asked.size(), 2U);
  first.error.reset();
  pass(5min);
  EXPECT_EQ(first.asked.size(), 3U);
}

TEST_F(PollerTest, BacksOffByItselfWhenTheServerNamesNoTimeOrNone) {
  for (const std::optional<std::chrono::seconds> wait : {std::optional<std::chrono::seconds>(), std::optional(0s)}) {
    first = {"https://one.test/stable", unavailable(wait), {}};
    start();
    pass(1h);
    EXPECT_GE(first.asked.size(), 5U);
    EXPECT_LE(first.asked.size(), 8U) << "1, 2, 4, … minutes";
  }
}

TEST_F(PollerTest, APersonsCheckAsksAtOnce) {
  first.error = unavailable(1h);
  start();
  pass(1min);
  EXPECT_FALSE(check());
  EXPECT_EQ(first.asked.size(), 2U);
  pass(59min);
  EXPECT_EQ(first.asked.size(), 2U) << "counted from its last answer";
  first.error.reset();
  EXPECT_TRUE(check());
  pass(11min);
  EXPECT_GE(first.asked.size(), 4U) << "a good answer ends the wait";
}

TEST_F(PollerTest, ASecondReadForAnAgentWaitsToo) {
  auto& poller = start(24h);
  first.error = unavailable(1h);
  poller.confirm_soon();
  pass(1min);
  EXPECT_EQ(first.asked.size(), 2U);
  for (int i = 0; i < 50; ++i) {  // an unconfirmed flag asks again after each look
    poller.confirm_soon();
    pass(1min);
  }
  EXPECT_EQ(first.asked.size(), 2U);
}

TEST_F(PollerTest, AFallbackIsAskedMeanwhileAndTheFirstAgainWhenItsTimeHasCome) {
  first.error = unavailable(1h);
  auto& poller = start(5min, true);
  pass(55min);
  EXPECT_EQ(first.asked.size(), 1U);
  EXPECT_GT(fallback.asked.size(), 9U);
  EXPECT_TRUE(poller.latest()->fallback);
  EXPECT_FALSE(poller.failure());
  first.error.reset();
  pass(11min);
  EXPECT_GE(first.asked.size(), 2U);
  EXPECT_FALSE(poller.latest()->fallback);
}

TEST_F(PollerTest, WhenAllAskToWaitTheFirstWhoseTimeHasComeIsAsked) {
  first.error = unavailable(1h);
  fallback.error = unavailable(20min);
  auto& poller = start(5min, true);
  const auto at = poller.failure()->at;
  pass(19min);
  EXPECT_EQ(fallback.asked.size(), 1U);
  EXPECT_EQ(poller.failure()->at, at) << "nobody was asked since";
  pass(2min);
  EXPECT_EQ(fallback.asked.size(), 2U);
  EXPECT_EQ(first.asked.size(), 1U);
}

TEST_F(PollerTest, ReadsWholeOnceMoreWhatNobodyTrusts) {
  auto& poller = start();
  const auto judge = [this](const sdk::Offer&) -> sdk::Result<void> {
    if (first.asked.size() == 1) return sdk::fail(sdk::Errc::denied, "half of it is old");
    return {};
  };
  first.asked.clear();
  first.whole.clear();
  const auto listening = poller.listen({[] {}, judge, {}});
  auto asked = [](engine::Poller& of) -> sdk::Task<void> { (void)co_await of.poll_now(); };
  spawn(asked(poller));
  pass(4900ms);
  EXPECT_EQ(first.asked.size(), 1U);
  pass(200ms);
  ASSERT_EQ(first.asked.size(), 2U);
  EXPECT_EQ(first.whole, (std::vector<bool>{false, true}));
  EXPECT_FALSE(poller.failure());
}

TEST_F(PollerTest, ASourceThatNobodyTrustsHasFailedAndTheNextOneIsAsked) {
  auto& poller = start(5min, true);
  first.version = "6.6.6";
  const auto judge = [](const sdk::Offer& offer) -> sdk::Result<void> {
    if (std::get<sdk::PlainOffer>(offer.body).version == "6.6.6") return sdk::fail(sdk::Errc::denied, "forged");
    return {};
  };
  const auto listening = poller.listen({[] {}, judge, {}});
  pass(6min);
  EXPECT_EQ(poller.latest()->offer.origin, "https://two.test/stable");
  EXPECT_TRUE(poller.latest()->fallback);
  EXPECT_EQ(poller.refused(), "forged");
  fallback.version = "6.6.6";
  pass(6min);
  ASSERT_TRUE(poller.failure());
  EXPECT_TRUE(poller.failure()->not_trusted);
  EXPECT_EQ(poller.failure()->error.message, "forged");
}

TEST_F(PollerTest, OneAgentThatRemembersMoreThanOthersProtectsThem) {
  auto& poller = start();
  const auto refuses = [](const sdk::Offer&) -> sdk::Result<void> { return sdk::fail(sdk::Errc::denied, "an old one"); };
  const auto one = poller.listen({[] {}, {}, {}}), other = poller.listen({[] {}, refuses, {}});
  bool done = false;
  auto ask = [](engine::Poller& of, bool& into) -> sdk::Task<void> {
    (void)co_await of.poll_now();
    into = true;
  };
  spawn(ask(poller, done));
  pass(6s);
  EXPECT_TRUE(done);
  ASSERT_TRUE(poller.failure());
  EXPECT_EQ(poller.failure()->error.message, "an old one");
}

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// Commands that take their time, and the stream of events: clients and server may each go away at any moment.
#include <gtest/gtest.h>

#include "support/control_world.h"

namespace upkeep::control_test {
namespace {

class ControlStream : public World, public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(start()); }

  std::unique_ptr<RawClient> events() {
    auto client = connect();
    client->send("GET /v1/events HTTP/1.1\r\nHost: upkeep\r\n\r\n");
    EXPECT_TRUE(until([&] { return client->received().find("\r\n\r\n") != std::string::npos; })) << "headers come before the first event";
    return client;
  }
  std::unique_ptr<RawClient> begin_run() {
    auto client = connect();
    client->send("POST /v1/agents/web/run HTTP/1.1\r\nHost: upkeep\r\nConnection: close\r\n\r\n");
    const auto before = face.commands.size();
    EXPECT_TRUE(until([&] { return face.commands.size() > before; }));
    return client;
  }
  void settle() {
    for (int i = 0; i < 100; ++i) {
      io.restart();
      io.poll();
    }
  }
};

TEST_F(ControlStream, AnAnswerComesWhenTheCommandIsDoneAndOthersAreServedMeanwhile) {
  face.hold = true;
  const auto client = begin_run();
  EXPECT_EQ(ask("GET", "/v1/version").status, 200);
  EXPECT_EQ(client->received(), "");
  face.release();
  ASSERT_TRUE(until([&] { return client->ended(); }));
  EXPECT_EQ(parse(client->received()).status, 200);
}

TEST_F(ControlStream, AClientThatLeavesDuringItsCommandLeavesNothingBehind) {
  face.hold = true;
  begin_run()->close_now();
  settle();
  face.release();
  settle();
  EXPECT_EQ(ask("GET", "/healthz").status, 200);
}

TEST_F(ControlStream, ACommandOutlivesTheServer) {
  face.hold = true;
  const auto client = begin_run();
  server.reset();
  EXPECT_TRUE(client->ended());
  face.release();
  settle();
  EXPECT_EQ(face.commands.size(), 1u);
}

TEST_F(ControlStream, ACommandThatThrowsIsAnInternalError) {
  face.crash = true;
  const Reply reply = ask("POST", "/v1/agents/web/run");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.message(), "the command failed: a bug");
  EXPECT_NE(log.back().find("a bug"), std::string::npos);
}

TEST_F(ControlStream, EventsAreLinesAsTheyHappen) {
  const auto client = events();
  face.publish({{"event", "phase"}, {"agent", "web"}});
  ASSERT_TRUE(until([&] { return client->received().find("{\"agent\":\"web\",\"event\":\"phase\"}\n") != std::string::npos; }));
  face.publish({{"event", "health"}, {"text", "two\nlines"}});
  ASSERT_TRUE(until([&] { return client->received().find("{\"event\":\"health\",\"text\":\"two\\nlines\"}\n") != std::string::npos; }));
}

TEST_F(ControlStream, AReaderThatGoesAwayIsForgottenAlthoughNothingHappens) {
  const auto client = events();
  EXPECT_EQ(face.sinks.size(), 1u);
  client->close_now();
  EXPECT_TRUE(until([&] { return face.sinks.empty(); }));
}

TEST_F(ControlStream, AReaderThatOnlyStopsSendingGoesOnReading) {
  const auto client = events();
  client->finish_sending();
  settle();
  face.publish({{"event", "health"}});
  EXPECT_TRUE(until([&] { return client->received().find("health") != std::string::npos; }));
}

TEST_F(ControlStream, ASlowReaderIsDroppedWithALastLine) {
  const auto client = events();
  const std::string filler(4096, 'x');
  for (int i = 0; i < 3000; ++i) {  // far more than the socket's buffer and the queue hold
    face.publish({{"event", "progress"}, {"number", i}, {"text", filler}});
    io.restart();
    io.poll();
  }
  ASSERT_TRUE(until([&] { return client->received().find("too_slow") != std::string::npos; }));
  EXPECT_EQ(client->received().find("\"number\":2999"), std::string::npos);
  EXPECT_NE(client->received().find("\"number\":60,"), std::string::npos) << "what waited is still delivered";
  EXPECT_TRUE(until([&] { return client->received().ends_with("\r\n0\r\n\r\n"); })) << "a proper end of the stream";
}

TEST_F(ControlStream, WhatWaitsForAReaderIsBoundedInNumberAndBytes) {
  control::EventQueue many(face);
  for (int i = 0; i < 2000; ++i) face.publish({{"event", "health"}});
  std::string bytes(1 << 20, ' ');
  bytes.resize(many.read(bytes.data(), bytes.size()));
  EXPECT_EQ(std::count(bytes.begin(), bytes.end(), '\n'), 1001) << "a thousand, and the last line";
  EXPECT_NE(bytes.find("too_slow"), std::string::npos);
  EXPECT_TRUE(many.drained());

  control::EventQueue fresh(face);
  for (int i = 0; i < 10; ++i) face.publish({{"text", std::string(100'000, 'x')}});
  bytes.assign(2 << 20, ' ');
  bytes.resize(fresh.read(bytes.data(), bytes.size()));
  EXPECT_EQ(std::count(bytes.begin(), bytes.end(), '\n'), 3) << "two large ones, and the last line";

  control::EventQueue huge(face);
  face.publish({{"text", std::string(300'000, 'x')}});
  bytes.assign(2 << 20, ' ');
  EXPECT_GT(huge.read(bytes.data(), bytes.size()), 300'000u) << "one that is larger than all room is still news";
  EXPECT_FALSE(huge.drained());
}

TEST_F(ControlStream, OneSlowReaderDoesNotHinderTheOthers) {
  const auto slow = events(), quick = events();
  const std::string filler(4096, 'x');
  for (int i = 0; i < 3000; ++i) {
    face.publish({{"event", "progress"}, {"number", i}, {"text", filler}});
    ASSERT_TRUE(until([&] {
      return quick->received().find("\"number\":" + std::to_string(i) + ",", quick->received().size() - 4200) != std::string::npos;
    })) << i;
  }
}

TEST_F(ControlStream, WhatComesWhileTheServerEndsIsNotBegun) {
  face.hold = true;
  const auto run = connect(), news = connect();
  settle();
  run->send("POST /v1/agents/web/run HTTP/1.1\r\nHost: upkeep\r\n\r\n");
  news->send("GET /v1/events HTTP/1.1\r\nHost: upkeep\r\n\r\n");
  server.reset();
  EXPECT_TRUE(run->ended() && news->ended());
  EXPECT_TRUE(face.commands.empty() && face.sinks.empty());
}

TEST_F(ControlStream, TheServersEndEndsTheStreams) {
  const auto client = events();
  face.publish({{"event", "stopping"}});
  server.reset();
  EXPECT_TRUE(client->ended());
  EXPECT_TRUE(face.sinks.empty());
  EXPECT_NE(client->received().find("{\"event\":\"stopping\"}\n"), std::string::npos) << "the last news arrives too";
}

}  // namespace
}  // namespace upkeep::control_test

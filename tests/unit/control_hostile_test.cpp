// SPDX-License-Identifier: Apache-2.0
// Clients that mean harm, or are broken.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pwd.h>

#include "support/control_world.h"

static int names_looked_up = 0;

// In front of the C library's own: counts.
extern "C" int getpwuid_r(uid_t uid, passwd* entry, char* buffer, size_t size, passwd** found) {
  static const auto real = reinterpret_cast<decltype(&getpwuid_r)>(dlsym(RTLD_NEXT, "getpwuid_r"));
  ++names_looked_up;
  return real(uid, entry, buffer, size, found);
}

namespace upkeep::control_test {
namespace {

class ControlHostile : public World, public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(start()); }
  void still_serves() { EXPECT_EQ(ask("GET", "/v1/version").status, 200); }
};

TEST_F(ControlHostile, HalfARequestHoldsNobodyUp) {
  const auto half = connect(), body = connect();
  half->send("GET /v1/agents HT");
  body->send("POST /v1/agents/web/run HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{\"ver");
  still_serves();
  half->close_now();
  body->close_now();
  still_serves();
  EXPECT_TRUE(face.commands.empty());
}

TEST_F(ControlHostile, WhatIsNoHttpIsCutOff) {
  server.reset();
  options.limits.idle_seconds = 1;  // some of it may still become a request, until then
  ASSERT_TRUE(start());
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15), std::string("\0\0\0\0\r\n\r\n", 8),
        std::string("GET /v1/agents HTTP/9.9\r\n\r\n"), std::string("GET\r\n\r\n"), "GET /" + std::string(60'000, 'a'),
        "GET / HTTP/1.1\r\nX: " + std::string(60'000, 'a')}) {
    const auto client = connect();
    client->send(bytes);
    client->finish_sending();
    EXPECT_TRUE(until([&] { return client->ended(); })) << testing::PrintToString(bytes.substr(0, 30));
    EXPECT_EQ(client->received().find(" 200 "), std::string::npos);
  }
  still_serves();
}

TEST_F(ControlHostile, ABodyThatIsTooLongIsRefused) {
  const Reply reply = ask("POST", "/v1/agents/web/suspend", R"({"reason":")" + std::string(70'000, 'x') + "\"}");
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.code(), "too_large");
  EXPECT_TRUE(face.commands.empty());
}

TEST_F(ControlHostile, ABodyInPiecesIsPutTogetherAndOneWithoutLengthIsBoundedToo) {
  const auto client = connect();
  client->send("POST /v1/agents/web/suspend HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const char* piece : {"b\r\n{\"reason\":\"\r\n", "3\r\nabc\r\n", "2\r\n\"}\r\n", "0\r\n\r\n"}) {
    client->send(piece);
    io.restart();
    io.run_for(std::chrono::milliseconds(1));
  }
  ASSERT_TRUE(until([&] { return client->ended(); }));
  EXPECT_EQ(parse(client->received()).status, 200);
  EXPECT_EQ(face.commands.at(0).second.reason, "abc");

  const auto endless = connect();
  endless->send("POST /v1/agents/web/suspend HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 100; ++i) {
    endless->send("400\r\n" + std::string(1024, 'x') + "\r\n");
    io.restart();
    io.poll();
  }
  endless->send("0\r\n\r\n");
  ASSERT_TRUE(until([&] { return endless->ended(); }));
  EXPECT_EQ(parse(endless->received()).code(), "too_large");
}

TEST_F(ControlHostile, ABodyThatNeverEndsIsCutOff) {
  const auto endless = connect();
  endless->send("POST /v1/agents/web/suspend HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n");
  EXPECT_TRUE(until([&] {
    endless->send(std::string(1024, 'x'));
    return endless->ended();
  }));
  still_serves();
}

TEST_F(ControlHostile, TwoHundredIdleConnectionsDoNotHinderAnybody) {
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 200; ++i) {
    idle.push_back(connect());
    io.restart();
    io.poll();
  }
  still_serves();
}

// The server looks at connections one by one, in the order in which they came.
TEST_F(ControlHostile, WhoMayDoNothingHasFewPlacesAndGivesUpTheOldest) {
  peer = control::Peer{54321, 54321, 0, {}};
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 300; ++i) {
    idle.push_back(connect());
    if (i % 2 == 0) idle.back()->send("GET /v1/agents HT");  // half a request is idle too
    io.restart();
    io.poll();
  }
  EXPECT_TRUE(until([&] { return idle[267]->ended(); }));
  EXPECT_FALSE(idle[268]->ended()) << "the last 32 are there";
  EXPECT_EQ(ask("GET", "/v1/agents").status, 403) << "the next one too";
  peer.reset();
  still_serves();
}

TEST_F(ControlHostile, ReadersKeepEachOthersPlacesOnlyWhileTheyUseThem) {
  server.reset();
  options.read_group = "root";
  options.limits = {.connections = 8, .kept_for_changers = 2, .for_strangers = 1};
  ASSERT_TRUE(start());
  peer = control::Peer{54321, 54321, 0, {0}};
  const auto events = connect();
  events->send("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(until([&] { return face.sinks.size() == 1; }));
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 20; ++i) {
    idle.push_back(connect());
    io.restart();
    io.poll();
  }
  EXPECT_EQ(ask("GET", "/v1/agents").status, 200);
  EXPECT_FALSE(events->ended()) << "who reads events is not idle";
  std::vector<std::unique_ptr<RawClient>> streams;
  for (int i = 0; i < 20; ++i) {
    streams.push_back(connect());
    streams.back()->send("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n");
    io.restart();
    io.poll();
  }
  EXPECT_TRUE(until([&] { return streams.back()->ended(); })) << "all places are in use";
  EXPECT_EQ(face.sinks.size(), 6u);
  peer.reset();
  still_serves();
}

TEST_F(ControlHostile, AStrangersBodyIsNotKept) {
  peer = control::Peer{54321, 54321, 0, {}};
  EXPECT_EQ(ask("POST", "/v1/agents/web/suspend", std::string(70'000, 'x')).status, 403);
  const auto endless = connect();
  endless->send("POST /v1/agents HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n");
  EXPECT_TRUE(until([&] {
    endless->send(std::string(1024, 'x'));
    return endless->ended();
  })) << "who goes on and on is cut off";
}

TEST_F(ControlHostile, EscapesInAPathAreNeitherItsEndNorItsParts) {
  for (const char* path : {"/v1/agents%00", "/v1/agents/web%2fhistory", "/v1/agents/web%2F..%2Fhistory", "/v1/agents/%zz",
                           "/v1/agents/web%", "/v1%2fagents", "/v1/agents/%2e%2e", "/v1/agents/web%00/run"}) {
    EXPECT_EQ(ask("GET", path).code(), "not_found") << path;
  }
  EXPECT_EQ(ask("GET", "/v1/agents/%77eb").status, 200) << "an escaped letter is that letter";
  EXPECT_EQ(ask("GET", "/v1/agents?%00=1").status, 400);
}

TEST_F(ControlHostile, AnIdleConnectionIsCutAfterItsTime) {
  server.reset();
  options.limits.idle_seconds = 1;
  ASSERT_TRUE(start());
  const auto command = connect(), events = connect();
  face.hold = true;
  command->send("POST /v1/agents/web/run HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  events->send("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(until([&] { return face.commands.size() == 1 && face.sinks.size() == 1; }));

  const auto idle = connect();
  EXPECT_TRUE(until([&] { return idle->ended(); }));
  EXPECT_FALSE(command->ended()) << "who waits for an answer is not idle";
  EXPECT_FALSE(events->ended()) << "nor is who waits for news";
  face.release();
  EXPECT_TRUE(until([&] { return parse(command->received()).status == 200; }));
}

TEST_F(ControlHostile, ManyRequestsOnOneConnectionAreAnsweredInOrder) {
  const auto client = connect();
  std::string bytes;
  for (int i = 0; i < 50; ++i) bytes += "GET /v1/agents/a" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  client->send(bytes);
  ASSERT_TRUE(until([&] { return client->received().find("no agent a49") != std::string::npos; }));
  EXPECT_LT(client->received().find("no agent a3\""), client->received().find("no agent a30\""));
}

TEST_F(ControlHostile, AStrangersNameIsLookedUpOnceHoweverOftenHeAsks) {
  peer = control::Peer{4321, 1, 1, {}};
  const int before = names_looked_up;
  const std::string first = ask("GET", "/v1/agents").body;
  EXPECT_EQ(names_looked_up, before + 1);
  for (const char* path : {"/v1/agents", "/v1/version", "/metrics", "/x"}) EXPECT_EQ(ask("POST", path).body, first);
  EXPECT_EQ(names_looked_up, before + 1);
  peer->uid = 4322;
  EXPECT_NE(ask("GET", "/v1/agents").body, first);
}

}  // namespace
}  // namespace upkeep::control_test

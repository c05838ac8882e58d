// SPDX-License-Identifier: Apache-2.0
// The API over a real unix socket: addresses, answers, permissions.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/control_world.h"

namespace upkeep::control_test {
namespace {

class ControlServer : public World, public testing::Test {
 protected:
  void SetUp() override {
    const auto started = start();
    ASSERT_TRUE(started) << started.error().message;
  }
  control::Peer stranger{54321, 54321, 0, {}};
};

TEST_F(ControlServer, StatusOfAllAndOfOne) {
  EXPECT_EQ(ask("GET", "/v1/agents").document(), face.document);
  const Reply one = ask("GET", "/v1/agents/web");
  EXPECT_EQ(one.status, 200);
  EXPECT_NE(one.head.find("Content-Type: application/json\r\n"), std::string::npos) << one.head;
  const Reply none = ask("GET", "/v1/agents/db");
  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(none.code(), "not_found");
  EXPECT_EQ(none.message(), "no agent db");
}

TEST_F(ControlServer, HistoryScheduleAndVersion) {
  EXPECT_EQ(ask("GET", "/v1/agents/web/history").document()["operations"][0], "web");
  EXPECT_EQ(ask("GET", "/v1/agents/web/history?operation=20270105T").document()["operations"][0], "web20270105T");
  for (const std::string& bad :
       std::vector<std::string>{"?operation=", "?operation=a&operation=b", "?op=a", "?operation=" + std::string(65, 'a')})
    EXPECT_EQ(ask("GET", "/v1/agents/web/history" + bad).status, 400) << bad;
  EXPECT_EQ(ask("GET", "/v1/history?operation=a").status, 400);
  EXPECT_EQ(ask("GET", "/v1/history").document()["operations"][0], "all of them");
  EXPECT_EQ(ask("GET", "/v1/version").document()["version"], "1.0.0");
  EXPECT_EQ(ask("GET", "/v1/agents/web/schedule?from=2027-02-01T00:00:00Z&until=2027-02-02T00:00:00%2B01:00").status, 200);
  ASSERT_EQ(face.spans.size(), 1u);
  EXPECT_EQ(sdk::rfc3339(face.spans[0].first), "2027-02-01T00:00:00Z");
  EXPECT_EQ(sdk::rfc3339(face.spans[0].second), "2027-02-01T23:00:00Z");
}

TEST_F(ControlServer, ACommandReachesTheEngineWithItsActor) {
  const Reply reply = ask("POST", "/v1/agents/web/suspend", R"({"reason":"freeze","for":"2h"})");
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.document()["done"], true);
  ASSERT_EQ(face.commands.size(), 1u);
  const auto& [agent, command] = face.commands[0];
  EXPECT_EQ(agent, "web");
  EXPECT_EQ(command.verb, engine::Verb::suspend);
  EXPECT_EQ(command.reason, "freeze");
  EXPECT_EQ(command.until, clock.time + std::chrono::hours(2));
  EXPECT_EQ(command.actor.uid, geteuid());
  EXPECT_FALSE(command.actor.name.empty());
}

TEST_F(ControlServer, EveryVerbHasItsAddress) {
  const std::map<std::string, std::string> bodies{{"check", ""},
                                                  {"dry-run", ""},
                                                  {"run", ""},
                                                  {"force", ""},
                                                  {"suspend", R"({"reason":"r"})"},
                                                  {"resume", ""},
                                                  {"pin", R"({"version":"1.0.0"})"},
                                                  {"unpin", ""},
                                                  {"rollback", ""},
                                                  {"unquarantine", R"({"version":"1.0.0"})"},
                                                  {"resolve", R"({"as":"installed"})"},
                                                  {"forget", ""}};
  for (const auto& [verb, body] : bodies) {
    EXPECT_EQ(ask("POST", "/v1/agents/web/" + verb, body).status, 200) << verb;
    EXPECT_EQ(engine::name(face.commands.back().second.verb), verb);
  }
}

TEST_F(ControlServer, ReloadNamesWhoAsked) {
  EXPECT_EQ(ask("POST", "/v1/reload").document()["ok"], true);
  EXPECT_EQ(face.reloads.size(), 1u);
  EXPECT_EQ(ask("POST", "/v1/reload", R"({"now":true})").message(), "unknown field \"now\"");
}

TEST_F(ControlServer, TheEnginesRefusalsKeepTheirCode) {
  const std::map<std::string, int> statuses{{"not_found", 404}, {"in_operation", 409}, {"invalid", 400},
                                            {"refused", 409},   {"unavailable", 503},  {"internal", 500}};
  for (const auto& [code, status] : statuses) {
    face.refuse = engine::Refusal{code, "because"};
    const Reply reply = ask("POST", "/v1/agents/web/run");
    EXPECT_EQ(reply.status, status) << code;
    EXPECT_EQ(reply.code(), code);
    EXPECT_EQ(reply.message(), "because");
  }
}

TEST_F(ControlServer, UnknownAddressesAndWrongMethodsAreSaid) {
  for (const char* path :
       {"/", "/v1", "/v1/", "/v1/agent", "/v1/agents/", "/v1/agents/web/", "/v1/agents/web/dance", "/v1/agents/web/run/now", "/v2/agents",
        "//v1/agents", "/v1/agents/web/dry_run", "/v1/agents/..%2f..%2fetc/check"}) {
    EXPECT_EQ(ask("GET", path).code(), "not_found") << path;
  }
  const Reply reply = ask("GET", "/v1/agents/web/run");
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.code(), "method_not_allowed");
  EXPECT_NE(reply.head.find("Allow: POST\r\n"), std::string::npos) << reply.head;
  EXPECT_EQ(ask("DELETE", "/v1/agents").status, 405);
  EXPECT_TRUE(face.commands.empty());
}

TEST_F(ControlServer, HeadIsGetWithoutTheBody) {
  const Reply get = ask("GET", "/v1/agents"), head = ask("HEAD", "/v1/agents");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  EXPECT_NE(head.head.find("Content-Length: " + std::to_string(get.body.size()) + "\r\n"), std::string::npos) << head.head;
  EXPECT_EQ(ask("HEAD", "/v1/events").status, 200);
  EXPECT_TRUE(face.sinks.empty()) << "nobody would read the events";
  EXPECT_EQ(ask("HEAD", "/v1/agents/web/run").status, 405);
}

TEST_F(ControlServer, AQueryWhereNoneIsTakenIsRefused) {
  EXPECT_EQ(ask("GET", "/v1/agents?agent=web").message(), "unknown query value \"agent\"");
  EXPECT_EQ(ask("POST", "/v1/agents/web/run?force=1").status, 400);
  EXPECT_TRUE(face.commands.empty());
}

TEST_F(ControlServer, AStrangerIsToldWhichGroupToJoin) {
  peer = stranger;
  const Reply first = ask("GET", "/v1/agents");
  EXPECT_EQ(first.status, 403);
  EXPECT_EQ(first.code(), "forbidden");
  EXPECT_NE(first.message().find("group upkeep or upkeep-admin"), std::string::npos) << first.message();
  for (const char* path :
       {"/v1/agents/web", "/v1/agents/none", "/v1/events", "/v1/nothing", "/metrics", "/healthz", "/v1/agents/web/run"}) {
    for (const char* method : {"GET", "POST", "DELETE"}) EXPECT_EQ(ask(method, path).body, first.body) << "a difference is told: " << path;
  }
}

TEST_F(ControlServer, WhoMayReadMayNotChange) {
  server.reset();
  options.read_group = "root";  // a group that surely exists: its number is 0
  ASSERT_TRUE(start());
  peer = stranger;
  peer->groups = {0};
  EXPECT_EQ(ask("GET", "/v1/agents").status, 200);
  const Reply reply = ask("POST", "/v1/agents/web/run");
  EXPECT_EQ(reply.status, 403);
  EXPECT_NE(reply.message().find("group upkeep-admin"), std::string::npos) << reply.message();
  EXPECT_EQ(ask("POST", "/v1/reload").status, 403);
  EXPECT_TRUE(face.commands.empty());
}

TEST_F(ControlServer, ACallerThatCannotBeJudgedGetsNothing) {
  server.reset();
  options.peer_of = [](int) { return sdk::fail(sdk::Errc::internal, "no credentials"); };
  ASSERT_TRUE(start());
  EXPECT_EQ(ask("GET", "/v1/agents").message(), "no credentials");
  EXPECT_EQ(ask("POST", "/v1/agents/web/run").status, 500);
  EXPECT_TRUE(face.commands.empty());
}

TEST_F(ControlServer, HealthAndReadiness) {
  EXPECT_EQ(ask("GET", "/healthz").body, "ok\n");
  EXPECT_EQ(ask("GET", "/readyz").status, 200);
  face.trouble = {"web: the journal is damaged", "db: stuck"};
  face.is_ready = false;
  const Reply sick = ask("GET", "/healthz");
  EXPECT_EQ(sick.status, 503);
  EXPECT_EQ(sick.body, "web: the journal is damaged\ndb: stuck\n");
  EXPECT_EQ(ask("GET", "/readyz").status, 503);
}

TEST_F(ControlServer, MetricsShowTheEnginesNumbersAndTheServersOwn) {
  face.numbers.troubles = 3;
  ask("GET", "/v1/agents");
  ask("POST", "/v1/agents/web/run");
  ask("GET", "/v1/agents/db");
  ask("GET", "/nowhere");
  peer = stranger;
  ask("GET", "/v1/agents");
  peer.reset();
  face.refuse = engine::Refusal{"unavailable", "no"};
  ask("POST", "/v1/agents/web/run");
  const Reply reply = ask("GET", "/metrics");
  EXPECT_NE(reply.head.find("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"), std::string::npos) << reply.head;
  for (const char* line : {"upkeep_troubles 3", "upkeep_api_requests_total{code=\"2xx\"} 2", "upkeep_api_requests_total{code=\"4xx\"} 3",
                           "upkeep_api_requests_total{code=\"5xx\"} 1"}) {
    EXPECT_NE(reply.body.find(std::string(line) + "\n"), std::string::npos) << line << " is not in\n" << reply.body;
  }
}

TEST_F(ControlServer, BytesThatAreNoUtf8AreReplacedNotFatal) {
  face.document = {{"agents", {{{"name", "web"}, {"text", "a\xff z"}}}}};
  EXPECT_EQ(ask("GET", "/v1/agents").document()["agents"][0]["text"], "a\xef\xbf\xbd z");
}

}  // namespace
}  // namespace upkeep::control_test

// SPDX-License-Identifier: Apache-2.0
// Requests to an API server: what its refusals mean, lists by pages, and watches.
#include "shared/kube/api.h"

#include <gtest/gtest.h>

#include "support/kube_host.h"

namespace upkeep::test {
namespace {

namespace kube = plugins::shared::kube;
using kube::Json;
using namespace std::chrono_literals;
using sdk::Errc;

sdk::HttpResponse status_answer(int code, const std::string& reason, const std::string& message, Json details = nullptr) {
  sdk::HttpResponse out;
  out.status = code;
  Json body = {{"kind", "Status"}, {"code", code}, {"reason", reason}, {"message", message}};
  if (!details.is_null()) body["details"] = std::move(details);
  out.body = body.dump();
  return out;
}

TEST(KubeFailure, SaysTheReactionAndWhatTheServerSays) {
  struct Row {
    int code;
    const char* reason;
    Errc want;
    bool unknown;
  };
  for (const Row& row : {Row{400, "BadRequest", Errc::invalid, false}, Row{401, "Unauthorized", Errc::denied, false},
                         Row{403, "Forbidden", Errc::denied, false}, Row{404, "NotFound", Errc::invalid, false},
                         Row{409, "Conflict", Errc::busy, false}, Row{410, "Expired", Errc::invalid, false},
                         Row{415, "UnsupportedMediaType", Errc::invalid, false}, Row{422, "Invalid", Errc::invalid, false},
                         Row{429, "TooManyRequests", Errc::transient, false}, Row{500, "InternalError", Errc::transient, true},
                         Row{503, "ServiceUnavailable", Errc::transient, true}, Row{504, "Timeout", Errc::transient, true}}) {
    const auto got = kube::failure_of(status_answer(row.code, row.reason, "because"), "patch deployment default/web", sdk::TimePoint());
    EXPECT_EQ(got.error.code, row.want) << row.code;
    EXPECT_EQ(got.unknown(), row.unknown) << row.code;
    EXPECT_EQ(got.reason, row.reason);
    EXPECT_NE(got.error.message.find("patch deployment default/web: the API server says \"because\""), std::string::npos)
        << got.error.message;
  }
}

TEST(KubeFailure, AMissingRightIsNamedAlsoByWhoeverSaysNoMore) {
  const std::string said = "deployments.apps \"web\" is forbidden: User \"u\" cannot patch resource \"deployments\" in API group \"apps\"";
  auto got = kube::failure_of(status_answer(403, "Forbidden", said), "patch deployment default/web", sdk::TimePoint());
  EXPECT_NE(got.error.message.find("cannot patch resource \"deployments\""), std::string::npos) << got.error.message;
  sdk::HttpResponse page;
  page.status = 403;
  page.body = "<html>no</html>";
  got = kube::failure_of(page, "patch deployment default/web", sdk::TimePoint());
  EXPECT_NE(got.error.message.find("the right to \"patch deployment default/web\" is missing"), std::string::npos) << got.error.message;
}

TEST(KubeFailure, WaitsAreHeardFromHeaderAndDetailsAndBounded) {
  auto answer = status_answer(429, "TooManyRequests", "later", {{"retryAfterSeconds", 7}});
  EXPECT_EQ(kube::failure_of(answer, "get x", sdk::TimePoint()).error.retry_after, 7s);
  answer.headers = {{"retry-after", "3"}};
  EXPECT_EQ(kube::failure_of(answer, "get x", sdk::TimePoint()).error.retry_after, 3s);
  answer = status_answer(429, "TooManyRequests", "later", {{"retryAfterSeconds", 999'999'999}});
  EXPECT_EQ(kube::failure_of(answer, "get x", sdk::TimePoint()).error.retry_after, 1h);
  answer = status_answer(409, "Conflict", "later", {{"retryAfterSeconds", 7}});
  EXPECT_FALSE(kube::failure_of(answer, "get x", sdk::TimePoint()).error.retry_after) << "a conflict is looked at again at once";
}

const std::string kMapsPath = "/api/v1/namespaces/default/configmaps";

class KubeApi : public testing::Test {
 protected:
  kube::Resource map_named(const std::string& name) { return {"v1", "configmaps", "default", name}; }
  KubeHost host;
  kube::Api api{host, kube::access_for(host, sdk::Config())};
};

class Counting final : public kube::ObjectSink {
 public:
  void object(const Json& object) override { names.push_back(kube::text_at(object, "/metadata/name")); }
  std::vector<std::string> names;
};

class UpTo final : public kube::EventSink {
 public:
  explicit UpTo(std::size_t most) : most_(most) {}
  bool event(kube::Event event) override {
    events.push_back(std::move(event));
    return events.size() < most_;
  }
  std::vector<kube::Event> events;

 private:
  std::size_t most_;
};

TEST_F(KubeApi, ObjectsAreMadeReadPatchedReplacedAndRemoved) {
  Json object = {{"metadata", {{"name", "a"}}}, {"data", {{"k", "1"}}}};
  ASSERT_TRUE(run_task(api.create(map_named("a"), object)));
  auto read = run_task(api.get(map_named("a")));
  ASSERT_TRUE(read) << read.error().error.message;
  ASSERT_TRUE(run_task(api.patch(map_named("a"), kube::Patch::merge, {{"data", {{"k", "2"}}}}, kube::Write::dry)));
  EXPECT_EQ(kube::text_at(*host.server.find(kMapsPath + "/a"), "/data/k"), "1") << "only tried";
  ASSERT_TRUE(run_task(api.patch(map_named("a"), kube::Patch::merge, {{"data", {{"k", "2"}}}})));
  EXPECT_EQ(kube::text_at(*host.server.find(kMapsPath + "/a"), "/data/k"), "2");
  const auto stale = run_task(api.replace(map_named("a"), *read));
  ASSERT_FALSE(stale);
  EXPECT_TRUE(stale.error().is(409));
  EXPECT_EQ(run_task(api.remove(map_named("a"), "another-uid")).error().status, 409);
  EXPECT_TRUE(run_task(api.remove(map_named("a"), kube::text_at(*read, "/metadata/uid"))));
  EXPECT_EQ(run_task(api.get(map_named("a"))).error().status, 404);
}

TEST_F(KubeApi, EachWriteNamesItsManagerAndTheTokenIsInNoMessage) {
  host.server.token = "another";
  const auto refused = run_task(api.get(map_named("a")));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.code, Errc::denied);
  EXPECT_EQ(refused.error().error.message.find("the-pods-token"), std::string::npos) << refused.error().error.message;
  host.contents.insert_or_assign("/var/run/secrets/kubernetes.io/serviceaccount/token", std::string("another"));
  EXPECT_EQ(run_task(api.get(map_named("a"))).error().status, 404) << "a refused token is read again at once";
}

TEST_F(KubeApi, ListsComeByPages) {
  for (int i = 0; i < 120; ++i) host.server.put(kMapsPath + "/m" + std::to_string(1000 + i), {{"metadata", {{"labels", {{"a", "b"}}}}}});
  host.server.put(kMapsPath + "/other", {{"data", {}}});
  Counting all;
  ASSERT_TRUE(run_task(api.list(map_named(""), "a=b", all)));
  EXPECT_EQ(all.names.size(), 120U);
  EXPECT_EQ(std::count_if(host.server.asked.begin(), host.server.asked.end(), [](const auto& one) { return one.starts_with("GET"); }), 3);
}

TEST_F(KubeApi, AWatchTellsWhatHasChangedSinceAVersion) {
  host.server.put(kMapsPath + "/a", {{"data", {{"k", "1"}}}});
  const auto from = kube::text_at(*host.server.find(kMapsPath + "/a"), "/metadata/resourceVersion");
  host.server.put(kMapsPath + "/b", {{"data", {}}});  // another one, which is not asked for
  int sleeps = 0;
  host.controllers = [&] {
    if (++sleeps == 5) host.server.put(kMapsPath + "/a", {{"data", {{"k", "2"}}}});
    if (sleeps == 10) host.server.erase(kMapsPath + "/a");
  };
  UpTo sink(2);
  const auto ended = run_task(api.watch(map_named("a"), from, sink));
  ASSERT_TRUE(ended) << ended.error().error.message;
  ASSERT_EQ(sink.events.size(), 2U);
  EXPECT_EQ(sink.events[0].type, kube::Event::Type::modified);
  EXPECT_EQ(kube::text_at(sink.events[0].object, "/data/k"), "2");
  EXPECT_EQ(sink.events[1].type, kube::Event::Type::deleted);
}

TEST_F(KubeApi, AWatchThatEndsInPeaceKnowsWhereToGoOnAndATooOldOneIs410) {
  host.server.put(kMapsPath + "/a", {{"data", {}}});
  const auto from = kube::text_at(*host.server.find(kMapsPath + "/a"), "/metadata/resourceVersion");
  UpTo sink(1);
  host.server.put(kMapsPath + "/b", {{"data", {}}});
  const auto ended = run_task(api.watch(map_named("a"), from, sink));
  ASSERT_TRUE(ended) << ended.error().error.message;
  EXPECT_TRUE(sink.events.empty());
  EXPECT_EQ(*ended, std::to_string(host.server.version())) << "a bookmark has said so";
  host.server.forget_changes();
  const auto old = run_task(api.watch(map_named("a"), from, sink));
  ASSERT_FALSE(old);
  EXPECT_TRUE(old.error().is(410)) << old.error().error.message;
}

TEST_F(KubeApi, HostileAnswersAreRefusedWithTheReason) {
  PluginHost plain;
  make_pod(plain.contents, plain.variables, "p");
  kube::Api asks(plain, kube::access_for(plain, sdk::Config()));
  const std::string url = FakeKube::kUrl + kMapsPath + "/a";
  struct Row {
    std::string body, says;
  };
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += R"({"a":)";
  for (const Row& row : {Row{"", "no JSON"}, Row{"[]", "JSON that is no object"}, Row{"{\"a\":\"\xff\"}", "no JSON (or no UTF-8)"},
                         Row{deep, "nested deeper than 64"}, Row{"{\"a\":1}}", "no JSON"}}) {
    plain.web.forget(url);
    plain.web.answer(url, 200, row.body);
    const auto got = run_task(asks.get(map_named("a")));
    ASSERT_FALSE(got) << row.body;
    EXPECT_TRUE(got.error().unknown()) << "whether it was done cannot be known";
    EXPECT_NE(got.error().error.message.find("get configmap default/a: the answer is"), std::string::npos) << got.error().error.message;
    EXPECT_NE(got.error().error.message.find(row.says), std::string::npos) << got.error().error.message;
  }
}

TEST(KubeNames, AreOnlyWhatKubernetesTakes) {
  for (const char* good : {"a", "web", "web-1", "a.b-c.d"}) EXPECT_TRUE(kube::is_name(good)) << good;
  for (const char* bad : {"", "-a", "a-", "A", "a_b", "a..b", ".", "a/b", "a?b", "a b", "a%2fb", "../x"})
    EXPECT_FALSE(kube::is_name(bad)) << bad;
  EXPECT_FALSE(kube::is_name(std::string(254, 'a')));
  EXPECT_FALSE(kube::is_label("a.b"));
  EXPECT_FALSE(kube::is_label(std::string(64, 'a')));
  EXPECT_TRUE(kube::is_label(std::string(63, 'a')));
  const kube::Resource scale{"apps/v1", "deployments", "default", "web", "scale"};
  EXPECT_EQ(scale.path(), "/apis/apps/v1/namespaces/default/deployments/web/scale");
}

}  // namespace
}  // namespace upkeep::test

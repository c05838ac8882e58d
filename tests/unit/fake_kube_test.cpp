// SPDX-License-Identifier: Apache-2.0
// The API server of the tests does what a real one does with what plugins send it, and goes wrong where it is told to.

#include <gtest/gtest.h>

#include "support/fake_world.h"
#include "support/kube_http.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using How = KubeFault::How;

const std::string kMaps = "/api/v1/namespaces/default/configmaps";

class FakeKubeServer : public testing::Test {
 protected:
  // Status code, -1 without an answer, and the body.
  std::pair<int, json> ask(const std::string& method, const std::string& path, const json& body = nullptr, const std::string& type = "") {
    sdk::HttpRequest request(FakeKube::kUrl + path);
    request.method = method;
    if (!body.is_null()) request.body = body.dump();
    if (!type.empty()) request.headers = {{"Content-Type", type}};
    const auto reply = kube.answer(request, now);
    if (!reply.answer) return {-1, nullptr};
    return {reply.answer->status, json::parse(reply.answer->body)};
  }
  void strike(How how, const std::string& method, int status = 500, sdk::Millis delay = 0ms) {
    KubeFault fault;
    fault.how = how;
    fault.method = method;
    fault.status = status;
    fault.delay = delay;
    kube.faults.push_back(fault);
  }

  FakeKube kube;
  sdk::BootTime now = 1h;
};

TEST_F(FakeKubeServer, WritesAreConditionalOnTheVersionTheyName) {
  kube.put(kMaps + "/upkeep", {{"data", {{"a", "1"}}}});
  auto [status, object] = ask("GET", kMaps + "/upkeep");
  ASSERT_EQ(status, 200);
  object["data"]["a"] = "2";
  EXPECT_EQ(ask("PUT", kMaps + "/upkeep", object).first, 200);
  const auto again = ask("PUT", kMaps + "/upkeep", object);
  EXPECT_EQ(again.first, 409);
  EXPECT_EQ(again.second["reason"], "Conflict");
  object["metadata"].erase("resourceVersion");
  EXPECT_EQ(ask("PUT", kMaps + "/upkeep", object).first, 200) << "whoever names none takes it as it is";
  EXPECT_EQ(ask("GET", kMaps + "/other").first, 404);
  const json made = {{"metadata", {{"name", "upkeep"}}}};
  EXPECT_EQ(ask("POST", kMaps, made).second["reason"], "AlreadyExists");
  kube.forbidden = {"update configmaps"};
  EXPECT_EQ(ask("PUT", kMaps + "/upkeep", object).first, 403);
  EXPECT_EQ(ask("GET", kMaps + "/upkeep").first, 200);
}

TEST_F(FakeKubeServer, PatchesMergeListsByNameWhereTheyAreStrategic) {
  const std::string path = "/apis/apps/v1/namespaces/default/deployments/web";
  kube.put(path, json::parse(R"({"metadata": {"generation": 1},
    "spec": {"template": {"spec": {"containers": [{"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"}]}}}})"));
  const auto patch = json::parse(R"({"spec": {"template": {"spec": {"containers": [{"name": "b", "image": "b:2"}]}}}})");
  const auto dry = ask("PATCH", path + "?dryRun=All", patch, "application/strategic-merge-patch+json");
  EXPECT_EQ(dry.second["spec"]["template"]["spec"]["containers"][1]["image"], "b:2");
  EXPECT_EQ((*kube.find(path))["spec"]["template"]["spec"]["containers"][1]["image"], "b:1");
  const auto done = ask("PATCH", path, patch, "application/strategic-merge-patch+json");
  EXPECT_EQ(done.second["spec"]["template"]["spec"]["containers"][0]["image"], "a:1");
  EXPECT_EQ(done.second["spec"]["template"]["spec"]["containers"][1]["image"], "b:2");
  EXPECT_EQ(done.second["metadata"]["generation"], 2);
  const auto merged = ask("PATCH", path, patch, "application/merge-patch+json");
  EXPECT_EQ(merged.second["spec"]["template"]["spec"]["containers"].size(), 1U);
}

TEST_F(FakeKubeServer, GoesWrongInEveryWay) {
  struct Case {
    How how;
    int answered;
    bool done;
  };
  const Case cases[] = {{How::refuse, -1, false}, {How::cut, -1, true},      {How::late, 200, true},       {How::lands_late, -1, false},
                        {How::twice, 409, true},  {How::answer, 410, false}, {How::done_answer, 410, true}};
  for (const auto& one : cases) {
    kube = FakeKube();
    kube.put(kMaps + "/x", {{"data", {{"a", "1"}}}});
    auto object = *kube.find(kMaps + "/x");
    object["data"]["a"] = "2";
    strike(one.how, "PUT", 410, 5s);
    EXPECT_EQ(ask("PUT", kMaps + "/x", object).first, one.answered);
    EXPECT_EQ((*kube.find(kMaps + "/x"))["data"]["a"] == "2", one.done);
    EXPECT_EQ(kube.faults.front().struck, 1);
    now += 6s;
    EXPECT_EQ(ask("GET", kMaps + "/x").second["data"]["a"] == "2", one.done || one.how == How::lands_late);
    EXPECT_EQ(kube.faults.front().struck, 1);
  }
  kube.gone_until = now + 1s;
  EXPECT_EQ(ask("GET", kMaps + "/x").first, -1);
  now += 1s;
  EXPECT_EQ(ask("GET", kMaps + "/x").first, 200);
}

TEST_F(FakeKubeServer, RemembersChangesForWatchesUntilTheyAreCompacted) {
  const auto from = kube.version();
  kube.put(kMaps + "/x", {{"data", {{"a", "1"}}}});
  kube.put(kMaps + "/y", {{"data", {{"a", "1"}}}});
  kube.put(kMaps + "/x", {{"data", {{"a", "1"}}}});
  kube.erase(kMaps + "/x");
  const auto seen = kube.changes(kMaps, "x", from);
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].type, "ADDED");
  EXPECT_EQ(seen[2].type, "DELETED");
  EXPECT_EQ(kube.changes(kMaps, "", from).size(), 4U);
  kube.forget_changes();
  EXPECT_FALSE(kube.remembers(from));
}

}  // namespace
}  // namespace upkeep::test

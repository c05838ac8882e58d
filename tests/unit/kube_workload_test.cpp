// SPDX-License-Identifier: Apache-2.0
// What is read from a workload: which container, whose selector, who else writes it, and whether a pod of before survives.
#include "installer/kubernetes/workload.h"

#include <gtest/gtest.h>

namespace upkeep::test {
namespace {

namespace k8s = plugins::kubernetes;
using k8s::Kind;
using nlohmann::json;

TEST(WorkloadName, HasTheKindsAndShortNamesOfKubectl) {
  struct Row {
    const char* text;
    Kind kind;
  };
  for (const Row& row :
       {Row{"deployment/web", Kind::deployment}, Row{"deploy/web", Kind::deployment}, Row{"Deployments.apps/web", Kind::deployment},
        Row{"statefulset/web", Kind::stateful_set}, Row{"sts/web", Kind::stateful_set}, Row{"StatefulSet/web", Kind::stateful_set},
        Row{"daemonset/web", Kind::daemon_set}, Row{"ds/web", Kind::daemon_set}}) {
    const auto got = k8s::parse_workload(row.text);
    ASSERT_TRUE(got) << row.text;
    EXPECT_EQ(got->kind, row.kind) << row.text;
    EXPECT_EQ(got->name, "web");
  }
  for (const char* bad :
       {"", "web", "pod/web", "deployment/", "deployment/a/b", "deployment/../x", "deployment/Web", "deployment/a?b", "/web"})
    EXPECT_FALSE(k8s::parse_workload(bad)) << bad;
}

json with_containers(const std::vector<std::string>& names) {
  json out = {{"metadata", {{"name", "web"}}}};
  auto& list = out["spec"]["template"]["spec"]["containers"];
  list = json::array();
  for (const auto& name : names) list.push_back({{"name", name}, {"image", "r.test/" + name + ":1.0.0"}});
  return out;
}

TEST(WorkloadContainer, IsTheOneThatIsMeantOrAmbiguousIsAnError) {
  EXPECT_EQ(k8s::managed_container(with_containers({"agent"}), "").value(), "agent");
  EXPECT_EQ(k8s::managed_container(with_containers({"proxy", "web"}), "").value(), "web");
  EXPECT_EQ(k8s::managed_container(with_containers({"proxy", "web"}), "proxy").value(), "proxy");
  const auto both = k8s::managed_container(with_containers({"proxy", "agent"}), "");
  ASSERT_FALSE(both);
  EXPECT_NE(both.error().message.find("say with `container` which one is kept (\"proxy\", \"agent\")"), std::string::npos)
      << both.error().message;
  EXPECT_NE(k8s::managed_container(with_containers({"proxy"}), "agent").error().message.find("no container \"agent\", only \"proxy\""),
            std::string::npos);
  EXPECT_FALSE(k8s::managed_container(json::object(), ""));
  EXPECT_FALSE(k8s::managed_container({{"spec", {{"template", {{"spec", {{"containers", "x"}}}}}}}}, ""));
  std::vector<std::string> many;
  for (int i = 0; i < 3000; ++i) many.push_back("c" + std::to_string(i));
  EXPECT_LT(k8s::managed_container(with_containers(many), "").error().message.size(), 300U) << "thousands are not all listed";
}

TEST(WorkloadSelector, IsWrittenAsLabelSelectorsAre) {
  json workload;
  workload["spec"]["selector"] = {{"matchLabels", {{"a", "1"}, {"b", "2"}}},
                                  {"matchExpressions",
                                   {{{"key", "c"}, {"operator", "In"}, {"values", {"x", "y"}}},
                                    {{"key", "d"}, {"operator", "NotIn"}, {"values", {"z"}}},
                                    {{"key", "e"}, {"operator", "Exists"}},
                                    {{"key", "f"}, {"operator", "DoesNotExist"}}}}};
  EXPECT_EQ(k8s::selector(workload).value(), "a=1,b=2,c in (x,y),d notin (z),e,!f");
  EXPECT_FALSE(k8s::selector(json::object())) << "none would be every pod of the namespace";
  workload["spec"]["selector"]["matchExpressions"][0]["operator"] = "Gt";
  EXPECT_FALSE(k8s::selector(workload));
}

TEST(WorkloadSurvival, OnePodStaysUntilANewOneIsReady) {
  struct Row {
    Kind kind;
    json object;
    bool want;
  };
  const auto deployment = [](int replicas, const json& strategy) {
    return json{{"spec", {{"replicas", replicas}, {"strategy", strategy}}}};
  };
  const auto set = [](int replicas, const json& rolling) {
    return json{{"spec", {{"replicas", replicas}, {"updateStrategy", {{"type", "RollingUpdate"}, {"rollingUpdate", rolling}}}}}};
  };
  const auto daemons = [](int nodes, const json& rolling) {
    return json{{"status", {{"desiredNumberScheduled", nodes}}}, {"spec", {{"updateStrategy", {{"rollingUpdate", rolling}}}}}};
  };
  const json rolling = {{"type", "RollingUpdate"}};
  const auto may_miss = [](const json& missing, const json& surge) {
    return json{{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxUnavailable", missing}, {"maxSurge", surge}}}};
  };
  for (const Row& row :
       {Row{Kind::deployment, deployment(1, rolling), true}, Row{Kind::deployment, deployment(1, {{"type", "Recreate"}}), false},
        Row{Kind::deployment, deployment(0, rolling), false}, Row{Kind::deployment, deployment(2, may_miss(2, 0)), false},
        Row{Kind::deployment, deployment(2, may_miss("100%", 0)), false}, Row{Kind::deployment, deployment(3, may_miss("50%", 0)), true},
        Row{Kind::deployment, deployment(1, may_miss("50%", 0)), false}, Row{Kind::stateful_set, set(1, json::object()), false},
        Row{Kind::stateful_set, set(2, json::object()), true}, Row{Kind::stateful_set, set(2, {{"maxUnavailable", 2}}), false},
        Row{Kind::stateful_set, set(1, {{"partition", 1}}), true}, Row{Kind::daemon_set, daemons(1, json::object()), false},
        Row{Kind::daemon_set, daemons(3, json::object()), true}, Row{Kind::daemon_set, daemons(3, {{"maxUnavailable", "100%"}}), false},
        Row{Kind::daemon_set, daemons(1, {{"maxUnavailable", 0}, {"maxSurge", 1}}), true},
        Row{Kind::deployment, deployment(2, {{"rollingUpdate", {{"maxUnavailable", "lots"}}}}), true}})
    EXPECT_EQ(k8s::one_pod_survives(row.object, row.kind), row.want) << row.object;
}

TEST(WorkloadRolling, WhatWouldNotFollowANewImageIsSaid) {
  EXPECT_EQ(k8s::not_rolling(json::object(), Kind::deployment), "");
  EXPECT_NE(k8s::not_rolling({{"spec", {{"paused", true}}}}, Kind::deployment).find("paused"), std::string::npos);
  const json on_delete = {{"spec", {{"updateStrategy", {{"type", "OnDelete"}}}}}};
  EXPECT_NE(k8s::not_rolling(on_delete, Kind::stateful_set).find("OnDelete"), std::string::npos);
  EXPECT_NE(k8s::not_rolling(on_delete, Kind::daemon_set).find("OnDelete"), std::string::npos);
}

TEST(WorkloadManagers, TheLastWhoWroteAnImageOrAnAnnotationIsNamed) {
  const auto owner = [](const char* manager, const char* time, const json& fields) {
    return json{{"manager", manager}, {"time", time}, {"fieldsV1", fields}};
  };
  json image;
  image["f:spec"]["f:template"]["f:spec"]["f:containers"][R"(k:{"name":"web"})"]["f:image"] = json::object();
  json note;
  note["f:metadata"]["f:annotations"]["f:upkeep.dev/force"] = json::object();
  json workload;
  workload["metadata"]["managedFields"] = {owner("helm", "2027-01-01T00:00:00Z", image),
                                           owner("argocd-controller", "2027-01-02T00:00:00Z", image),
                                           owner("kubectl-annotate", "2027-01-03T00:00:00Z", note), json("odd"), json{{"fieldsV1", 7}}};
  EXPECT_EQ(k8s::manager_of_image(workload, "web").name, "argocd-controller");
  EXPECT_EQ(k8s::manager_of_image(workload, "web").time, "2027-01-02T00:00:00Z");
  EXPECT_EQ(k8s::manager_of_image(workload, "other").name, "");
  EXPECT_EQ(k8s::manager_of_annotation(workload, "upkeep.dev/force").name, "kubectl-annotate");
  EXPECT_EQ(k8s::manager_of_image(json::object(), "web").name, "");
}

TEST(TeleportSkip, HasTheValuesOfGosParseBool) {
  for (const char* yes : {"1", "t", "T", "TRUE", "true", "True"}) EXPECT_TRUE(k8s::go_true(yes)) << yes;
  for (const char* no : {"0", "f", "F", "FALSE", "false", "False", "", "yes", "tRue", " true"}) EXPECT_FALSE(k8s::go_true(no)) << no;
}

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// installer/kubernetes against an API server in memory: what it changes, and how it takes what goes wrong between.
#include "unit/kube_installer.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using sdk::Errc;

TEST_F(KubeInstaller, AReleaseThatNamesDigestsIsTheOnlyOneWhoSaysWhichBytesAreMeant) {
  const std::string digest = "sha256:" + std::string(64, 'c');
  auto named = change();
  named.images["r.test/app"] = digest;
  const auto good = run_task(installer().prepare(named));
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->to, "r.test/app:2.0.0@" + digest);

  auto elsewhere = change();
  elsewhere.images["registry.example.com/app"] = digest;
  const auto refused = run_task(installer().prepare(elsewhere));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, sdk::Errc::denied);
  EXPECT_EQ(refused.error().message,
            "the release says which bytes its images have, and names none of r.test/app: let the channel's document name it (`upkeep "
            "channel set --image`)");

  named.from += " proxy=r.test/proxy:7";
  const auto both = run_task(installer("also = [\"proxy\"]\n").prepare(named));
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().message.find("container proxy: the release says"), 0U) << both.error().message;
}

TEST_F(KubeInstaller, InspectsImageHoldsAndWayBack) {
  const auto target = sdk::Version::parse("1.2.3").value();
  auto got = run_task(installer().inspect(&target));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->version, "r.test/app:1.2.3");
  EXPECT_EQ(got->release, target);
  EXPECT_TRUE(got->matches_target);
  EXPECT_EQ(got->way_back.how, sdk::WayBackHow::image);
  EXPECT_FALSE(got->identity.empty());
  EXPECT_TRUE(got->held_by.empty());

  for (const auto& [name, value, held] :
       {std::tuple("upkeep.dev/skip", "true", true), std::tuple("teleport.dev/skipreconcile", "1", true),
        std::tuple("teleport.dev/skipreconcile", "yes", false), std::tuple("upkeep.dev/skip", "false", false)}) {
    edit([&](json& set) { set["metadata"]["annotations"] = {{name, value}}; });
    got = run_task(installer().inspect(nullptr));
    EXPECT_EQ(!got->held_by.empty(), held) << name << "=" << value;
  }
  host.server.erase(kSet);
  got = run_task(installer().inspect(nullptr));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->version, "");
  EXPECT_NE(got->warnings.at(0).find("does not exist"), std::string::npos);
}

TEST_F(KubeInstaller, ASidecarThatWouldGoDownWithItsPodHasNoWayBack) {
  host.server.put(kPods + "upkeep-0", {{"metadata", {{"labels", {{"app", "web"}}}}}});
  EXPECT_TRUE(run_task(installer().inspect(nullptr))->way_back.possible()) << "two of three stay";
  edit([](json& set) { set["spec"]["replicas"] = 1; });
  const auto got = run_task(installer().inspect(nullptr));
  EXPECT_FALSE(got->way_back.possible());
  EXPECT_NE(got->way_back.text.find("this daemon is a sidecar"), std::string::npos) << got->way_back.text;
}

TEST_F(KubeInstaller, WhoeverWroteTheImageIsNamedWithTheRemedy) {
  edit([](json& set) {
    json fields;
    fields["f:spec"]["f:template"]["f:spec"]["f:containers"][R"(k:{"name":"web"})"]["f:image"] = json::object();
    set["metadata"]["managedFields"] = {{{"manager", "argocd-controller"}, {"time", "2027-01-05T01:00:00Z"}, {"fieldsV1", fields}}};
  });
  const auto by = run_task(installer().inspect(nullptr))->changed_by;
  EXPECT_NE(by.find("\"argocd-controller\" at \"2027-01-05T01:00:00Z\""), std::string::npos) << by;
  EXPECT_NE(by.find("ignoreDifferences"), std::string::npos) << by;
}

TEST_F(KubeInstaller, PrepareTriesTheVeryPatchAndChangesNothing) {
  const auto plan = run_task(installer().prepare(change()));
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->to, "r.test/app:2.0.0");
  ASSERT_EQ(plan->items.size(), 1U);
  EXPECT_EQ(sdk::shown(plan->items[0]), "statefulset default/web (web) r.test/app:1.2.3 -> r.test/app:2.0.0");
  EXPECT_EQ(image(), "r.test/app:1.2.3");
  EXPECT_EQ(std::count_if(host.server.asked.begin(), host.server.asked.end(), [](const auto& one) { return one.ends_with("?dryRun"); }), 1);
}

TEST_F(KubeInstaller, PrepareRefusesWhatWouldNotRoll) {
  edit([](json& set) { set["spec"]["updateStrategy"]["type"] = "OnDelete"; });
  auto got = run_task(installer().prepare(change()));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::denied);
  host.server.erase(kSet);
  got = run_task(installer().prepare(change()));
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().message.find("does not exist"), std::string::npos);
}

TEST_F(KubeInstaller, AVersionWithBuildMetadataCanBeNoTag) {
  auto with_metadata = change();
  with_metadata.target = sdk::Version::parse("2.0.0+x").value();
  const auto got = run_task(installer().prepare(with_metadata));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::invalid);
  EXPECT_NE(got.error().message.find("build metadata"), std::string::npos) << got.error().message;
}

TEST_F(KubeInstaller, ARollOutIsOnePatchWithAnnotationsThatIsFollowed) {
  auto& it = installer();
  const auto full = change("r.test/app:2.0.0");
  ASSERT_TRUE(run_task(it.apply(full, note, "")));
  EXPECT_EQ(image(), "r.test/app:2.0.0");
  EXPECT_EQ(image(1), "r.test/proxy:7") << "others are left alone";
  EXPECT_EQ(annotation("upkeep.dev/operation"), "op-1");
  EXPECT_EQ(annotation("upkeep.dev/version"), "2.0.0 r.test/app:2.0.0");
  EXPECT_EQ(run_task(it.verify(full, note.last))->standing, sdk::Standing::target);
  edit([](json& set) { set["status"]["readyReplicas"] = 2; });
  ASSERT_TRUE(run_task(it.activate(full)));
  EXPECT_FALSE(host.progressed.empty());
  EXPECT_EQ(run_task(it.vitals())->state, sdk::Health::healthy);
  const auto writes = host.server.asked.size();
  ASSERT_TRUE(run_task(it.apply(full, note, note.last))) << "again, after a crash";
  EXPECT_EQ(std::count_if(host.server.asked.begin() + static_cast<long>(writes), host.server.asked.end(),
                          [](const auto& one) { return !one.starts_with("GET"); }),
            0);
}

TEST_F(KubeInstaller, WherePatchIsForbiddenTheObjectIsReplaced) {
  host.server.forbidden = {"patch statefulsets"};
  auto& it = installer();
  ASSERT_TRUE(run_task(it.prepare(change())));
  EXPECT_EQ(image(), "r.test/app:1.2.3");
  ASSERT_TRUE(run_task(it.apply(change("r.test/app:2.0.0"), note, "")));
  EXPECT_EQ(image(), "r.test/app:2.0.0");
  EXPECT_EQ(annotation("upkeep.dev/operation"), "op-1");
  host.server.forbidden = {"patch statefulsets", "update statefulsets"};
  const auto refused = run_task(it.revert(change("r.test/app:2.0.0"), note, note.last));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::transient) << "it had the right a moment ago";
  EXPECT_NE(refused.error().message.find("cannot patch"), std::string::npos) << refused.error().message;
}

TEST_F(KubeInstaller, ARefusalInTheMiddleOfAnOperationIsTakenAsPassing) {
  auto& it = installer();
  const auto upgrade = change("r.test/app:2.0.0");
  for (const int status : {401, 403}) {
    fault(How::answer, "GET", status);
    EXPECT_EQ(run_task(it.prepare(upgrade)).error().code, Errc::denied) << "before it has begun, somebody has to grant it";
    fault(How::answer, "GET", status);
    EXPECT_EQ(run_task(it.apply(upgrade, note, "")).error().code, Errc::transient);
    fault(How::answer, "GET", status);
    EXPECT_EQ(run_task(it.activate(upgrade)).error().code, Errc::transient);
    fault(How::answer, "GET", status);
    EXPECT_EQ(run_task(it.verify(upgrade, "")).error().code, Errc::transient);
    fault(How::answer, "GET", status);
    EXPECT_EQ(run_task(it.revert(upgrade, note, "")).error().code, Errc::transient);
  }
  EXPECT_TRUE(run_task(it.apply(upgrade, note, "")));
}

TEST_F(KubeInstaller, AConflictIsLookedAtAgainAndOthersChangesOfTheImageAreLeftAlone) {
  auto& it = installer();
  fault(How::answer, "PATCH", 409, 3);
  ASSERT_TRUE(run_task(it.apply(change("r.test/app:2.0.0"), note, "")));
  EXPECT_EQ(image(), "r.test/app:2.0.0");
  edit([](json& set) { set["spec"]["template"]["spec"]["containers"][0]["image"] = "r.test/app:9.9.9"; });
  const auto late = run_task(it.apply(change("r.test/app:2.0.0"), note, note.last));
  ASSERT_FALSE(late);
  EXPECT_EQ(image(), "r.test/app:9.9.9");
  EXPECT_EQ(run_task(it.verify(change("r.test/app:2.0.0"), ""))->standing, sdk::Standing::elsewhere);
  const auto back = run_task(it.revert(change("r.test/app:2.0.0"), note, note.last));
  ASSERT_FALSE(back);
  EXPECT_EQ(image(), "r.test/app:9.9.9");
}

TEST_F(KubeInstaller, AWriteWhoseAnswerIsLostIsFoundAgain) {
  auto& it = installer();
  for (const auto how : {How::cut, How::done_answer, How::twice}) {
    edit([](json& set) { set["spec"]["template"]["spec"]["containers"][0]["image"] = "r.test/app:1.2.3"; });
    fault(how, "PATCH");
    (void)run_task(it.apply(change("r.test/app:2.0.0"), note, ""));
    EXPECT_EQ(run_task(it.verify(change("r.test/app:2.0.0"), ""))->standing, sdk::Standing::target);
    EXPECT_TRUE(run_task(it.apply(change("r.test/app:2.0.0"), note, note.last)));
  }
  edit([](json& set) { set["spec"]["template"]["spec"]["containers"][0]["image"] = "r.test/app:1.2.3"; });
  fault(How::answer, "PATCH", 429);
  const auto busy = run_task(it.apply(change("r.test/app:2.0.0"), note, ""));
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().code, Errc::transient);
  EXPECT_EQ(run_task(it.verify(change("r.test/app:2.0.0"), ""))->standing, sdk::Standing::baseline);
}

TEST_F(KubeInstaller, ACrashOfTheNewRevisionEndsTheRollOutEarly) {
  auto& it = installer();
  works = false;
  ASSERT_TRUE(run_task(it.apply(change("r.test/app:2.0.0"), note, "")));
  edit([](json& set) { set["status"]["readyReplicas"] = 2; });
  add_pod("web-2", "r.test/app:2.0.0", {{"waiting", {{"reason", "CrashLoopBackOff"}}}});
  const auto before = host.boot;
  const auto got = run_task(it.activate(change("r.test/app:2.0.0")));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::internal);
  EXPECT_NE(got.error().message.find("pod web-2: container web"), std::string::npos) << got.error().message;
  EXPECT_LT(host.boot - before, 30s);
  const auto vitals = run_task(it.vitals());
  EXPECT_EQ(vitals->state, sdk::Health::unhealthy);
  EXPECT_TRUE(vitals->final);
}

TEST_F(KubeInstaller, WhatCannotStartIsSaidAtOnceAndNotHeldAgainstTheVersionAtTheDeadline) {
  auto& it = installer("progress_deadline = \"2m\"\n");
  works = false;
  ASSERT_TRUE(run_task(it.apply(change("r.test/app:2.0.0"), note, "")));
  edit([](json& set) { set["status"]["readyReplicas"] = 2; });
  add_pod("web-2", "r.test/app:2.0.0", {{"waiting", {{"reason", "ImagePullBackOff"}, {"message", "no such tag"}}}});
  const auto before = host.boot;
  const auto got = run_task(it.activate(change("r.test/app:2.0.0")));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::denied) << "no reason for a quarantine";
  EXPECT_NE(got.error().message.find("ImagePullBackOff: \"no such tag\""), std::string::npos) << got.error().message;
  EXPECT_GE(host.boot - before, 2min);
  const auto said = std::find_if(host.progressed.begin(), host.progressed.end(),
                                 [](const auto& text) { return text.find("ImagePullBackOff") != std::string::npos; });
  EXPECT_LT(said - host.progressed.begin(), 4) << "not only at the deadline";

  host.server.erase(kPods + "web-2");
  add_pod("web-2", "r.test/app:2.0.0", {{"running", json::object()}});
  auto other = change("r.test/app:2.0.0");
  other.operation = "op-2";
  EXPECT_EQ(run_task(it.activate(other)).error().code, Errc::timeout) << "it runs and does not get ready: that is the version";
}

TEST_F(KubeInstaller, AnApiServerThatIsAwayIsWaitedForAndItsTimeDoesNotCount) {
  auto& it = installer("progress_deadline = \"1m\"\n");
  works = false;
  ASSERT_TRUE(run_task(it.apply(change("r.test/app:2.0.0"), note, "")));
  edit([](json& set) { set["status"]["readyReplicas"] = 2; });
  host.server.gone_until = host.boot + 10min;
  const auto back_at = host.boot + 10min + 30s;
  host.controllers = [&] {
    if (host.boot >= back_at && !rolled_out) settle();
  };
  const auto got = run_task(it.activate(change("r.test/app:2.0.0")));
  EXPECT_TRUE(got) << got.error().message;
}

TEST_F(KubeInstaller, TheWayBackDeletesPodsThatAnOrderedRollOutWouldWaitFor) {
  auto& it = installer();
  ASSERT_TRUE(run_task(it.apply(change("r.test/app:2.0.0"), note, "")));
  works = false;
  edit([](json& set) { set["status"]["readyReplicas"] = 2; });
  add_pod("web-2", "r.test/app:2.0.0", {{"waiting", {{"reason", "ImagePullBackOff"}}}});
  add_pod("web-1", "r.test/app:1.2.3", {{"running", json::object()}});
  host.controllers = [&] {
    edit([](json& set) { set["status"]["observedGeneration"] = set["metadata"]["generation"]; });
    if (host.server.find(kPods + "web-2") == nullptr) settle();
  };
  ASSERT_TRUE(run_task(it.revert(change("r.test/app:2.0.0"), note, note.last)));
  EXPECT_EQ(image(), "r.test/app:1.2.3");
  EXPECT_EQ(host.server.find(kPods + "web-2"), nullptr);
  EXPECT_NE(host.server.find(kPods + "web-1"), nullptr) << "not the bad revision's";
  EXPECT_EQ(annotation("upkeep.dev/version"), "");
  EXPECT_EQ(run_task(it.verify(change("r.test/app:2.0.0"), ""))->standing, sdk::Standing::baseline);
}

TEST_F(KubeInstaller, WhatTheAnnotationSaidComesBackWithTheImage) {
  const std::string digest = "r.test/app@sha256:" + std::string(64, 'a');
  edit([&](json& set) {
    set["spec"]["template"]["spec"]["containers"][0]["image"] = digest;
    set["metadata"]["annotations"] = {{"upkeep.dev/version", "1.2.3 " + digest}};
  });
  auto& it = installer();
  EXPECT_EQ(run_task(it.inspect(nullptr))->release->str(), "1.2.3");
  auto full = change("r.test/app:2.0.0");
  full.from = digest;
  ASSERT_TRUE(run_task(it.apply(full, note, "")));
  ASSERT_TRUE(run_task(it.revert(full, note, note.last)));
  EXPECT_EQ(image(), digest);
  EXPECT_EQ(annotation("upkeep.dev/version"), "1.2.3 " + digest);
}

TEST_F(KubeInstaller, OldPodsThatAreUnhealthyForFiveMinutesAreTakenOutOfTheWay) {
  auto& it = installer();
  edit([](json& set) { set["status"]["readyReplicas"] = 2; });
  add_pod("web-0", "r.test/app:1.0.0", {{"running", json::object()}}, "a");
  add_pod("web-1", "r.test/app:1.2.3", {{"running", json::object()}}, "b");
  add_pod("web-2", "r.test/app:1.0.0", {{"running", json::object()}}, "");
  ASSERT_TRUE(run_task(it.keep()));
  EXPECT_NE(host.server.find(kPods + "web-0"), nullptr) << "it may still get ready";
  host.wall += 5min + 1s;
  ASSERT_TRUE(run_task(it.keep()));
  EXPECT_EQ(host.server.find(kPods + "web-0"), nullptr);
  EXPECT_NE(host.server.find(kPods + "web-1"), nullptr) << "of the revision of now";
  EXPECT_NE(host.server.find(kPods + "web-2"), nullptr) << "of none: malformed";
}

}  // namespace
}  // namespace upkeep::test

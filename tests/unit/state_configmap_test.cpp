// SPDX-License-Identifier: Apache-2.0
// state/configmap on an API server in memory: an entry is there once or not at all, whatever becomes of the request, and of two
// daemons one writes.

#include <gtest/gtest.h>

#include "state/configmap/plugin.h"
#include "support/toml.h"
#include "support/world_loop.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;
using How = KubeFault::How;
using nlohmann::json;
using sdk::Append;

const std::string kConfigMaps = "/api/v1/namespaces/default/configmaps";
const std::string kDemoMap = kConfigMaps + "/upkeep-demo", kIndexMap = kConfigMaps + "/upkeep";
const std::string kClaimLease = "/apis/coordination.k8s.io/v1/namespaces/default/leases/upkeep";
const std::string kFolderToken = "identity";

// A daemon: its own store, and that of the agent "demo".
struct Daemon {
  std::unique_ptr<sdk::Host> host, agent_host;
  std::unique_ptr<sdk::State> own, agent;
};

class ConfigMapJournal : public testing::Test {
 protected:
  Daemon daemon(const std::string& pod, const std::string& keys = "") {
    Daemon out;
    out.host = loop.pod(pod, "");
    out.agent_host = loop.pod(pod, "demo");
    const auto make = std::get<sdk::Factory<sdk::State>>(plugins::configmap::kDescriptor.make);
    out.own = make(*out.host, toml(keys)).value();
    out.agent = make(*out.agent_host, toml(keys)).value();
    return out;
  }
  Daemon owner(const std::string& pod) {
    auto out = daemon(pod);
    EXPECT_TRUE(claim(out).ours);
    EXPECT_TRUE(load(out));
    return out;
  }
  sdk::Claim claim(const Daemon& daemon) { return loop.run(daemon.own->claim()).value().value(); }
  sdk::Result<std::string> load(const Daemon& daemon) {
    auto loaded = loop.run(daemon.agent->load()).value();
    if (!loaded) return tl::unexpected(loaded.error());
    return loaded->bytes;
  }
  Append append(const Daemon& daemon, const std::string& line) { return loop.run(daemon.agent->append(1, line)).value(); }
  [[nodiscard]] std::string stored() {
    const auto* map = loop.world.kube.find(kDemoMap);
    return map == nullptr ? "none" : map->value(json::json_pointer("/data/journal.jsonl"), std::string());
  }
  void store(const json& map) { loop.world.kube.put(kDemoMap, map); }
  KubeFault& strike(How how, const std::string& method, int status = 500) {
    KubeFault fault;
    fault.how = how;
    fault.method = method;
    fault.part = "/configmaps/upkeep-demo";
    fault.status = status;
    fault.delay = 3s;
    loop.world.kube.faults.push_back(fault);
    return loop.world.kube.faults.back();
  }
  WorldLoop loop;
};

TEST_F(ConfigMapJournal, IsMadeByTheFirstEntryAndReadAgain) {
  const auto a = owner("pod-a");
  EXPECT_EQ(append(a, "one"), Append::done);
  EXPECT_EQ(append(a, "two"), Append::done);
  EXPECT_EQ(stored(), "one\ntwo\n");
  EXPECT_EQ(load(a).value(), "one\ntwo\n");
  ASSERT_TRUE(loop.run(a.agent->truncate(4)).value());
  EXPECT_EQ(stored(), "one\n");
  ASSERT_TRUE(loop.run(a.agent->compact("all\n")).value());
  EXPECT_EQ(stored(), "all\n");
  EXPECT_EQ(loop.run(a.own->agents()).value().value(), std::vector<std::string>{"demo"});
  ASSERT_TRUE(loop.run(a.agent->compact("")).value());
  EXPECT_TRUE(loop.run(a.own->agents()).value().value().empty()) << "forgotten";
}

TEST_F(ConfigMapJournal, NeedsNoRightButToReadAndWriteWhatTheChartHasMade) {
  store({{"metadata", {{"labels", {{"app", "upkeep"}}}}}});
  loop.world.kube.put(kIndexMap, json::object());
  loop.world.kube.put(kClaimLease, {{"spec", json::object()}});
  loop.world.kube.forbidden = {"create configmaps", "create leases", "list configmaps", "list leases", "delete configmaps"};
  const auto a = owner("pod-a");
  EXPECT_EQ(append(a, "one"), Append::done);
  EXPECT_EQ((*loop.world.kube.find(kDemoMap))["metadata"]["labels"]["app"], "upkeep");
  loop.world.kube.erase(kDemoMap);
  const auto refused = load(a);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, sdk::Errc::denied);
  EXPECT_NE(refused.error().message.find("cannot create resource"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("default/upkeep-demo does not exist: create it, or allow its creation"), std::string::npos);
}

// Each fault, then what the engine does after an answer that is not `done`: load, and compare.
TEST_F(ConfigMapJournal, AnEntryIsThereOnceOrNotAtAll) {
  struct Case {
    How how;
    int status;
    Append answered;
    bool there;
  };
  const Case cases[] = {{How::refuse, 0, Append::unknown, false},
                        {How::cut, 0, Append::unknown, true},
                        {How::late, 0, Append::done, true},
                        {How::lands_late, 0, Append::unknown, false},
                        {How::twice, 0, Append::done, true},
                        {How::answer, 409, Append::done, true},
                        {How::answer, 410, Append::unknown, false},
                        {How::answer, 422, Append::unknown, false},
                        {How::answer, 429, Append::unknown, false},
                        {How::answer, 500, Append::unknown, false},
                        {How::done_answer, 500, Append::unknown, true},
                        {How::done_answer, 409, Append::done, true}};
  for (const auto& one : cases) {
    const auto name = std::to_string(static_cast<int>(one.how)) + " " + std::to_string(one.status);
    loop.world = World();
    const auto a = owner("pod-a");
    ASSERT_EQ(append(a, "one"), Append::done);
    strike(one.how, "PUT", one.status);
    EXPECT_EQ(append(a, "two"), one.answered) << name;
    EXPECT_EQ(loop.world.kube.faults.front().struck, 1) << name;
    EXPECT_EQ(load(a).value(), one.there ? "one\ntwo\n" : "one\n") << name;
    loop.pass(10s);  // what was on its way has arrived
    EXPECT_EQ(append(a, "three"), Append::done) << name;
    EXPECT_EQ(stored(), one.there ? "one\ntwo\nthree\n" : "one\nthree\n") << name;
  }
}

TEST_F(ConfigMapJournal, AServerThatIsGoneLosesNothing) {
  const auto a = owner("pod-a");
  ASSERT_EQ(append(a, "one"), Append::done);
  loop.world.kube.gone_until = loop.world.boot + 2min;
  EXPECT_EQ(append(a, "two"), Append::unknown);
  const auto unread = load(a);
  ASSERT_FALSE(unread);
  EXPECT_NE(unread.error().code, sdk::Errc::invalid) << "that would be a damaged journal";
  EXPECT_EQ(append(a, "two"), Append::unknown) << "before it was loaded";
  loop.pass(2min);
  EXPECT_EQ(append(a, "two"), Append::unknown);
  EXPECT_TRUE(claim(a).ours);
  EXPECT_EQ(load(a).value(), "one\n");
  EXPECT_EQ(append(a, "two"), Append::done);
}

TEST_F(ConfigMapJournal, NoAnswerOfTheServerMakesTheJournalDamaged) {
  for (const int status : {400, 401, 403, 404, 405, 409, 410, 422, 429, 500, 503}) {
    loop.world = World();
    const auto a = owner("pod-a");
    strike(How::answer, "GET", status).times = 10;
    strike(How::answer, "POST", status).times = 10;
    const auto unread = load(a);
    if (!unread) {
      EXPECT_NE(unread.error().code, sdk::Errc::invalid) << status;
    }
  }
}

TEST_F(ConfigMapJournal, TheSecondDaemonWaitsAndSaysWhoHasIt) {
  const auto a = owner("pod-a");
  const auto b = daemon("pod-b");
  const auto waits = claim(b);
  EXPECT_FALSE(waits.ours);
  EXPECT_EQ(waits.again, 5s);
  EXPECT_TRUE(waits.holder.starts_with("\"pod-a_")) << waits.holder;
  EXPECT_TRUE(waits.holder.ends_with("(lease default/upkeep, since \"2027-01-15T08:00:00.000000Z\")")) << waits.holder;
  for (int i = 0; i < 10; ++i) {
    loop.pass(5s);
    const auto renewed = claim(a);
    ASSERT_TRUE(renewed.ours);
    EXPECT_EQ(renewed.lapses, loop.world.boot + 10s);
    EXPECT_FALSE(claim(b).ours);
  }
  EXPECT_FALSE(load(b)) << "whoever has no claim signs nothing";
  EXPECT_EQ(append(a, "one"), Append::done);
}

TEST_F(ConfigMapJournal, AClaimLapsesAfterADeathAndIsGivenBackAtAnEnd) {
  auto a = owner("pod-a");
  const auto b = daemon("pod-b");
  EXPECT_FALSE(claim(b).ours);
  loop.pass(15s);
  ASSERT_TRUE(claim(b).ours) << "pod-a was killed";
  EXPECT_FALSE(claim(a).ours) << "and finds out, whatever it was";
  ASSERT_TRUE(loop.run(b.own->release()).value());
  const auto c = daemon("pod-c");
  EXPECT_TRUE(claim(c).ours) << "at once";
  EXPECT_FALSE(claim(b).ours) << "what it knows may be old";
}

TEST_F(ConfigMapJournal, ARestartInTheSamePodHasItsClaimAtOnce) {
  { const auto a = owner("pod-a"); }
  const auto again = daemon("pod-a");
  EXPECT_TRUE(claim(again).ours);
  loop.world.files[kFolderToken] = "fedcba9876543210";  // another pod that is called the same: it has the host's name
  const auto other = daemon("pod-a");
  EXPECT_FALSE(claim(other).ours);
}

// A process that was stopped, and goes on when another is at work.
TEST_F(ConfigMapJournal, WhoeverLostTheClaimWritesNothing) {
  const auto a = owner("pod-a");
  ASSERT_EQ(append(a, "one"), Append::done);
  const auto b = daemon("pod-b");
  EXPECT_FALSE(claim(b).ours);
  loop.pass(15s);
  ASSERT_TRUE(claim(b).ours);
  EXPECT_EQ(load(b).value(), "one\n");
  EXPECT_EQ(append(a, "old"), Append::lost);
  EXPECT_FALSE(load(a));
  EXPECT_EQ(append(a, "old"), Append::unknown);
  EXPECT_FALSE(loop.run(a.agent->compact("old\n")).value());
  EXPECT_FALSE(loop.run(a.agent->set_aside()).value());
  EXPECT_EQ(append(b, "two"), Append::done);
  EXPECT_EQ(stored(), "one\ntwo\n");
}

// What the dead one had under way comes when the next one has read the journal, but not yet written to it.
TEST_F(ConfigMapJournal, WhatADeadDaemonHadOnItsWayIsReadOrNeverThere) {
  for (const auto delay : {0s, 14s, 15s, 16s, 20s}) {
    loop.world = World();
    auto a = owner("pod-a");
    ASSERT_EQ(append(a, "one"), Append::done);
    const auto b = daemon("pod-b");
    EXPECT_FALSE(claim(b).ours);
    strike(How::lands_late, "PUT").delay = delay;
    EXPECT_EQ(append(a, "late"), Append::unknown);
    loop.pass(15s);
    ASSERT_TRUE(claim(b).ours);
    const auto read = load(b).value();
    loop.pass(10s);
    EXPECT_EQ(append(b, "two"), Append::done);
    EXPECT_EQ(stored(), read + "two\n") << delay.count();
  }
}

TEST_F(ConfigMapJournal, OthersMayKeepThingsBesideIt) {
  const auto a = owner("pod-a");
  ASSERT_EQ(append(a, "one"), Append::done);
  auto map = *loop.world.kube.find(kDemoMap);
  map["data"]["notes"] = "mine";
  map["binaryData"]["picture"] = "AAEC";
  store(map);
  EXPECT_EQ(append(a, "two"), Append::done) << "it has moved, but not the journal";
  const auto now = *loop.world.kube.find(kDemoMap);
  EXPECT_EQ(now["data"]["journal.jsonl"], "one\ntwo\n");
  EXPECT_EQ(now["data"]["notes"], "mine");
  EXPECT_EQ(now["binaryData"]["picture"], "AAEC");
}

TEST_F(ConfigMapJournal, WhatPeopleHaveMadeOfItIsNotGuessed) {
  const auto a = owner("pod-a");
  ASSERT_EQ(append(a, "one"), Append::done);
  auto map = *loop.world.kube.find(kDemoMap);
  map["data"]["journal.jsonl"] = "one, or so";
  store(map);
  EXPECT_EQ(append(a, "two"), Append::lost);
  EXPECT_EQ(load(a).value(), "one, or so") << "what it means is not the store's";
  loop.world.kube.erase(kDemoMap);
  EXPECT_EQ(append(a, "two"), Append::lost);
  EXPECT_EQ(load(a).value(), "");

  map["data"].erase("journal.jsonl");
  map["binaryData"]["journal.jsonl"] = "/wA=";
  store(map);
  EXPECT_EQ(load(a).error().code, sdk::Errc::invalid);
  const auto aside = loop.run(a.agent->set_aside()).value();
  ASSERT_TRUE(aside) << aside.error().message;
  EXPECT_EQ(*aside, "key damaged-2027-01-15T080000Z of configmap default/upkeep-demo");
  EXPECT_EQ((*loop.world.kube.find(kDemoMap))["binaryData"]["damaged-2027-01-15T080000Z"], "/wA=");
  EXPECT_EQ(load(a).value(), "");
  EXPECT_EQ(append(a, "new"), Append::done);
  store(json::parse(R"({"data": 7, "metadata": {"annotations": [1], "labels": null}})"));
  EXPECT_EQ(load(a).value(), "");
  EXPECT_EQ(append(a, "new"), Append::done);
}

TEST_F(ConfigMapJournal, AJournalThatHasGrownTooLongIsNotReplacedByItsNextEntry) {
  const auto a = owner("pod-a");
  const std::string entry(100 * 1024, 'x');
  int done = 0;
  while (done < 20 && append(a, entry) == Append::done) ++done;
  EXPECT_EQ(done, 5) << "half a MiB";
  EXPECT_EQ(stored().size(), 5 * (entry.size() + 1));
  EXPECT_EQ(append(a, "short"), Append::done);
  EXPECT_EQ(load(a).value().size(), 5 * (entry.size() + 1) + 6);
}

TEST_F(ConfigMapJournal, WhatIsSetAsideLeavesRoomForANewOne) {
  const auto a = owner("pod-a");
  const auto damage = [&](std::size_t bytes) {
    auto map = *loop.world.kube.find(kDemoMap);
    map["data"]["journal.jsonl"] = std::string(bytes, 'x');
    store(map);
    (void)load(a);
    return loop.run(a.agent->set_aside()).value();
  };
  for (int i = 0; i < 6; ++i) {
    loop.pass(1s);
    ASSERT_TRUE(damage(200 * 1024)) << i;
  }
  int kept = 0;
  for (const auto& one : (*loop.world.kube.find(kDemoMap))["data"].items()) kept += one.key().starts_with("damaged-") ? 1 : 0;
  EXPECT_EQ(kept, 2);
  const auto refused = damage(600 * 1024);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("save it elsewhere, and delete the key"), std::string::npos) << refused.error().message;
  EXPECT_EQ(stored().size(), 600U * 1024) << "nothing is lost";
  EXPECT_EQ(load(a).error().code, sdk::Errc::invalid) << "longer than a journal may be";
}

TEST_F(ConfigMapJournal, NamesThatTheClusterDoesNotTakeAreRefused) {
  const auto host = loop.pod("pod-a", "my_agent");
  const auto make = std::get<sdk::Factory<sdk::State>>(plugins::configmap::kDescriptor.make);
  const auto made = make(*host, toml(""));
  ASSERT_FALSE(made);
  EXPECT_TRUE(made.error().message.starts_with("a ConfigMap cannot be called \"upkeep-my_agent\""));
  EXPECT_TRUE(problems(plugins::configmap::kDescriptor, "duration = '30s'\nrenew_deadline = '20s'").empty());
  EXPECT_EQ(problems(plugins::configmap::kDescriptor, "name = 'Up'").size(), 1U);
  loop.world.kube.put(kIndexMap, json::parse(R"({"data": {"../../etc": "x", "demo": "upkeep-demo", "": ""}})"));
  EXPECT_EQ(loop.run(daemon("pod-a").own->agents()).value().value(), std::vector<std::string>{"demo"});
}

}  // namespace
}  // namespace upkeep::test

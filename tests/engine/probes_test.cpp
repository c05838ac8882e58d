// SPDX-License-Identifier: Apache-2.0
// Every kind of probe in the soak of an upgrade, and what is counted: failures, flapping, the baseline, what can say nothing.
#include <gtest/gtest.h>

#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;

struct Probes : testing::Test {
  World world;
  core::ProbeSettings wanted;
  std::function<void(core::AgentSettings&)> more = [](core::AgentSettings&) {};

  Probes() {
    world.version = "2.3.4";
    world.web[kReadyUrl] = [] { return std::pair(200, std::string("ready")); };
    world.listening = {"127.0.0.1:3025"};
  }
  std::unique_ptr<Rig> rig() {
    return std::make_unique<Rig>(world, [this](core::AgentSettings& settings) {
      settings.probes.push_back(wanted);
      more(settings);
    });
  }
  [[nodiscard]] bool upgraded() const { return world.installed == "2.3.4-1"; }
  // The one operation, when it has ended so.
  nlohmann::json ends(Rig& rig, const std::string& result) {
    EXPECT_TRUE(rig.until([&] { return rig.last_result() == result; }, 30min)) << rig.status().dump(1);
    return rig.history().empty() ? nlohmann::json() : rig.history()[0];
  }
  void rolled_back(const std::string& cause) {
    auto run = rig();
    const auto detail = ends(*run, "rolled_back").value("detail", "");
    EXPECT_NE(detail.find(cause), std::string::npos) << detail;
    EXPECT_EQ(world.installed, "1.2.3-1");
  }
  void log(const std::string& message, int priority = 3) {
    world.unit_lines.push_back({world.now, priority, message, world.invocation_id()});
  }
};

TEST_F(Probes, EveryKindHoldsAndTheVersionIsCommitted) {
  world.unit_type = "notify";
  world.unit_status = "serving";
  more = [](core::AgentSettings& settings) {
    for (const char* use : {"tcp", "notify", "log"}) settings.probes.push_back(demo_probe(use));
  };
  wanted = demo_probe("http");
  auto run = rig();
  ends(*run, "committed");
  const auto probes = run->status()["health"]["probes"];
  std::string shown;
  for (const auto& one : probes) shown += one["name"].get<std::string>() + ": " + one["detail"].get<std::string>() + "\n";
  EXPECT_EQ(shown,
            "unit demo.service: active (running)\nhttp 127.0.0.1:3000/readyz: 200 OK\ntcp 127.0.0.1:3025: takes connections\n"
            "notify demo.service: has said READY=1, status: serving\nlog demo.service: no such line\n");
}

TEST_F(Probes, AnAnswerThatIsNotWantedTakesItBack) {
  wanted = demo_probe("http");
  world.web[kReadyUrl] = [this] { return upgraded() ? std::pair(503, std::string("no database\n")) : std::pair(200, std::string()); };
  rolled_back("http 127.0.0.1:3000/readyz: 503 Service Unavailable: \"no database\"");
}

TEST_F(Probes, APortThatDoesNotOpenTakesItBack) {
  wanted = demo_probe("tcp");
  world.during_apply = [this] { world.listening.clear(); };
  rolled_back("tcp 127.0.0.1:3025: 127.0.0.1:3025: Connection refused");
}

TEST_F(Probes, AUnitThatNeverSaysReadyTakesItBack) {
  wanted = demo_probe("notify");
  world.unit_type = "notify";
  world.during_apply = [this] { world.unit_type = "simple"; };
  rolled_back("notify demo.service: it has Type=simple, so systemd does not listen to READY=1");
}

TEST_F(Probes, OneThatStartsForEverIsNotProven) {
  wanted = demo_probe("notify");
  world.unit_type = "notify";
  world.during_apply = [this] { world.unit_state = "activating"; };
  rolled_back("not proven in 3m");
}

TEST_F(Probes, ALineOfTheNewVersionTakesItBackAtOnceWhateverIsAllowed) {
  wanted = demo_probe("log");
  wanted.pattern = "panic|fatal";
  wanted.failures = 1000;
  auto run = rig();
  ASSERT_TRUE(run->until([&] { return run->phase() == "soaking"; }, 10min));
  for (int i = 0; i < 3000; ++i) log("connection lost " + std::to_string(i));  // harmless, and more than a page
  log("a fatal mistake");
  for (int i = 0; i < 3000; ++i) log("connection lost " + std::to_string(i));
  const auto logged_at = world.boot;
  const auto detail = ends(*run, "rolled_back").value("detail", "");
  EXPECT_NE(detail.find("log demo.service: it logged \"a fatal mistake\""), std::string::npos) << detail;
  EXPECT_LE(world.boot - logged_at, 6s);
}

TEST_F(Probes, HarmlessLinesAndThoseOfTheOldProcessDoNotCount) {
  wanted = demo_probe("log");
  wanted.pattern = "fatal";
  auto run = rig();
  world.during_apply = [&] { log("fatal: told to stop"); };  // by the old process, after the place that was noted or before
  ASSERT_TRUE(run->until([&] { return run->phase() == "soaking"; }, 10min));
  const auto old = world.invocation;
  --world.invocation;
  log("fatal: the old one, late");
  world.invocation = old;
  log("fatal in a harmless place", 4);
  log("another error");
  world.now -= 1h;  // the clock is set back: lines do not become older by it
  ends(*run, "committed");
}

TEST_F(Probes, WhatWasFailingBeforeDoesNotCountAndStatusSaysSo) {
  wanted = demo_probe("http");
  world.web[kReadyUrl] = [] { return std::pair(503, std::string()); };
  auto run = rig();
  ASSERT_TRUE(run->until([&] { return run->phase() == "soaking"; }, 10min));
  run->pass(10s);
  const auto shown = run->status()["health"]["probes"][1];
  EXPECT_EQ(shown["baseline"], true);
  EXPECT_EQ(shown["state"], "failing");
  ends(*run, "committed");
}

TEST_F(Probes, UnlessTheBaselineIsStrict) {
  wanted = demo_probe("http");
  world.web[kReadyUrl] = [] { return std::pair(503, std::string()); };
  more = [](core::AgentSettings& settings) { settings.strict_baseline = true; };
  rolled_back("http 127.0.0.1:3000/readyz: 503");
}

TEST_F(Probes, AnExcusedProbeDoesNotExcuseItsNamesake) {
  wanted = demo_probe("http");
  wanted.body = "never there";  // failing before and after
  more = [](core::AgentSettings& settings) { settings.probes.push_back(demo_probe("http")); };
  world.web[kReadyUrl] = [this] { return std::pair(upgraded() ? 500 : 200, std::string()); };
  rolled_back("http 127.0.0.1:3000/readyz (2): 500");
}

TEST_F(Probes, FlappingIsFailingHoweverManyFailuresAreAllowed) {
  wanted = demo_probe("http");
  wanted.failures = 1000;
  int looks = 0;
  world.web[kReadyUrl] = [&] { return std::pair(upgraded() && ++looks % 2 == 0 ? 500 : 200, std::string()); };
  rolled_back("http 127.0.0.1:3000/readyz: went from good to bad 3 times: 500");
  EXPECT_EQ(looks, 6);
}

TEST_F(Probes, AsManyFailuresInARowAsAreAllowedAreForgiven) {
  wanted = demo_probe("http");
  wanted.failures = 4;
  int looks = 0;
  world.web[kReadyUrl] = [&] { return std::pair(upgraded() && ++looks <= 3 ? 500 : 200, std::string()); };
  auto run = rig();
  ends(*run, "committed");
}

// Restart= and RestartSec= of whatever kind: by the signal, not at the interval, and whatever else is being looked at.
TEST_F(Probes, AUnitThatDiesIsNotWaitedForBehindAProbeThatHangs) {
  struct Death {
    const char* state;
    int restarts;
    const char* said;
  };
  for (const auto& [state, restarts, said] : {Death{"", 1, "crash loop"},           // waits for RestartSec, however long
                                              Death{"active", 1, "crash loop"},     // is back already
                                              Death{"failed", 0, "failed"},         // StartLimit, or Restart=no
                                              Death{"inactive", 0, "inactive"}}) {  // ended well
    SCOPED_TRACE(said);
    world = World();
    world.version = "2.3.4";
    world.web[kReadyUrl] = [] { return std::pair(200, std::string()); };
    wanted = demo_probe("http");
    wanted.timeout = 1h;
    more = [](core::AgentSettings& settings) {
      settings.probes[0].interval = 1h;
      std::swap(settings.probes[0], settings.probes[1]);
    };
    world.during_apply = [this] { world.web_hangs = true; };
    auto run = rig();
    ASSERT_TRUE(run->until([&] { return run->phase() == "soaking"; }, 10min));
    run->pass(20s);
    world.unit_state = state;
    world.restarts = restarts;
    const auto died = world.boot;
    for (const auto& tell : world.unit_watchers) tell();
    const auto detail = ends(*run, "rolled_back").value("detail", "");
    EXPECT_NE(detail.find(said), std::string::npos) << detail;
    EXPECT_LE(world.boot - died, 1s);
  }
}

TEST_F(Probes, AResumedSoakHearsOfItsUnitToo) {
  wanted = demo_probe("tcp");
  more = [](core::AgentSettings& settings) { settings.probes[0].interval = 1h; };
  {
    auto run = rig();
    ASSERT_TRUE(run->until([&] { return run->phase() == "soaking"; }, 10min));
  }
  more = [](core::AgentSettings& settings) { settings.probes.clear(); };  // the configuration of today has no unit
  world.unit_watchers.clear();
  auto run = rig();
  ASSERT_TRUE(run->until([&] { return run->phase() == "soaking"; }, 10min));
  run->pass(5s);
  world.unit_state = "failed";
  const auto died = world.boot;
  for (const auto& tell : world.unit_watchers) tell();
  ends(*run, "rolled_back");
  EXPECT_LE(world.boot - died, 1s);
}

TEST_F(Probes, AnAgentThatHangsUntilTheEndIsNotProven) {
  wanted = demo_probe("http");
  wanted.timeout = 1h;
  world.during_apply = [this] { world.web_hangs = true; };
  rolled_back("not proven in 3m");
}

TEST_F(Probes, OneThatCanSayNothingStopsTheUpgradeBeforeAnythingIsChanged) {
  wanted = demo_probe("log");
  world.log_error = sdk::Error(sdk::Errc::denied, "the journal cannot be read: Permission denied");
  auto run = rig();
  ASSERT_TRUE(run->until([&] { return run->reason() == "refused"; }, 10min));
  const auto text = run->status()["decision"]["text"].get<std::string>();
  EXPECT_NE(text.find("log demo.service: the journal cannot be read: Permission denied; `sudo upkeep enable demo` puts the daemon"),
            std::string::npos)
      << text;
  EXPECT_EQ(world.installed, "1.2.3-1");
  EXPECT_EQ(run->status()["quarantined"].size(), 0U);
  EXPECT_EQ(run->status()["health"]["state"], "healthy");
  // The group is there: the next try goes through.
  world.log_error.reset();
  ends(*run, "committed");
}

TEST_F(Probes, OutsideOfThisHostNothingCounts) {
  wanted = demo_probe("http");
  wanted.url = "https://10.9.8.7/";  // the fake web answers what the real one does for an address that is not ours
  auto run = rig();
  ASSERT_TRUE(run->until([&] { return run->reason() == "refused"; }, 10min));
  EXPECT_EQ(world.installed, "1.2.3-1");
}

TEST_F(Probes, AResumedSoakGoesOnFromTheSamePlaceOfTheLog) {
  wanted = demo_probe("log");
  {
    auto run = rig();
    ASSERT_TRUE(run->until([&] { return run->phase() == "soaking"; }, 10min));
    log("an error while nobody was looking");
  }
  rolled_back("it logged \"an error while nobody was looking\"");
}

}  // namespace
}  // namespace upkeep::test

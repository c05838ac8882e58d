// SPDX-License-Identifier: Apache-2.0
// Loaded plugins that throw, seen by whoever calls them: a state store's every method, and what is said of it.
#include "engine/guard.h"

#include <gtest/gtest.h>

#include <regex>

#include "support/plugin_host.h"
#include "support/source_tree.h"

namespace upkeep::engine {
namespace {

const std::string kModules = test::build_dir() + "/test-modules";

class Guard : public testing::Test {
 protected:
  template <typename Kind>
  std::unique_ptr<Kind> throwing(const std::string& method, bool foreign = false) {
    sdk::Config::Table table;
    table.emplace("throws", sdk::Config(method));
    table.emplace("foreign", sdk::Config(foreign));
    auto made = make_plugin<Kind>(registry_, host_, {"throwing", sdk::Config(table)}, faults_);
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
  }
  // The message of an internal error.
  template <typename T>
  std::string bug(const sdk::Result<T>& result) {
    EXPECT_FALSE(result);
    if (result) return "";
    EXPECT_EQ(result.error().code, sdk::Errc::internal);
    return result.error().message;
  }
  static std::string threw(const std::string& kind, const std::string& method, const std::string& what = "\"out of luck\"") {
    return kind + " plugin \"throwing\" (" + kModules + "/" + kind + "-throwing.so): a bug in it: its " + method + " threw " + what;
  }

  Registry registry_{kModules};
  test::PluginHost host_;
  std::shared_ptr<Faults> faults_ = std::make_shared<Faults>();
};

TEST_F(Guard, AStateStoresExceptionsAreErrors) {
  EXPECT_EQ(bug(test::run_task(throwing<sdk::State>("claim")->claim())), threw("state", "claim"));
  EXPECT_EQ(bug(test::run_task(throwing<sdk::State>("release")->release())), threw("state", "release"));
  EXPECT_EQ(bug(test::run_task(throwing<sdk::State>("agents")->agents())), threw("state", "agents"));
  EXPECT_EQ(bug(test::run_task(throwing<sdk::State>("load")->load())), threw("state", "load"));
  EXPECT_EQ(bug(test::run_task(throwing<sdk::State>("truncate")->truncate(1))), threw("state", "truncate"));
  EXPECT_EQ(bug(test::run_task(throwing<sdk::State>("compact")->compact("x\n"))), threw("state", "compact"));
  EXPECT_EQ(bug(test::run_task(throwing<sdk::State>("set_aside", true)->set_aside())),
            threw("state", "set_aside", "something that is no std::exception"));
}

TEST_F(Guard, AScheduleThatCannotSayHowLongItsPermitHoldsGivesNone) {
  EXPECT_EQ(throwing<sdk::Schedule>("lapses")->lapses(), sdk::BootTime(0));
  EXPECT_EQ(throwing<sdk::Schedule>("")->lapses(), std::nullopt);
}

TEST_F(Guard, AFileOfASourceIsReadThroughTheGuard) {
  EXPECT_EQ(bug(test::run_task(throwing<sdk::Source>("get")->get("version"))), threw("source", "get"));
  EXPECT_EQ(test::run_task(throwing<sdk::Source>("")->get("version")).value(), std::nullopt);
}

TEST_F(Guard, AnInstallersAdviceThatThrowsIsAdviceToLook) {
  const auto advice = throwing<sdk::Installer>("advice")->advice({});
  ASSERT_EQ(advice.size(), 1U);
  EXPECT_EQ(advice[0].text, threw("installer", "advice"));
  EXPECT_TRUE(throwing<sdk::Installer>("")->advice({}).empty());
}

TEST_F(Guard, AnAppendThatThrowsMayHaveLanded) {
  EXPECT_EQ(test::run_task(throwing<sdk::State>("append")->append(1, "line")), sdk::Append::unknown);
  EXPECT_EQ(faults_->lines(), std::vector<std::string>{threw("state", "append")});
}

TEST_F(Guard, ACapacityThatThrowsIsTheUsualOne) {
  EXPECT_EQ(throwing<sdk::State>("capacity")->capacity(), 64U * 1024 * 1024);
  EXPECT_EQ(faults_->lines(), std::vector<std::string>{threw("state", "capacity")});
}

TEST_F(Guard, WhatDoesNotThrowPassesThrough) {
  auto state = throwing<sdk::State>("");
  EXPECT_EQ(test::run_task(state->claim())->holder, "somebody");
  EXPECT_EQ(test::run_task(state->agents()).value(), std::vector<std::string>{"demo"});
  EXPECT_EQ(state->capacity(), 4096U);
  EXPECT_EQ(test::run_task(state->append(1, "line")), sdk::Append::done);
  EXPECT_EQ(test::run_task(state->load())->bytes, "line\n");
  EXPECT_TRUE(throwing<sdk::Schedule>("")->verdict({}, nullptr).open);
  EXPECT_TRUE(faults_->lines().empty());
}

TEST_F(Guard, AVerdictThatThrowsIsAClosedWindow) {
  const auto schedule = throwing<sdk::Schedule>("verdict");
  const auto verdict = schedule->verdict({}, nullptr);
  EXPECT_FALSE(verdict.open);
  EXPECT_FALSE(verdict.changes_at);
  EXPECT_EQ(verdict.reason, threw("schedule", "verdict"));
}

TEST_F(Guard, ItIsLoggedOnceForEachMethodAndPlugin) {
  const auto schedule = throwing<sdk::Schedule>("verdict");
  const auto installer = throwing<sdk::Installer>("fetch");
  sdk::Change change;
  for (int i = 0; i < 3; ++i) {
    (void)schedule->verdict({}, nullptr);
    EXPECT_EQ(bug(test::run_task(installer->fetch(change))), threw("installer", "fetch"));
  }
  EXPECT_EQ(host_.logged, (std::vector<std::string>{threw("schedule", "verdict"), threw("installer", "fetch")}));
  EXPECT_EQ(faults_->lines().size(), 2U);
}

// A method that is added to an interface with a default would otherwise never reach a loaded plugin.
TEST(GuardOfInterfaces, EveryVirtualMethodIsHandedOn) {
  std::string guard;
  std::vector<std::string> methods;
  for (const auto& file : test::source_files(test::source_dir())) {
    if (file.path == "daemon/engine/guard.cpp") guard = file.text;
    for (const char* kind : {"source", "schedule", "installer", "state"}) {
      if (file.path != "daemon/sdk/" + std::string(kind) + ".h") continue;
      static const std::regex kVirtual(R"(virtual [^;{]*?(\w+)\()");
      for (std::sregex_iterator at(file.text.begin(), file.text.end(), kVirtual), end; at != end; ++at)
        if (at->str().find('~') == std::string::npos && (*at)[1] != "write" && (*at)[1] != "record")  // Note's, which is ours
          methods.push_back((*at)[1]);
    }
  }
  EXPECT_GE(methods.size(), 20U);
  for (const auto& method : methods)
    EXPECT_TRUE(guard.find("plugin_->" + method + "(") != std::string::npos || guard.find("plugin->" + method + "(") != std::string::npos)
        << method << ": hand it on in daemon/engine/guard.cpp";
}

}  // namespace
}  // namespace upkeep::engine

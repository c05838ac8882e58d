// SPDX-License-Identifier: Apache-2.0
// The keys `restart` and `restart_how` of any installer; apt_settings_test and apt_verify_test have the rest by way of apt.
#include "sdk/restart.h"

#include <gtest/gtest.h>

#include "support/fake_packagekit.h"

namespace upkeep::sdk {
namespace {

using namespace std::chrono_literals;

TEST(Restart, IsWhatTheTwoKeysSay) {
  const auto read = [](Config::Table table) { return read_restart(Config(std::move(table))); };
  EXPECT_EQ(read({{"restart", Config("d.service")}}).how, UnitVerb::try_restart) << "the documented default";
  EXPECT_EQ(read({{"restart", Config("d.service")}, {"restart_how", Config("reload")}}).how, UnitVerb::reload);
  EXPECT_FALSE(read({{"restart", Config("d.service")}, {"restart_how", Config("none")}}).how);
  EXPECT_FALSE(read({}).how) << "nothing to restart";
}

TEST(Restart, ReportsEachIssueAtItsOwnPlace) {
  const Config table(Config::Table{{"restart", Config("demo", {"a.toml", 4})}, {"restart_how", Config("stop", {"a.toml", 5})}},
                     {"a.toml", 1});
  const auto issues = check_restart(table);
  ASSERT_EQ(issues.size(), 2U);
  EXPECT_EQ(issues[0].place.line, 4);
  EXPECT_EQ(issues[1].place.line, 5);
}

TEST(Restart, AfterAWayBackStartsWhatTheBadVersionMadeFailAndNothingElse) {
  for (const auto& [state, call] :
       {std::pair("failed", "RestartUnit"), std::pair("activating", "RestartUnit"), std::pair("inactive", "TryRestartUnit")}) {
    test::FakePackageKit host;
    host.active_state = state;
    ASSERT_TRUE(host.run(restart_after_revert(host, {"d.service", UnitVerb::try_restart}, 1min)));
    EXPECT_EQ(host.calls.back(), std::string(call) + " d.service replace") << state;
  }
  test::FakePackageKit host;
  ASSERT_TRUE(host.run(restart_after_revert(host, {"d.service", std::nullopt}, 1min)));
  EXPECT_TRUE(host.calls.empty());
}

}  // namespace
}  // namespace upkeep::sdk

// SPDX-License-Identifier: Apache-2.0
// The keys of installer/apt, beyond their types.
#include <gtest/gtest.h>

#include "installer/apt/plugin.h"
#include "sdk/text.h"
#include "shared/packages/settings.h"

namespace upkeep::plugins::apt {
namespace {

using namespace std::chrono_literals;
namespace pk = shared::packages;

// A value in brackets is a list: "[a b]".
sdk::Config value_of(const std::string& text, sdk::Place place) {
  if (!text.starts_with('[')) return sdk::Config(text, std::move(place));
  sdk::Config::Array list;
  for (const auto item : sdk::split(std::string_view(text).substr(1, text.size() - 2), ' '))
    if (!item.empty()) list.push_back(sdk::Config(std::string(item), place));
  return sdk::Config(std::move(list), std::move(place));
}

sdk::Config config(std::map<std::string, std::string> keys) {
  sdk::Config::Table table;
  int line = 2;
  for (auto& [key, value] : keys) table.emplace(key, value_of(value, {"demo.toml", line++}));
  return sdk::Config(std::move(table), {"demo.toml", 1});
}

// "path: message" of the only issue, empty when there is none.
std::string issue(std::map<std::string, std::string> keys) {
  if (keys.count("packages") == 0) keys.try_emplace("package", "demo-agent");
  const auto issues = kDescriptor.check(config(std::move(keys)));
  EXPECT_LE(issues.size(), 1U);
  if (issues.empty()) return "";
  EXPECT_EQ(issues[0].place.file, "demo.toml");
  return issues[0].path + ": " + issues[0].message;
}

TEST(AptSettings, HaveTheDocumentedDefaults) {
  const auto settings = pk::read_settings(config({{"package", "demo-agent"}, {"restart", "demo-agent.service"}}));
  EXPECT_EQ(settings.packages, std::vector<std::string>{"demo-agent"});
  EXPECT_EQ(settings.driver, pk::DriverKind::automatic);
  EXPECT_EQ(settings.version_template, "");
  EXPECT_EQ(settings.restart.how, sdk::UnitVerb::try_restart);
  EXPECT_EQ(settings.deadline, 30min);
  EXPECT_EQ(settings.refresh, 6h);
  EXPECT_FALSE(pk::read_settings(config({{"package", "demo-agent"}})).restart.how) << "nothing to restart";
  EXPECT_FALSE(pk::read_settings(config({{"package", "d2"}, {"restart", "d2.service"}, {"restart_how", "none"}})).restart.how);
  EXPECT_EQ(pk::read_settings(config({{"package", "d2"}, {"restart", "d2.service"}, {"restart_how", "reload"}})).restart.how,
            sdk::UnitVerb::reload);
}

TEST(AptSettings, GoodOnesHaveNoIssue) {
  EXPECT_EQ(issue({{"version", "1:{version}-1"},
                   {"restart", "demo-agent.service"},
                   {"restart_how", "restart"},
                   {"deadline", "1h"},
                   {"refresh", "12h"}}),
            "");
  EXPECT_EQ(issue({{"restart", "demo-agent.service"}, {"restart_how", "none"}}), "") << "the package restarts it itself";
  EXPECT_EQ(issue({{"restart_how", "none"}}), "");
}

TEST(AptSettings, APackageNameIsADebianOne) {
  EXPECT_EQ(issue({{"package", "--demo"}}), "package: \"--demo\" is no package name");
  EXPECT_EQ(issue({{"package", "demo*"}}), "package: \"demo*\" is no package name");
  EXPECT_EQ(issue({{"package", ""}}), "package: \"\" is no package name");
  EXPECT_NE(issue({{"package", "Demo"}}).find("no name of a Debian package"), std::string::npos);
  EXPECT_NE(issue({{"package", "demo_agent"}}).find("no name of a Debian package"), std::string::npos);
  EXPECT_NE(issue({{"package", "d"}}).find("no name of a Debian package"), std::string::npos);
}

TEST(AptSettings, VariantsAndCompanionsAreListsOfNames) {
  EXPECT_EQ(issue({{"packages", "[demo-fips demo-agent]"}, {"with", "[demo-libs]"}}), "");
  const auto settings = pk::read_settings(config({{"packages", "[demo-fips demo-agent]"}, {"with", "[demo-libs]"}, {"driver", "native"}}));
  EXPECT_EQ(settings.packages, (std::vector<std::string>{"demo-fips", "demo-agent"}));
  EXPECT_EQ(settings.with, std::vector<std::string>{"demo-libs"});
  EXPECT_EQ(settings.driver, pk::DriverKind::native);
  EXPECT_EQ(issue({{"packages", "[]"}}), "packages: must name one to 8 packages");
  EXPECT_EQ(issue({{"packages", "[a1 a2 a3 a4 a5 a6 a7 a8 a9]"}}), "packages: must name one to 8 packages");
  EXPECT_EQ(issue({{"packages", "[demo-agent de;mo]"}}), "packages: \"de;mo\" is no package name");
  EXPECT_EQ(issue({{"packages", "[demo-agent upkeep]"}}),
            "packages: Upkeep does not upgrade itself: that is for the host's package manager");
  EXPECT_EQ(issue({{"with", "[demo-agent]"}}), "with: \"demo-agent\" is named twice");
  EXPECT_EQ(issue({{"with", "[b1 b2 b3 b4 b5]"}}), "with: must name at most 4 packages");
  EXPECT_EQ(issue({{"package", "demo-agent"}, {"packages", "[demo-fips]"}}),
            "packages: stands beside `package`: name the package there, or its variants here");
  EXPECT_EQ(kDescriptor.check(config({})).front().message, "is missing; or name variants in `packages`");
}

TEST(AptSettings, TheDriverIsOneOfThree) {
  EXPECT_EQ(issue({{"driver", "packagekit"}}), "");
  EXPECT_EQ(issue({{"driver", "dnf"}}), "driver: must be packagekit, native or auto, not \"dnf\"");
}

TEST(AptSettings, UpkeepDoesNotUpgradeItself) {
  EXPECT_EQ(issue({{"package", "upkeep"}}), "package: Upkeep does not upgrade itself: that is for the host's package manager");
}

TEST(AptSettings, ATemplateHasTheVersionOnceAndMakesAPackageVersion) {
  for (const char* bad : {"2.3.4-1", "{version}-{version}", "{version}/1", "{version} 1", "", "{versions}"}) {
    EXPECT_TRUE(issue({{"version", bad}}).starts_with("version: must have {version} once")) << bad;
  }
}

TEST(AptSettings, TheWayToRestartNeedsAUnitAndAKnownWord) {
  EXPECT_EQ(issue({{"restart", "demo-agent"}}),
            "restart: \"demo-agent\" is no unit name: write it with its suffix, as in \"demo-agent.service\"");
  EXPECT_EQ(issue({{"restart", "d.service"}, {"restart_how", "stop"}}),
            "restart_how: must be try-restart, restart, reload or none, not \"stop\"");
  EXPECT_EQ(issue({{"restart_how", "restart"}}), "restart_how: needs to know what to restart: set `restart` to a unit");
}

TEST(AptSettings, AUnitThatEnableWouldNotGrantIsRefused) {
  for (const char* bad : {"-demo.service", "_demo.service", "demo@eu@west.service"})
    EXPECT_TRUE(issue({{"restart", bad}}).starts_with("restart: \"" + std::string(bad) + "\" is no unit name")) << bad;
}

TEST(AptSettings, DurationsOfNoUseAreRefused) {
  EXPECT_EQ(issue({{"deadline", "30s"}}), "deadline: must be at least 1m");
  EXPECT_EQ(issue({{"refresh", "0"}}), "refresh: must be at least 1m");
}

TEST(AptSettings, ThePluginSaysWhatItIs) {
  EXPECT_STREQ(kDescriptor.name, "apt");
  EXPECT_EQ(kDescriptor.kind(), sdk::PluginKind::installer);
  EXPECT_EQ(kDescriptor.keys.front().name, "package");
}

}  // namespace
}  // namespace upkeep::plugins::apt

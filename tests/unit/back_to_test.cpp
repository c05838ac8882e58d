// SPDX-License-Identifier: Apache-2.0
// What an operation goes back to, and the change that it is.
#include <gtest/gtest.h>

#include "core/agent_state.h"

namespace upkeep::core {
namespace {

using R = OperationResult;

TEST(BackTo, IsWhatWasCommittedLast) {
  const struct {
    const char* what;
    std::optional<R> last;  // nullopt: there was no operation yet
    std::string from, to, last_back_to, installed, expected;
  } rows[] = {
      {"nothing was done yet", std::nullopt, "", "", "", "1.0", "1.0"},
      {"nothing is installed", std::nullopt, "", "", "", "", ""},
      {"committed", R::committed, "1.0", "2.0", "1.0", "2.0", "2.0"},
      {"taken back", R::rolled_back, "1.0", "2.0", "1.0", "1.0", "1.0"},
      {"a superseded one was never committed", R::superseded, "1.0", "2.0", "1.0", "2.0", "1.0"},
      {"others have installed something since", R::superseded, "1.0", "2.0", "1.0", "3.0", "3.0"},
      {"superseded, then refused: still that of before both", R::refused, "2.0", "3.0", "1.0", "2.0", "1.0"},
      {"superseded, then failed: still that of before both", R::failed, "2.0", "3.0", "1.0", "2.0", "1.0"},
      {"failed, and others have installed something since", R::failed, "2.0", "3.0", "1.0", "3.0", "3.0"},
      {"overtaken", R::overtaken, "1.0", "2.0", "1.0", "4.0", "4.0"},
  };
  for (const auto& row : rows) {
    AgentState state;
    if (row.last) {
      Finished last;
      last.result = *row.last;
      last.from = row.from;
      last.to = row.to;
      last.back_to = row.last_back_to;
      state.history.push_back(last);
    }
    EXPECT_EQ(back_to(state, row.installed), row.expected) << row.what;
  }
}

TEST(Change, IsADowngradeOnlyWhenAHigherReleaseIsInstalled) {
  const auto target = *sdk::Version::parse("2.0.0");
  const struct {
    const char* installed;
    bool downgrade;
  } rows[] = {{"2.0.1-1", true}, {"2.0.0-1", false}, {"1.9.0-1", false}, {"nonsense", false}, {"", false}};
  for (const auto& [installed, downgrade] : rows) {
    sdk::Installed now;
    now.version = installed;
    now.release = sdk::release_of(installed);
    const auto change = change_to(now, target, nullptr, "id");
    EXPECT_EQ(change.downgrade, downgrade) << installed;
    EXPECT_EQ(change.from, installed);
    EXPECT_EQ(change.target, target);
    EXPECT_EQ(change.operation, "id");
  }
}

TEST(Change, IsShownByItsReleaseUntilTheExactVersionIsKnownAndGoesBackToWhatWasCommitted) {
  OperationState operation;
  operation.change.from = "2.0.0-1";
  operation.change.target = *sdk::Version::parse("3.0.0");
  operation.back_to = "1.0.0-1";
  EXPECT_EQ(operation.shown_to(), "3.0.0");
  operation.change.to = "3.0.0-1";
  EXPECT_EQ(operation.shown_to(), "3.0.0-1");
  EXPECT_EQ(operation.change_back().from, "1.0.0-1");
  EXPECT_EQ(operation.change_back().to, "3.0.0-1");
}

TEST(BackTo, ItsReleaseIsWhatTheInstallerSaidOfIt) {
  sdk::Installed installed;
  installed.version = "app:two";
  installed.release = *sdk::Version::parse("2.0.0");
  AgentState state;
  EXPECT_EQ(back_release(state, installed), installed.release);
  Finished superseded;
  superseded.result = R::superseded;
  superseded.to = installed.version;
  superseded.back_to = "app:one";
  superseded.back_release = *sdk::Version::parse("1.0.0");
  state.history.push_back(superseded);
  EXPECT_EQ(back_release(state, installed), superseded.back_release);
}

TEST(Change, TheReleaseOfAnExactVersionIsTheInstallersWord) {
  OperationState operation;
  operation.change.from = "app:two";
  operation.from_release = *sdk::Version::parse("2.0.0");
  operation.change.to = "app:three";
  operation.change.target = *sdk::Version::parse("3.0.0");
  operation.back_to = "app:one";
  operation.back_release = *sdk::Version::parse("1.0.0");
  EXPECT_EQ(operation.release_of("app:three"), operation.change.target);
  EXPECT_EQ(operation.release_of("app:two"), operation.from_release);
  EXPECT_EQ(operation.release_of("app:one"), operation.back_release);
  EXPECT_EQ(operation.release_of("4.0.0-1"), *sdk::Version::parse("4.0.0"));
  EXPECT_EQ(operation.release_of("app:four"), std::nullopt);
}

TEST(Change, JournalsOfBeforeHaveOnlyTheTextOfAnExactVersion) {
  const struct {
    const char* what;
    nlohmann::json said;  // null: not said
    std::optional<sdk::Version> expected;
  } rows[] = {{"not said", nullptr, *sdk::Version::parse("1.0.0")},
              {"not known", {{"from_release", nullptr}, {"back_release", nullptr}}, std::nullopt},
              {"said", {{"from_release", "1.2.0"}, {"back_release", "1.2.0"}}, *sdk::Version::parse("1.2.0")}};
  for (const auto& row : rows) {
    Entry begin;
    begin.operation = "id";
    begin.event = Event::begin;
    begin.fields = {{"from", "1.0.0-1"}, {"back_to", "1.0.0-1"}, {"target", "2.0.0"},  {"reason", "forced"},
                    {"actor", ""},       {"downgrade", false},   {"settings", nullptr}};
    if (!row.said.is_null()) begin.fields.update(row.said);
    AgentState state;
    ASSERT_TRUE(fold(state, begin)) << row.what;
    EXPECT_EQ(state.operation->from_release, row.expected) << row.what;
    EXPECT_EQ(state.operation->back_release, row.expected) << row.what;
  }
  Entry begin;
  begin.operation = "id";
  begin.event = Event::begin;
  begin.fields = {{"from", ""},  {"from_release", "no version"}, {"back_to", ""},      {"target", "2.0.0"}, {"reason", "forced"},
                  {"actor", ""}, {"downgrade", false},           {"settings", nullptr}};
  AgentState state;
  EXPECT_FALSE(fold(state, begin)) << "a hostile one is refused";
}

}  // namespace
}  // namespace upkeep::core

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
    const auto change = change_to(now, target, "id");
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

}  // namespace
}  // namespace upkeep::core

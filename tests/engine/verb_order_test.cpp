// SPDX-License-Identifier: Apache-2.0
// The automaton of the crash matrix is itself tried: true stories are in order, and each thing taken out, doubled or put
// elsewhere is found.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/crash_matrix.h"
#include "support/verb_order.h"

namespace upkeep::test {
namespace {

using Story = std::vector<std::string>;

Story story_of(const std::string& name) {
  const auto lived = scenario(name);
  auto run = begin(lived);
  live(lived, run);
  EXPECT_TRUE(run.ended) << name;
  return run.world.story;
}

// The nth line that has these words in it.
Story::iterator find(Story& story, const std::string& words, int nth = 1) {
  for (auto line = story.begin(); line != story.end(); ++line)
    if (line->find(words) != std::string::npos && --nth == 0) return line;
  throw std::runtime_error("no " + words);
}
void take_out(Story& story, const std::string& words, int nth = 1) { story.erase(find(story, words, nth)); }
void twice(Story& story, const std::string& words) {
  const auto line = find(story, words);
  story.insert(line, std::string(*line));
}
// To right before, or behind, the first one with the other words.
void move(Story& story, const std::string& words, const std::string& where, int behind = 0) {
  const auto line = *find(story, words);
  take_out(story, words);
  story.insert(find(story, where) + behind, line);
}

struct Wrong {
  std::string name, scenario;
  std::function<void(Story&)> make;
  std::string found;
};

const std::string kTaken = R"("state":"taken")", kOnceMore = "once more", kStarted = R"("state":"started")", kEnded = R"("state":"ended")",
                  kEnd = R"("event":"end")", kSoaking = R"("phase":"soaking")";

std::vector<Wrong> wrongs() {
  return {
      {"NoKeepAtTheStart", "good", [](Story& all) { take_out(all, "keep"); }, "an operation begins, and never kept"},
      {"KeepDuringAnOperation", "good", [](Story& all) { move(all, "keep", kSoaking); }, "keep during an operation"},
      {"KeepOfASupersededVersion", "critical", [](Story& all) { all.insert(find(all, kEnd) + 1, "keep"); },
       "keep of a version that was never committed"},
      {"ApplyTwice", "good", [](Story& all) { twice(all, "apply "); }, "apply 2.3.4-1 without its record"},
      {"OnceMoreWithoutItsRecord", "torn", [](Story& all) { take_out(all, kOnceMore); }, "apply 2.3.4-1 without its record"},
      {"OnceMoreOfWhatIsNotBroken", "torn", [](Story& all) { *find(all, "verified broken") = "verified target"; },
       "again of what is not broken"},
      {"GivenUpTooEarly", "bad",
       [](Story& all) {
         all.erase(find(all, R"("phase":"activating")"), find(all, R"("phase":"reverting")"));
         *find(all, "verified target") = "verified broken";
       },
       "given up too early"},
      {"AWishBeforeItsRecord", "wished", [](Story& all) { move(all, "take ", kTaken); }, "without its record"},
      {"AWishTwice", "wished", [](Story& all) { twice(all, kTaken); }, "a wish is taken twice"},
      {"AHookBeforeItsRecord", "hooks", [](Story& all) { move(all, "hook before_apply", kStarted); }, "without its record"},
      {"AHookOfAnotherOperation", "hooks", [](Story& all) { *find(all, "hook after_apply") += "0"; }, "without its record"},
      {"AHookTwiceInOneLife", "hooks", [](Story& all) { twice(all, "hook after_apply"); }, "twice in one life"},
      {"AHookThatDidNotRun", "hooks", [](Story& all) { take_out(all, "hook after_commit"); }, "has ended and did not run"},
      {"ApplyWithoutItsHook", "hooks",
       [](Story& all) {
         take_out(all, kStarted);
         take_out(all, "hook before_apply");
         take_out(all, kEnded);
       },
       "before_apply has not run well"},
      {"AHookBeforeTheGate", "hooks", [](Story& all) { move(all, "admit ", "hook before_apply", 1); }, "before the gate"},
      {"AfterApplyBehindTheRestart", "hooks",
       [](Story& all) {
         const auto first = find(all, kStarted, 2);
         std::rotate(first, first + 3, find(all, "restarted") + 1);
       },
       "not between apply and restart"},
      {"NoAfterApply", "hooks",
       [](Story& all) {
         const auto first = find(all, kStarted, 2);
         all.erase(first, first + 3);
       },
       "after_apply has not run"},
      {"AHookBeforeItsEnd", "hooks_bad",
       [](Story& all) {
         const auto hook = find(all, "hook after_rollback");
         std::rotate(find(all, kEnd), hook - 1, hook + 1);
       },
       "of another end"},
  };
}

class VerbOrder : public testing::TestWithParam<Wrong> {};

TEST_P(VerbOrder, FindsIt) {
  auto story = story_of(GetParam().scenario);
  ASSERT_EQ(out_of_order(story), Story());
  GetParam().make(story);
  const auto faults = out_of_order(story);
  EXPECT_TRUE(std::any_of(faults.begin(), faults.end(), [](const auto& one) { return one.find(GetParam().found) != std::string::npos; }))
      << testing::PrintToString(faults);
}

INSTANTIATE_TEST_SUITE_P(Of, VerbOrder, testing::ValuesIn(wrongs()), [](const auto& one) { return one.param.name; });

TEST(VerbOrderOwed, IsWhatTheEndOfAStoryLacks) {
  EXPECT_EQ(owed(story_of("hooks")), Story());
  auto no_keep = story_of("hooks");
  no_keep.erase(std::find(find(no_keep, kEnd), no_keep.end(), "keep"));
  EXPECT_EQ(owed(no_keep), Story{"never kept"});
  auto no_hook = story_of("hooks");
  const auto hook = find(no_hook, "hook after_commit");
  no_hook.erase(hook - 1, hook + 2);
  ASSERT_EQ(owed(no_hook).size(), 1U);
  EXPECT_TRUE(owed(no_hook)[0].starts_with("never run to its end: after_commit "));
  auto no_done = story_of("hooks");
  take_out(no_done, "done ");
  ASSERT_EQ(owed(no_done).size(), 1U);
  EXPECT_TRUE(owed(no_done)[0].starts_with("admitted and never done: "));
}

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// Hooks in the journal: which one an operation's end leaves to do, that nothing else may follow, that compaction keeps it,
// and what of a hook's output fits into a record.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/agent_state.h"
#include "core/config_json.h"

namespace upkeep::core {
namespace {

using nlohmann::json;

class HookJournal {
 public:
  std::vector<Entry> entries;
  HookJournal& add(Event event, const std::string& operation, json fields) {
    Entry entry;
    entry.sequence = entries.size() + 1;
    entry.time = sdk::TimePoint(std::chrono::seconds(1'800'000'000 + static_cast<std::int64_t>(entries.size())));
    entry.boot = "b";
    entry.operation = operation;
    entry.event = event;
    entry.fields = std::move(fields);
    entries.push_back(std::move(entry));
    return *this;
  }
  HookJournal& begin(const std::string& id, bool hooks = true) {
    json all = json::object();
    if (hooks)
      for (const auto* name : {"before_apply", "after_apply", "after_commit", "after_rollback"})
        all[name] = {{"command", {"/x"}}, {"unit", ""}, {"timeout_ms", 1000}};
    json settings = {{"soak_ms", 0}};
    if (hooks) settings["hooks"] = all;
    return add(Event::begin, id,
               {{"from", "1"},
                {"back_to", "1"},
                {"target", "2.0.0"},
                {"reason", "window_open"},
                {"actor", ""},
                {"downgrade", false},
                {"settings", settings}});
  }
  HookJournal& started(const std::string& id, const std::string& hook) {
    return add(Event::hook, id, {{"hook", hook}, {"state", "started"}, {"to", "2.0.0-1"}});
  }
  HookJournal& ended(const std::string& id, const std::string& hook, bool ok = true) {
    return add(Event::hook, id,
               {{"hook", hook}, {"state", "ended"}, {"to", "2.0.0-1"}, {"ok", ok}, {"detail", hook + " said"}, {"lines", {hook, "said"}}});
  }
  HookJournal& end(const std::string& id, const std::string& result, const std::string& phase) {
    return add(Event::end, id, {{"result", result}, {"phase", phase}, {"detail", "d"}, {"counted", false}});
  }
  HookJournal& commit(const std::string& id) {
    add(Event::phase, id, {{"phase", "applying"}, {"detail", ""}, {"to", "2.0.0-1"}, {"baseline", json::object()}});
    add(Event::phase, id, {{"phase", "activating"}, {"detail", ""}, {"before_restart", json::object()}});
    add(Event::phase, id, {{"phase", "soaking"}, {"detail", ""}});
    return end(id, "committed", "committed");
  }
  AgentState state() {
    auto folded = fold(entries);
    EXPECT_TRUE(folded) << folded.error().message;
    return folded.value_or(AgentState());
  }
  bool fits() { return fold(entries).has_value(); }
};

TEST(HooksJournal, ACommitLeavesAfterCommitToDoUntilItsEndIsWritten) {
  HookJournal writer;
  auto due = writer.begin("a").started("a", "before_apply").ended("a", "before_apply").commit("a").state().due_hook;
  ASSERT_TRUE(due);
  EXPECT_EQ(due->call.hook, Hook::after_commit);
  EXPECT_EQ(std::tie(due->call.operation, due->call.from, due->call.to),
            std::make_tuple(std::string("a"), std::string("1"), std::string("2.0.0-1")));
  EXPECT_EQ(due->starts, 0);
  due = writer.started("a", "after_commit").state().due_hook;
  ASSERT_TRUE(due);
  EXPECT_EQ(due->starts, 1);
  const auto state = writer.ended("a", "after_commit").state();
  EXPECT_FALSE(state.due_hook);
  ASSERT_EQ(state.history.back().record.size(), 2U);
  EXPECT_EQ(state.history.back().record[1].topic, "hook");
  EXPECT_EQ(state.history.back().record[1].lines, (std::vector<std::string>{"after_commit", "said"}));
}

TEST(HooksJournal, ARefusalLeavesAfterRollbackToDoOnlyWhenBeforeApplyHadBegun) {
  EXPECT_FALSE(HookJournal().begin("a").end("a", "refused", "idle").state().due_hook);
  const auto due = HookJournal().begin("a").started("a", "before_apply").end("a", "failed", "waiting").state().due_hook;
  ASSERT_TRUE(due);
  EXPECT_EQ(due->call.hook, Hook::after_rollback);
  EXPECT_EQ(due->call.to, "2.0.0-1");
}

TEST(HooksJournal, JournalsOfBeforeThereWereHooksLeaveNone) {
  EXPECT_FALSE(HookJournal().begin("a", false).commit("a").state().due_hook);
  AgentSettings settings;
  auto value = operation_settings(AgentSettings(), {});
  value.erase("hooks");
  settings.hooks[Hook::after_commit].unit = "today.service";
  ASSERT_TRUE(apply_operation_settings(value, settings));
  EXPECT_TRUE(settings.hooks.empty()) << "an operation that began without hooks ends without them";
}

TEST(HooksJournal, TheHooksOfAnOperationAreItsSettings) {
  AgentSettings settings, again;
  settings.hooks[Hook::before_apply].command = {"/bin/drain", "--now"};
  settings.hooks[Hook::after_rollback] = {{}, "undrain.service", std::chrono::seconds(7)};
  ASSERT_TRUE(apply_operation_settings(operation_settings(settings, {}), again));
  ASSERT_EQ(again.hooks.size(), 2U);
  EXPECT_EQ(again.hooks[Hook::before_apply].command, settings.hooks[Hook::before_apply].command);
  EXPECT_EQ(again.hooks[Hook::after_rollback].unit, "undrain.service");
  EXPECT_EQ(again.hooks[Hook::after_rollback].timeout, std::chrono::seconds(7));
}

TEST(HooksJournal, WhatCannotFollowIsRefused) {
  EXPECT_FALSE(HookJournal().started("a", "after_commit").fits());
  EXPECT_FALSE(HookJournal().begin("a").started("b", "before_apply").fits());
  EXPECT_FALSE(HookJournal().begin("a").started("a", "after_commit").fits());
  EXPECT_FALSE(HookJournal().begin("a").commit("a").started("a", "after_rollback").fits());
  EXPECT_FALSE(HookJournal().begin("a").started("a", "before_lunch").fits());
  EXPECT_FALSE(HookJournal().begin("a").commit("a").ended("a", "after_commit").ended("a", "after_commit").fits());
  EXPECT_FALSE(HookJournal().begin("a").add(Event::hook, "a", {{"hook", "before_apply"}, {"state", "asleep"}, {"to", ""}}).fits());
}

TEST(HooksJournal, TroubleWithAnAfterHookStaysUntilAnotherOperationCommits) {
  HookJournal writer;
  writer.begin("a").started("a", "after_apply").ended("a", "after_apply", false).commit("a");
  EXPECT_EQ(writer.state().hook_trouble, std::make_pair(std::string("a"), std::string("after_apply said")));
  writer.started("a", "after_commit").ended("a", "after_commit");
  writer.begin("b").end("b", "refused", "idle");
  EXPECT_EQ(writer.state().hook_trouble.first, "a");
  writer.begin("c").commit("c");
  EXPECT_EQ(writer.state().hook_trouble.first, "");
  // A before_apply that fails is the operation's own end, and its detail says so.
  writer.started("c", "after_commit").ended("c", "after_commit").begin("d").started("d", "before_apply").ended("d", "before_apply", false);
  EXPECT_EQ(writer.state().hook_trouble.first, "");
}

TEST(HooksJournal, CompactionKeepsWhatIsDueAndWhatFailed) {
  HookJournal writer;
  writer.begin("a").commit("a").started("a", "after_commit").ended("a", "after_commit", false);
  writer.begin("b").started("b", "before_apply").ended("b", "before_apply").commit("b").started("b", "after_commit");
  const auto before = writer.state();
  HookJournal compacted;
  compacted.add(Event::compacted, "", compact(writer.entries, before));
  const auto after = compacted.state();
  ASSERT_TRUE(after.due_hook);
  EXPECT_EQ(after.due_hook->call.operation, "b");
  EXPECT_EQ(after.due_hook->starts, 1);
  EXPECT_EQ(after.hook_trouble, before.hook_trouble);
  EXPECT_EQ(after.history.size(), 2U);
}

TEST(HooksJournal, OfALongOutputTheLastLinesFitIntoARecord) {
  std::vector<std::string> lines;
  for (int i = 0; i < 1000; ++i) lines.push_back("line " + std::to_string(i) + " " + std::string(100, 'x'));
  auto kept = last_lines(lines, 20);
  ASSERT_EQ(kept.size(), 20U);
  EXPECT_EQ(kept.back(), lines.back());
  kept = last_lines(lines, 1000);
  std::size_t bytes = 0;
  for (const auto& line : kept) bytes += line.size() + 1;
  EXPECT_LE(bytes, kMaxRecordBytes);
  EXPECT_GE(bytes, kMaxRecordBytes - 200);
  kept = last_lines({std::string(10'000, 'y')}, 20);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_LT(kept[0].size(), 600U);
  EXPECT_TRUE(last_lines({}, 20).empty());
}

}  // namespace
}  // namespace upkeep::core

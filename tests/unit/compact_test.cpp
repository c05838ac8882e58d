// SPDX-License-Identifier: Apache-2.0
// A journal that must become shorter: what goes, in which order, and what never does.

#include <gtest/gtest.h>

#include "core/agent_state.h"

namespace upkeep::core {
namespace {

using nlohmann::json;
using Names = std::vector<std::string>;

struct Operations {
  std::vector<Entry> entries;
  void add(Event event, json fields, const std::string& operation = "") {
    Entry out;
    out.sequence = entries.size() + 1;
    out.time = sdk::TimePoint(std::chrono::seconds(1'800'000'000 + static_cast<std::int64_t>(out.sequence)));
    out.boot = "b1";
    out.operation = operation;
    out.event = event;
    out.fields = std::move(fields);
    entries.push_back(std::move(out));
  }
  void phase(const std::string& id, const std::string& phase, json more = json::object()) {
    more.update({{"phase", phase}, {"detail", ""}});
    add(Event::phase, std::move(more), id);
  }
  void begin(const std::string& id, const std::string& from, const std::string& target) {
    json fields = {{"from", from}, {"back_to", from}, {"target", target}, {"reason", "forced"}, {"actor", ""}, {"downgrade", false}};
    fields["settings"] = json::object();
    add(Event::begin, std::move(fields), id);
  }
  void installs(const std::string& id, const std::string& from, const std::string& target) {
    begin(id, from, target);
    phase(id, "applying", {{"to", target}, {"baseline", json::object()}});
    phase(id, "activating", {{"before_restart", json::object()}});
    phase(id, "soaking");
    record(id);
  }
  void record(const std::string& id) { add(Event::record, {{"topic", "probe"}, {"lines", {std::string(1000, 'x')}}}, id); }
  void end(const std::string& id, const std::string& result, const std::string& phase, bool counted = false) {
    add(Event::end, {{"result", result}, {"phase", phase}, {"detail", ""}, {"counted", counted}}, id);
  }
};

// One version in quarantine, one attempt that counts, three upgrades, a refusal, and an upgrade that runs; each with a record or two.
std::vector<Entry> story() {
  Operations out;
  out.add(Event::installed, {{"version", "1.0.0"}, {"by", "first"}});
  out.installs("quarantines", "1.0.0", "2.0.0");
  out.phase("quarantines", "reverting", {{"result", "rolled_back"}, {"quarantine", {{"version", "2.0.0"}}}});
  out.end("quarantines", "rolled_back", "rolled_back");
  out.begin("counts", "1.0.0", "3.0.0");
  out.record("counts");
  out.end("counts", "failed", "idle", true);
  out.add(Event::pinned, {{"actor", "olga"}, {"version", "1.0.3"}, {"allow_downgrade", false}});
  for (const auto* version : {"1.0.1", "1.0.2", "1.0.3"}) {
    out.installs("to " + std::string(version), "1.0.0", version);
    out.end("to " + std::string(version), "committed", "committed");
  }
  out.begin("refused", "1.0.3", "1.0.4");
  out.end("refused", "refused", "idle");
  out.installs("runs", "1.0.3", "1.0.5");
  out.record("runs");
  return out.entries;
}

AgentState after(const json& fields) {
  Operations out;
  out.add(Event::compacted, fields);
  auto state = fold(out.entries);
  EXPECT_TRUE(state) << state.error().message;
  return state ? *state : AgentState();
}

const Names kAll = {"quarantines", "counts", "to 1.0.1", "to 1.0.2", "to 1.0.3", "refused"};
const Names kNeeded = {"quarantines", "counts", "to 1.0.3", "refused"};

TEST(Compaction, RecordsGoBeforeOperationsAndTheOldestFirst) {
  const auto entries = story();
  const auto state = fold(entries);
  ASSERT_TRUE(state) << state.error().message;
  const auto bytes = [](const json& fields) { return fields["entries"].dump().size(); };
  const auto all = bytes(compact(entries, *state));
  const auto bare = bytes(compact(entries, *state, 1));  // what cannot go
  struct Case {
    std::string name;
    std::size_t most;
    Names operations, with_records;
  };
  const Case cases[] = {
      {"there is room", all, kAll, {"quarantines", "counts", "to 1.0.1", "to 1.0.2", "to 1.0.3"}},
      {"a byte too long", all - 1, kAll, {"counts", "to 1.0.1", "to 1.0.2", "to 1.0.3"}},
      {"three records too long", all - 3000, kAll, {"to 1.0.2", "to 1.0.3"}},
      {"without any records", all - 5 * 1000, kAll, {}},
      {"an operation too long", all - 5 * 1250, {"quarantines", "counts", "to 1.0.2", "to 1.0.3", "refused"}, {}},
      {"as short as can be", bare, kNeeded, {}},
      {"shorter than can be", 0, kNeeded, {}},
  };
  for (const auto& one : cases) {
    const auto fields = compact(entries, *state, one.most);
    EXPECT_LE(bytes(fields), std::max(one.most, bare)) << one.name;
    const auto again = after(fields);
    Names operations, with_records;
    for (const auto& finished : again.history) {
      operations.push_back(finished.id);
      if (!finished.record.empty()) with_records.push_back(finished.id);
    }
    EXPECT_EQ(operations, one.operations) << one.name;
    EXPECT_EQ(with_records, one.with_records) << one.name;
    EXPECT_EQ(again.quarantined, state->quarantined) << one.name;
    EXPECT_EQ(again.attempts, state->attempts) << one.name;
    ASSERT_TRUE(again.pin) << one.name;
    EXPECT_EQ(again.last_seen, "1.0.5") << one.name;
    ASSERT_TRUE(again.operation) << one.name;
    EXPECT_EQ(again.operation->phase, Phase::soaking) << one.name;
    EXPECT_EQ(again.operation->record.size(), 2U) << one.name;
  }
}

TEST(Compaction, WhatWasInstalledLastIsKnownWhenNothingRuns) {
  auto entries = story();
  entries.resize(entries.size() - 6);  // before the one that runs
  const auto state = fold(entries);
  ASSERT_TRUE(state && !state->operation);
  const auto again = after(compact(entries, *state, 0));
  EXPECT_EQ(again.last_seen, "1.0.3");
  ASSERT_NE(again.last(), nullptr);
  EXPECT_EQ(again.last()->id, "refused");
}

TEST(Compaction, TheFormerVersionStaysKnownBehindManyThatWereTakenBack) {
  Operations out;
  out.add(Event::installed, {{"version", "1.0.0"}, {"by", "first"}});
  out.installs("to 1.0.1", "1.0.0", "1.0.1");
  out.end("to 1.0.1", "committed", "committed");
  for (int i = 0; i < 5; ++i) {
    const auto id = "back " + std::to_string(i);
    out.installs(id, "1.0.1", "1.0.2");
    out.phase(id, "reverting", {{"result", "rolled_back"}});
    out.end(id, "rolled_back", "rolled_back");
  }
  const auto state = fold(out.entries);
  ASSERT_TRUE(state) << state.error().message;
  const auto again = after(compact(out.entries, *state, 0));
  ASSERT_EQ(again.history.size(), 2U);
  EXPECT_EQ(again.history.front().id, "to 1.0.1");
  EXPECT_EQ(again.history.back().id, "back 4");
}

Entry wish(const std::string& state, const std::string& identity) {
  Entry out;
  out.event = Event::wish;
  out.fields = {{"state", state},   {"identity", identity}, {"version", "1.0.1"}, {"actor", "claimed: kubectl"},
                {"place", "there"}, {"detail", "no"}};
  return out;
}

// Else it would be taken once more.
TEST(Compaction, WhatCameOfTheLastWishStaysKnown) {
  Operations out;
  out.add(Event::installed, {{"version", "1.0.0"}, {"by", "first"}});
  const auto add = [&out](const char* state, const char* identity) { out.add(Event::wish, wish(state, identity).fields); };
  add("taken", "first");
  add("refused", "first");
  add("gone", "first");
  add("taken", "second");
  const auto again = [&out] {
    const auto state = fold(out.entries);
    EXPECT_TRUE(state) << state.error().message;
    auto compacted = after(compact(out.entries, *state, 0));
    EXPECT_EQ(compacted.wish.has_value(), state->wish.has_value());
    return compacted.wish.value_or(TakenWish());
  };
  EXPECT_EQ(again().identity, "second");
  EXPECT_TRUE(again().open());
  EXPECT_FALSE(again().gone);
  json fields = {{"from", "1.0.0"}, {"back_to", "1.0.0"}, {"target", "1.0.1"}, {"reason", "forced"}, {"actor", ""}, {"downgrade", false}};
  fields["settings"] = json::object();
  fields["wish"] = "second";
  out.add(Event::begin, std::move(fields), "wished");
  out.end("wished", "failed", "waiting");
  for (int i = 0; i < 3; ++i) {
    const auto id = "later " + std::to_string(i);
    out.installs(id, "1.0.0", "1.0.1");
    out.phase(id, "reverting", {{"result", "rolled_back"}});
    out.end(id, "rolled_back", "rolled_back");
  }
  EXPECT_EQ(again().operation, "wished");
  EXPECT_FALSE(again().open());
  add("gone", "second");
  EXPECT_TRUE(again().gone);
}

TEST(Compaction, AnOperatorsSuspensionAndAWishedOneAreTwo) {
  Operations out;
  out.add(Event::suspended, {{"actor", "olga"}, {"reason", "freeze"}});
  out.add(Event::suspended, {{"actor", "claimed: helm"}, {"reason", "too"}, {"place", "there"}});
  auto state = fold(out.entries);
  ASSERT_TRUE(state && state->suspension && state->wished_suspension);
  auto again = after(compact(out.entries, *state, 0));
  ASSERT_TRUE(again.suspension && again.wished_suspension);
  EXPECT_EQ(again.suspension->actor, "olga");
  EXPECT_EQ(again.wished_suspension->place, "there");
  out.add(Event::resumed, {{"actor", "olga"}});
  state = fold(out.entries);
  again = after(compact(out.entries, *state, 0));
  EXPECT_FALSE(again.suspension);
  EXPECT_TRUE(again.wished_suspension);
  out.add(Event::resumed, {{"actor", "claimed: not known"}, {"place", "there"}});
  EXPECT_FALSE(fold(out.entries)->wished_suspension);
}

TEST(WishJournal, NothingIsAnsweredThatWasNotTakenNorTwice) {
  std::optional<TakenWish> none;
  for (const auto* state : {"refused", "gone"}) EXPECT_FALSE(fold_wish(none, wish(state, "a")));
  const auto taken = [] {
    std::optional<TakenWish> out;
    EXPECT_TRUE(fold_wish(out, wish("taken", "a")));
    return out;
  };
  auto one = taken();
  EXPECT_FALSE(fold_wish(one, wish("refused", "b"))) << "another one";
  EXPECT_FALSE(fold_wish(one, wish("granted", "a")));
  EXPECT_TRUE(fold_wish(one, wish("refused", "a")));
  EXPECT_FALSE(fold_wish(one, wish("refused", "a"))) << "twice";
  auto silent = wish("refused", "a");
  silent.fields["detail"] = "";
  one = taken();
  EXPECT_FALSE(fold_wish(one, silent)) << "it would be open still";
  Entry begin = wish("", "a");
  begin.event = Event::begin;
  begin.operation = "op";
  begin.fields["wish"] = "a";
  one = taken();
  EXPECT_TRUE(fold_wish(one, begin));
  EXPECT_EQ(one->operation, "op");
  EXPECT_FALSE(fold_wish(one, begin)) << "no wish begins two operations";
}

TEST(Compaction, WhoeverKeepsUndoingAVersionStaysKnown) {
  Operations out;
  out.add(Event::installed, {{"version", "1.0.0"}, {"by", "first"}});
  for (const auto* id : {"first", "second"}) {
    out.installs(id, "1.0.0", "1.0.1");
    out.end(id, "committed", "committed");
    out.add(Event::installed, {{"version", "1.0.0"}, {"by", "others"}, {"who", "flux"}, {"undoes", "1.0.1"}});
  }
  for (const auto* version : {"0.9.0", "0.9.1", "0.9.2"}) out.add(Event::installed, {{"version", version}, {"by", "others"}});
  auto state = fold(out.entries);
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(contested(*state, "1.0.1"), "flux");
  EXPECT_EQ(contested(*state, "1.0.2"), "");
  auto again = after(compact(out.entries, *state, 0));
  EXPECT_EQ(contested(again, "1.0.1"), "flux");
  EXPECT_EQ(again.last_seen, "0.9.2");
  EXPECT_NE(again.changed_outside.find("0.9.1 -> 0.9.2 at "), std::string::npos) << again.changed_outside;
  out.add(Event::unquarantined, {{"version", "1.0.1"}, {"actor", "olga"}});
  state = fold(out.entries);
  EXPECT_EQ(contested(*state, "1.0.1"), "");
  again = after(compact(out.entries, *state, 0));
  EXPECT_EQ(contested(again, "1.0.1"), "");
}

}  // namespace
}  // namespace upkeep::core

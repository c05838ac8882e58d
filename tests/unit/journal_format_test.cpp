// SPDX-License-Identifier: Apache-2.0
// The journal's lines: what is read back, what is cut off as torn, what is damage, and what is never guessed.
#include "core/journal_format.h"

#include <gtest/gtest.h>

#include "core/agent_state.h"

namespace upkeep::core {
namespace {

using nlohmann::json;

Entry entry(std::uint64_t sequence, Event event, json fields, const std::string& operation = "") {
  Entry out;
  out.sequence = sequence;
  out.time = sdk::TimePoint(std::chrono::seconds(1'800'000'000 + static_cast<std::int64_t>(sequence)));
  out.boot = "b1";
  out.boot_time = sdk::BootTime(1000 * sequence);
  out.operation = operation;
  out.event = event;
  out.fields = std::move(fields);
  return out;
}

// A whole upgrade that was taken back, two dozen entries with suspensions, a wish and a pin around it.
std::vector<Entry> story() {
  const json begin = {{"from", "1.2.3-1"}, {"back_to", "1.2.3-1"}, {"target", "3.0.0"},         {"reason", "window_open"},
                      {"actor", ""},       {"downgrade", false},   {"settings", json::object()}};
  std::vector<Entry> out;
  const auto add = [&](Event event, json fields, const std::string& operation = "") {
    out.push_back(entry(out.size() + 1, event, std::move(fields), operation));
  };
  add(Event::installed, {{"version", "1.2.3-1"}, {"by", "first"}});
  add(Event::release, {{"origin", "https://u.test/stable"},
                       {"etag", "\"e\""},
                       {"version", "3.0.0\n"},
                       {"critical", "no"},
                       {"critical_note", ""},
                       {"confirmed", true},
                       {"read_at", "2027-01-15T08:00:00Z"}});
  add(Event::suspended, {{"actor", "olga"}, {"reason", "freeze"}});
  add(Event::resumed, {{"actor", "olga"}});
  add(Event::begin, begin, "op1");
  add(Event::phase, {{"phase", "applying"}, {"detail", "demo"}, {"to", "3.0.0-1"}, {"baseline", json::object()}}, "op1");
  add(Event::note, {{"bytes", "/1_abc"}}, "op1");
  add(Event::phase, {{"phase", "applying"}, {"detail", "resumed"}}, "op1");
  add(Event::phase, {{"phase", "activating"}, {"detail", ""}, {"before_restart", json::object()}}, "op1");
  add(Event::phase, {{"phase", "soaking"}, {"detail", "for 2m"}}, "op1");
  add(Event::phase, {{"phase", "reverting"}, {"detail", "crash loop"}, {"result", "rolled_back"}, {"quarantine", {{"version", "3.0.0"}}}},
      "op1");
  add(Event::note, {{"bytes", "/2_abc"}}, "op1");
  add(Event::record, {{"topic", "probe"}, {"lines", {"http: 503", "body: no"}}}, "op1");
  add(Event::end, {{"result", "rolled_back"}, {"phase", "rolled_back"}, {"detail", "crash loop"}, {"counted", false}}, "op1");
  add(Event::record, {{"topic", "hook"}, {"lines", {"after_rollback: exit status 1"}}}, "op1");
  add(Event::pinned, {{"actor", "olga"}, {"version", "1.2.3"}, {"allow_downgrade", false}});
  add(Event::unpinned, {{"actor", "olga"}});
  add(Event::unquarantined, {{"version", "9.9.9"}, {"actor", "olga"}});
  add(Event::installed, {{"version", "1.2.4-1"}, {"by", "others"}});
  add(Event::suspended, {{"actor", "olga"}, {"reason", "again"}, {"until", "2027-02-01T00:00:00Z"}});
  add(Event::pinned, {{"actor", "olga"}, {"version", "1.2.4"}, {"allow_downgrade", true}});
  add(Event::suspended, {{"actor", "claimed: helm"}, {"reason", "freeze"}, {"place", "annotation suspend"}});
  add(Event::wish,
      {{"state", "taken"}, {"identity", "uid 2.0.0"}, {"version", "2.0.0"}, {"actor", "claimed: kubectl"}, {"place", "annotation force"}});
  add(Event::wish, {{"state", "refused"}, {"identity", "uid 2.0.0"}, {"detail", "not the target"}});
  add(Event::wish, {{"state", "gone"}, {"identity", "uid 2.0.0"}});
  return out;
}

std::string bytes(const std::vector<Entry>& entries) {
  std::string out;
  for (const auto& one : entries) out += encode(one) + "\n";
  return out;
}

void expect_story(const AgentState& state) {
  EXPECT_EQ(state.last_seen, "1.2.4-1");
  EXPECT_EQ(state.quarantined, (std::map<std::string, std::string>{{"3.0.0", "crash loop"}}));
  ASSERT_TRUE(state.suspension);
  EXPECT_EQ(state.suspension->reason, "again");
  ASSERT_TRUE(state.wished_suspension);
  EXPECT_EQ(state.wished_suspension->actor, "claimed: helm");
  ASSERT_TRUE(state.wish);
  EXPECT_EQ(state.wish->refused, "not the target");
  EXPECT_TRUE(state.wish->gone);
  ASSERT_TRUE(state.pin);
  EXPECT_EQ(state.pin->version.str(), "1.2.4");
  ASSERT_TRUE(state.in_force);
  EXPECT_EQ(state.in_force->release.version->str(), "3.0.0");
  EXPECT_FALSE(state.operation);
  ASSERT_EQ(state.history.size(), 1U);
  EXPECT_EQ(state.history[0].result, OperationResult::rolled_back);
  EXPECT_EQ(state.history[0].phases.size(), 7U);
  ASSERT_EQ(state.history[0].record.size(), 2U);
  EXPECT_EQ(state.history[0].record[0].topic, "probe");
  EXPECT_EQ(state.history[0].record[0].lines, (std::vector<std::string>{"http: 503", "body: no"}));
  EXPECT_EQ(state.history[0].record[1].topic, "hook");
}

TEST(Journal, WhatIsWrittenIsReadBack) {
  const auto read = read_journal(bytes(story()));
  EXPECT_EQ(read.damage, "");
  EXPECT_FALSE(read.torn);
  ASSERT_EQ(read.entries.size(), 25U);
  const auto state = fold(read.entries);
  ASSERT_TRUE(state) << state.error().message;
  expect_story(*state);
  EXPECT_EQ(state->next_sequence, 26U);
}

TEST(Journal, ARecordIsBoundedInLinesAndInNumber) {
  const auto cut = bounded({std::string(4000, 'a'), std::string(4000, 'b'), "c"});
  ASSERT_EQ(cut.size(), 2U);
  EXPECT_EQ(cut[1], std::string(94, 'b') + "…");
  EXPECT_EQ(bounded({"a", "", "b"}), (std::vector<std::string>{"a", "", "b"}));

  auto entries = story();
  for (int i = 0; i < 100; ++i) entries.push_back(entry(entries.size() + 1, Event::record, {{"topic", "hook"}, {"lines", {"x"}}}, "op1"));
  const auto state = fold(entries);
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->history[0].record.size(), kMaxRecords);
  entries.push_back(entry(entries.size() + 1, Event::record, {{"topic", "hook"}, {"lines", {"x"}}}, "op2"));
  EXPECT_FALSE(fold(entries));
}

TEST(Journal, BytesThatAreNoTextAndNewlinesStayInOneLine) {
  const auto line = encode(entry(1, Event::note, {{"bytes", "a\nb\xff\"}"}}, "op"));
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_TRUE(decode(line));
}

TEST(Journal, EveryTruncationIsATornLineOrAWholeJournal) {
  const auto all = bytes(story());
  for (std::size_t size = 0; size < all.size(); ++size) {
    const auto read = read_journal(std::string_view(all).substr(0, size));
    EXPECT_EQ(read.damage, "") << size;
    EXPECT_EQ(read.torn, size > 0 && all[size - 1] != '\n') << size;
    EXPECT_LE(read.good_bytes, size);
    EXPECT_TRUE(fold(read.entries)) << size;
  }
}

TEST(Journal, EveryFlippedByteIsDamageOrATornEndAndNeverAnotherStory) {
  const auto all = bytes(story());
  const auto lines = story().size();
  for (std::size_t at = 0; at < all.size(); ++at) {
    auto flipped = all;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    const auto read = read_journal(flipped);
    EXPECT_TRUE(!read.damage.empty() || read.torn) << "byte " << at;
    EXPECT_LT(read.entries.size(), lines) << "byte " << at;
  }
}

TEST(Journal, DamageNamesItsLine) {
  auto lines = bytes(story());
  lines.insert(0, "rubbish\n");
  EXPECT_NE(read_journal(lines).damage.find("line 1"), std::string::npos);
}

TEST(Journal, AMissingOrDoubledLineIsDamage) {
  auto entries = story();
  entries.erase(entries.begin() + 7);
  EXPECT_NE(read_journal(bytes(entries)).damage.find("entry 9 follows entry 7"), std::string::npos);
  entries = story();
  entries.insert(entries.begin() + 3, entries[3]);
  EXPECT_FALSE(read_journal(bytes(entries)).damage.empty());
  entries = story();
  entries.erase(entries.begin());
  EXPECT_FALSE(read_journal(bytes(entries)).damage.empty());
}

TEST(Journal, ANewerSchemaNamesItsWriter) {
  auto line = encode(entry(1, Event::resumed, {{"actor", "a"}}));
  line.replace(line.find("\"schema\":1"), 10, "\"schema\":2");
  const auto read = decode(line);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, sdk::Errc::unsupported);
  EXPECT_NE(read.error().message.find("written by Upkeep"), std::string::npos);
}

TEST(Journal, ZeroesAtTheEndAreATornLine) {
  auto all = bytes(story()) + std::string(100, '\0') + "\n";
  const auto read = read_journal(all);
  EXPECT_TRUE(read.torn);
  EXPECT_EQ(read.damage, "");
}

TEST(Fold, RefusesAnEdgeThatIsNotInTheTable) {
  auto entries = story();
  entries[6].event = Event::phase;
  entries[6].fields = {{"phase", "soaking"}, {"detail", ""}};
  const auto state = fold(entries);
  ASSERT_FALSE(state);
  EXPECT_NE(state.error().message.find("no edge from applying to soaking"), std::string::npos);
}

TEST(Fold, RefusesEntriesOfAnOperationThatDoesNotRun) {
  auto entries = story();
  entries[6].operation = "op2";
  EXPECT_FALSE(fold(entries));
  entries = story();
  entries[4].fields.erase("target");
  EXPECT_FALSE(fold(entries));
  entries = story();
  entries[4].fields["target"] = 5;
  EXPECT_FALSE(fold(entries));
}

TEST(Fold, ReadsTheSameFromACompactedJournal) {
  const auto entries = story();
  const auto state = fold(entries);
  ASSERT_TRUE(state);
  auto one = entry(20, Event::compacted, compact(entries, *state));
  const auto read = read_journal(encode(one) + "\n");
  ASSERT_EQ(read.damage, "");
  const auto again = fold(read.entries);
  ASSERT_TRUE(again) << again.error().message;
  expect_story(*again);
  EXPECT_EQ(again->next_sequence, 21U);
  EXPECT_LT(one.fields["entries"].size(), entries.size());
  // And once more, over what is already compacted.
  one.fields = compact(read.entries, *again);
  const auto twice = fold({one});
  ASSERT_TRUE(twice);
  expect_story(*twice);
}

// Found by fuzzing: they threw.
TEST(Journal, ANewerSchemaMaySayAnythingOfItsWriter) {
  EXPECT_EQ(decode(R"({"schema":2,"by":3})").error().message, "written by Upkeep of another version (schema 2), this one reads schema 1");
  const auto large = decode(R"({"schema":4294967297,"by":"9.0.0"})");
  EXPECT_EQ(large.error().code, sdk::Errc::unsupported);
  EXPECT_NE(large.error().message.find("schema 4294967297"), std::string::npos);
}

TEST(Fold, CompactionPassesOverFieldsThatAreNotWhatTheyAreCalled) {
  const std::vector<Entry> entries = {entry(1, Event::installed, {{"version", "1.2.3-1"}, {"by", "first"}, {"quarantine", 3}})};
  const auto state = fold(entries);
  ASSERT_TRUE(state);
  EXPECT_EQ(compact(entries, *state)["entries"].size(), 1U);
}

TEST(Fold, WhatOthersChangedBeforeTheLastTimeIsNotKeptForEver) {
  std::vector<Entry> entries = {entry(1, Event::installed, {{"version", "1"}, {"by", "first"}})};
  for (std::uint64_t i = 2; i <= 500; ++i)  // somebody and somebody else put their versions there in turn
    entries.push_back(entry(i, Event::installed, {{"version", std::to_string(i)}, {"by", "others"}}));
  const auto state = fold(entries);
  ASSERT_TRUE(state);
  const auto one = entry(501, Event::compacted, compact(entries, *state));
  EXPECT_EQ(one.fields["entries"].size(), 2U);
  const auto again = fold({one});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->last_seen, "500");
  EXPECT_TRUE(again->seen);
  EXPECT_EQ(again->changed_outside, state->changed_outside) << "which names the version of before, too";
}

TEST(Fold, ManyOperationsStayWithinTheHistory) {
  std::vector<Entry> entries;
  AgentState state;
  for (int i = 0; i < 300; ++i) {
    const auto id = "op" + std::to_string(i);
    const auto begin = entry(state.next_sequence, Event::begin,
                             {{"from", "1"},
                              {"back_to", "1"},
                              {"target", "1.0." + std::to_string(i)},
                              {"reason", "forced"},
                              {"actor", ""},
                              {"downgrade", false},
                              {"settings", json::object()}},
                             id);
    ASSERT_TRUE(fold(state, begin));
    const auto end =
        entry(state.next_sequence, Event::end, {{"result", "refused"}, {"phase", "idle"}, {"detail", "no"}, {"counted", false}}, id);
    ASSERT_TRUE(fold(state, end));
    entries.push_back(begin);
    entries.push_back(end);
  }
  EXPECT_EQ(state.history.size(), kHistory);
  EXPECT_EQ(compact(entries, state)["entries"].size(), 2 * kHistory);
}

}  // namespace
}  // namespace upkeep::core

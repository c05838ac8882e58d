// SPDX-License-Identifier: Apache-2.0
// A real journal, recorded from a bad upgrade, with bytes flipped, cut off, swapped, doubled or zeroed, under a whole engine:
// never a crash, and nothing is changed on the word of a damaged journal. A shorter one is an older state, and ends legally.
#include <gtest/gtest.h>

#include <cstdlib>

#include "support/rig.h"
#include "support/verb_order.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;

struct Recorded {
  World after;  // the outside at its end
  std::string bytes;
  std::vector<std::string> lines;  // with their newlines
};

std::vector<std::string> lines_of(const std::string& bytes) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < bytes.size(); at = bytes.find('\n', at) + 1) out.push_back(bytes.substr(at, bytes.find('\n', at) + 1 - at));
  return out;
}

// A good upgrade, a suspension, a bad upgrade that is taken back, and a death in the middle of it.
const Recorded& recorded() {
  static const Recorded kIt = [] {
    Recorded out;
    auto& world = out.after;
    world.version = "2.3.4";
    world.die_in = "revert:middle";
    try {
      Rig rig(world);
      rig.until([&] { return rig.last_result() == "committed"; });
      (void)rig.ask(engine::Verb::suspend);
      (void)rig.ask(engine::Verb::resume);
      world.version = "3.0.0";
      world.bad = {"3.0.0-1"};
      world.records = true;
      rig.until([&] { return rig.reason() == "quarantined"; });
    } catch (const Death&) {
    }
    Rig rig(world);
    rig.until([&] { return rig.reason() == "quarantined"; });
    out.bytes = world.files.at(kJournal);
    out.lines = lines_of(out.bytes);
    return out;
  }();
  return kIt;
}

bool changes_something(const std::string& verb) {
  for (const auto* word : {"apply", "activate", "revert", "fetch", "WRONG"})
    if (verb.starts_with(word)) return true;
  return false;
}

// What an engine makes of these bytes in two hours.
struct Seen {
  std::string reason;
  bool damaged = false;
  std::vector<std::string> changes;
  World world;
};
Seen live_on(const std::string& bytes, sdk::Millis time) {
  Seen out;
  out.world = recorded().after;
  out.world.files[kJournal] = bytes;
  out.world.verbs.clear();
  Rig rig(out.world);
  rig.until([&] { return rig.settled(); }, time);
  out.reason = rig.reason();
  out.damaged = out.reason == "journal_damaged";
  EXPECT_EQ(out.damaged, !rig.engine().troubles().empty());
  for (const auto& verb : out.world.verbs)
    if (changes_something(verb)) out.changes.push_back(verb);
  return out;
}

TEST(JournalBytes, TheRecordedOneTellsTheWholeStory) {
  ASSERT_GE(recorded().lines.size(), 20U);
  std::set<std::string> events;
  for (const auto& line : recorded().lines) events.insert(nlohmann::json::parse(line)["event"]);
  for (const auto* event : {"release", "installed", "begin", "phase", "note", "record", "end", "suspended", "resumed"})
    EXPECT_TRUE(events.contains(event)) << event;
  EXPECT_EQ(live_on(recorded().bytes, 2h).reason, "quarantined");
}

TEST(JournalBytes, EachFlippedByteStopsTheAgentOrIsATornEnd) {
  const auto& all = recorded().bytes;
  const bool everything = std::getenv("UPKEEP_LONG") != nullptr;
  int flips = 0;
  for (std::size_t at = 0; at < all.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      if (!everything && bit != static_cast<int>(at % 8)) continue;
      auto flipped = all;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      const auto seen = live_on(flipped, 1min);
      ++flips;
      // The last line without its newline is one that was torn; with it, it was durable, and is not dropped.
      ASSERT_EQ(seen.damaged, at + 1 != all.size()) << "byte " << at << " bit " << bit << ": " << seen.reason;
      ASSERT_TRUE(seen.changes.empty() || !seen.damaged) << "byte " << at << " bit " << bit << ": " << seen.changes.front();
      if (seen.damaged) {
        ASSERT_EQ(seen.world.files.at(kJournal), flipped) << "what is damaged is left for people to look at";
      }
    }
  }
  RecordProperty("flipped_bytes", flips);
}

TEST(JournalBytes, EachTruncationIsAnOlderStateThatEndsLegally) {
  const auto& all = recorded().bytes;
  const bool everything = std::getenv("UPKEEP_LONG") != nullptr;
  std::set<std::size_t> ends;
  std::size_t end = 0;
  for (const auto& line : recorded().lines) ends.insert(end += line.size());
  int cuts = 0;
  for (std::size_t size = 0; size < all.size(); ++size) {
    // The same lines are left wherever the last one is torn: each length is loaded, some are lived on.
    const bool whole = ends.contains(size), torn_late = ends.contains(size + 1);
    const auto seen = live_on(all.substr(0, size), everything || whole || torn_late || size == 0 ? 48h : 1ms);
    ++cuts;
    ASSERT_FALSE(seen.damaged) << size;
    ASSERT_FALSE(seen.world.half_installed) << size;
    const auto left = core::read_journal(seen.world.files.at(kJournal));
    ASSERT_TRUE(left.damage.empty() && !left.torn && core::fold(left.entries)) << size << " " << left.damage;
    if (!everything && !whole && !torn_late && size != 0) continue;
    EXPECT_EQ(seen.world.installed, seen.world.running) << size << " " << seen.reason;
    EXPECT_NE(seen.world.installed, "3.0.0-1") << size << " " << seen.reason;
  }
  RecordProperty("truncations", cuts);
}

TEST(JournalBytes, LinesThatAreDoubledSwappedOrMissingStopTheAgent) {
  const auto& lines = recorded().lines;
  const auto join = [](const std::vector<std::string>& all) {
    std::string out;
    for (const auto& line : all) out += line;
    return out;
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto doubled = lines;
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), lines[i]);
    auto missing = lines;
    missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(i));
    std::vector<std::string> wrong = {join(doubled)};
    if (i + 1 < lines.size()) {  // without its last line it is an older one
      auto swapped = lines;
      std::swap(swapped[i], swapped[i + 1]);
      wrong.push_back(join(swapped));
      wrong.push_back(join(missing));
    }
    for (const auto& bytes : wrong) {
      const auto seen = live_on(bytes, 1h);
      EXPECT_TRUE(seen.damaged) << "line " << i + 1 << ": " << seen.reason;
      EXPECT_TRUE(seen.changes.empty());
    }
  }
}

TEST(JournalBytes, OtherLineEndsAndStrangersStopTheAgent) {
  std::string dos;
  for (const auto& line : recorded().lines) dos += line.substr(0, line.size() - 1) + "\r\n";
  for (const auto& bytes : {dos, recorded().bytes + "\n", "\n" + recorded().bytes, "\xef\xbb\xbf" + recorded().bytes,
                            recorded().bytes + recorded().lines.front(), std::string("{}\n"), std::string(4096, '\0') + recorded().bytes}) {
    const auto seen = live_on(bytes, 1h);
    EXPECT_TRUE(seen.damaged) << bytes.substr(0, 80);
    EXPECT_TRUE(seen.changes.empty());
  }
}

// What a power cut leaves of the last write: zeroes to the end, zeroes up to a block's end, a part and zeroes.
TEST(JournalBytes, ZeroesWhereTheLastWriteWasAreATornLine) {
  const auto& all = recorded().bytes;
  const auto& last = recorded().lines.back();
  const auto before = all.substr(0, all.size() - last.size());
  const std::string zeroes(last.size() / 2, '\0');
  for (const auto& tail : {std::string(4096, '\0'), std::string(last.size() - 1, '\0') + "\n", last.substr(0, last.size() / 2) + zeroes,
                           zeroes + last.substr(zeroes.size())}) {
    const auto seen = live_on(before + tail, 48h);
    EXPECT_EQ(seen.reason, "quarantined") << tail.size();
    EXPECT_EQ(seen.world.installed, "2.3.4-1");
    EXPECT_TRUE(core::read_journal(seen.world.files.at(kJournal)).damage.empty());
  }
}

}  // namespace
}  // namespace upkeep::test

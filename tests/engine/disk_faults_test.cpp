// SPDX-License-Identifier: Apache-2.0
// The disk fails at each write of an upgrade and comes back later: nothing is done without its record, the trouble is said
// with its file, and the operation ends as it would have.
#include <gtest/gtest.h>

#include "support/crash_matrix.h"
#include "support/verb_order.h"

namespace upkeep::test {
namespace {

using engine::Verb;
using namespace std::chrono_literals;

const sdk::Error kFull(sdk::Errc::transient, "cannot write /state/agents/demo/journal.jsonl: No space left on device");

class DiskFault : public testing::TestWithParam<const char*> {};

TEST_P(DiskFault, AtEachWriteIsSaidWaitedForAndSurvived) {
  const auto story = scenario(GetParam());
  auto undisturbed = begin(story);
  live(story, undisturbed);
  const int writes = undisturbed.world.writes;
  ASSERT_GE(writes, 8);
  const std::vector<sdk::Error> errors = {
      kFull,
      sdk::Error(sdk::Errc::transient, "cannot sync /state/agents/demo/journal.jsonl: Input/output error"),
      sdk::Error(sdk::Errc::denied, "cannot open /state/agents/demo/journal.jsonl: Read-only file system"),
  };
  for (int write = 1; write <= writes; ++write) {
    for (const auto& error : errors) {
      const auto where = story.name + ": write " + std::to_string(write) + ": " + error.message;
      auto run = begin(story);
      auto& world = run.world;
      world.breaks_at = write;
      world.breaks_with = error;
      world.story.emplace_back("life");
      Rig rig(world, run.disk);
      const auto over = [&] {
        Life life{world, rig, run.disk, rig.status()};
        if (story.act) story.act(life);
        return life.status["operation"].is_null() && rig.settled() && rig.reason() == story.legal[0].reason;
      };
      ASSERT_TRUE(rig.until([&] { return world.bad_disk.has_value(); }, 1h)) << where << " was never reached";
      const auto done = world.verbs.size(), ran = world.ran.size();
      rig.pass(90min);  // longer than a way back is tried
      // What had its record may still be tried; its own notes cannot be written, so nothing comes of it.
      for (auto i = done; i < world.verbs.size(); ++i)
        EXPECT_FALSE(world.verbs[i].starts_with("activate") || world.verbs[i].starts_with("apply")) << where << ": " << world.verbs[i];
      EXPECT_EQ(world.ran.size(), ran) << where << ": a hook without its record";
      const auto troubles = rig.engine().troubles();
      ASSERT_EQ(troubles.size(), 1U) << where;
      EXPECT_NE(troubles[0].find(error.message), std::string::npos) << where << ": " << troubles[0];
      EXPECT_NE(rig.status()["warnings"].dump().find("agents/demo/journal.jsonl"), std::string::npos) << where;
      world.bad_disk.reset();
      world.breaks_at = 0;
      EXPECT_TRUE(rig.until(over, 6h)) << where << rig.status().dump(1);
      EXPECT_TRUE(rig.engine().troubles().empty()) << where;
      EXPECT_EQ(world.installed, undisturbed.world.installed) << where;
      EXPECT_EQ(world.running, undisturbed.world.running) << where;
      const auto faults = out_of_order(world.story);
      EXPECT_TRUE(faults.empty()) << where << ": " << faults.front();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Of, DiskFault, testing::Values("good", "bad", "torn", "hooks"),
                         [](const auto& one) { return std::string(one.param); });

TEST(Disk, AnOperatorIsAnsweredWhileAnEndCannotBeWritten) {
  World world;
  world.version = "2.3.4";
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  world.bad_disk = kFull;
  rig.pass(5min);
  ASSERT_EQ(rig.phase(), "soaking") << "the end has no record";
  const auto reply = rig.ask(Verb::rollback);
  ASSERT_FALSE(reply);
  EXPECT_NE(reply.error().message.find("No space left"), std::string::npos) << reply.error().message;
  EXPECT_FALSE(rig.ask(Verb::suspend));
  world.bad_disk.reset();
  EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed"; }, 5min));
}

TEST(Disk, ATroubleThatIsOverIsNotSaidAnyMoreThoughNothingIsWritten) {
  World world;
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.reason() == "up_to_date"; }));
  world.bad_disk = kFull;
  ASSERT_FALSE(rig.ask(Verb::suspend));
  rig.pass(5min);
  ASSERT_FALSE(rig.engine().troubles().empty());
  world.bad_disk.reset();
  const int writes = world.writes;
  rig.pass(2min);
  EXPECT_TRUE(rig.engine().troubles().empty());
  EXPECT_EQ(world.writes, writes);
  EXPECT_TRUE(rig.status()["suspended"].is_null());
}

// The end landed, though nobody could know; the command that reads the journal again finds it there.
TEST(Disk, AnEndThatHadLandedIsNotWrittenAgain) {
  World world;
  world.version = "2.3.4";
  Rig rig(world);
  ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  world.fault_at = world.writes + 1;
  world.fault = WriteFault::landed_but_error;
  world.after_error = [&] { world.bad_disk = kFull; };
  ASSERT_TRUE(rig.until([&] { return world.bad_disk.has_value(); }, 10min));
  rig.pass(10s);
  world.bad_disk.reset();
  ASSERT_TRUE(rig.ask(Verb::suspend)) << "it takes the turn before the operation tries again";
  ASSERT_TRUE(rig.until([&] { return rig.last_result() == "committed" && rig.reason() == "suspended"; }, 10min)) << rig.status();
  EXPECT_TRUE(rig.engine().troubles().empty()) << rig.engine().troubles()[0];
}

// As above, for what runs around an operation: before_apply, after_apply and after_commit.
TEST(Disk, AHookWhoseEndHadLandedStopsNoAgentAndRunsOnce) {
  for (const std::string name : {"before_apply", "after_apply", "after_commit"}) {
    World world;
    world.version = "2.3.4";
    world.programs["/hook"].exit_code = 0;
    world.during_run = [&](const std::string& what) {
      if (what != "/hook") return;
      world.fault_at = world.writes + 1;
      world.fault = WriteFault::landed_but_error;
    };
    world.after_error = [&] { world.bad_disk = kFull; };
    Rig rig(world, [&](core::AgentSettings& settings) { settings.hooks[*core::hook_from(name)].command = {"/hook"}; });
    ASSERT_TRUE(rig.until([&] { return world.bad_disk.has_value(); }, 10min)) << name;
    world.bad_disk.reset();
    ASSERT_TRUE(rig.ask(Verb::suspend)) << name;
    rig.pass(10min);
    EXPECT_EQ(rig.reason(), "suspended") << name << rig.status();
    EXPECT_TRUE(rig.engine().troubles().empty()) << name << ": " << rig.engine().troubles()[0];
    EXPECT_EQ(rig.last_result(), name == "before_apply" ? "refused" : "committed") << name;
    EXPECT_EQ(world.ran.size(), 1U) << name;
  }
}

TEST(Compaction, ThatDiesOrFailsAtAnyStepLosesNothing) {
  World world;
  std::string long_one;
  for (std::uint64_t i = 1; i < 1998; ++i) {
    core::Entry entry;
    entry.sequence = i;
    entry.time = world.now;
    entry.boot = "boot-1";
    entry.event = i % 2 == 0 ? core::Event::suspended : core::Event::resumed;
    entry.fields = {{"actor", "olga"}, {"reason", "because"}};
    if (i == 1) {
      entry.event = core::Event::pinned;
      entry.fields = {{"actor", "olga"}, {"version", "2.3.4"}, {"allow_downgrade", false}};
    }
    long_one += core::encode(entry) + "\n";
  }
  for (const std::string place : {"rewrite:before", "rewrite:after", "fails", "fails, but has landed"}) {
    auto here = world;
    here.files[kJournal] = long_one;
    here.version = "2.3.4";
    here.die_in = place;
    bool died = false;
    for (int lives = 0; lives < 2; ++lives) {
      try {
        Rig rig(here);
        if (place.starts_with("fails") && lives == 0) here.bad_rewrite = place == "fails" ? 1 : 2;
        EXPECT_TRUE(rig.until([&] { return rig.last_result() == "committed" && rig.reason() == "up_to_date"; }, 24h)) << place;
        EXPECT_EQ(rig.status()["pinned"], "2.3.4") << place;
      } catch (const Death&) {
        died = true;
      }
    }
    EXPECT_EQ(died, place.starts_with("rewrite")) << place;
    EXPECT_EQ(here.bad_rewrite, 0) << place;
    // A file whose name may not have reached the disk is written anew before anything is appended; a long one is then compacted.
    if (place.starts_with("fails")) {
      EXPECT_EQ(here.passed["rewrite:after"], place == "fails" ? 2 : 1) << place;
    }
    const auto read = core::read_journal(here.files[kJournal]);
    EXPECT_EQ(read.damage, "") << place;
    EXPECT_LT(read.entries.size(), 100U) << place;
    EXPECT_TRUE(core::fold(read.entries)) << place;
  }
}

}  // namespace
}  // namespace upkeep::test

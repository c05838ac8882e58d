// SPDX-License-Identifier: Apache-2.0
// What a restart finds in the journal and cannot go on with.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/journal_format.h"
#include "support/rig.h"

namespace upkeep::test {
namespace {

using namespace std::chrono_literals;

// The journal's `begin` entry with other settings, and a good checksum.
void tamper(World& world, const std::function<void(nlohmann::json&)>& change) {
  auto& bytes = world.files.at(kJournal);
  std::string out;
  for (const auto& entry : core::read_journal(bytes).entries) {
    auto other = entry;
    if (other.event == core::Event::begin) change(other.fields.at("settings"));
    out += core::encode(other) + "\n";
  }
  bytes = out;
}

TEST(Resume, SettingsThatCannotBeReadAreWaitedForAndNotReplacedByTodays) {
  World world;
  world.version = "2.3.4";
  {
    Rig rig(world, [](core::AgentSettings& settings) { settings.soak = 1h; });
    ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
  }
  tamper(world, [](nlohmann::json& settings) { settings["soak_ms"] = "an hour"; });
  Rig rig(world);
  rig.pass(3h);
  EXPECT_EQ(rig.phase(), "soaking");
  EXPECT_TRUE(rig.history()[0]["result"].is_null()) << rig.history();
  EXPECT_NE(rig.status()["warnings"].dump().find("the operation cannot go on: operation settings"), std::string::npos) << rig.status();
}

// What ends it there lets go of the parts that the soak works with.
TEST(Resume, ASoakTakenUpAgainMayEndByOthersHands) {
  for (const bool by_others : {true, false}) {
    World world;
    world.version = "2.3.4";
    const auto slow = [](core::AgentSettings& settings) { settings.soak = 1h; };
    {
      Rig rig(world, slow);
      ASSERT_TRUE(rig.until([&] { return rig.phase() == "soaking"; }, 10min));
    }
    Rig rig(world, slow);
    rig.pass(10min);
    ASSERT_EQ(rig.phase(), "soaking");
    if (by_others) {
      world.installed = world.running = "2.2.0-1";
    } else {
      world.version = "2.3.5";
      world.critical = "yes";
    }
    const auto* result = by_others ? "overtaken" : "superseded";
    EXPECT_TRUE(rig.until(
        [&] {
          const auto history = rig.history();
          return std::any_of(history.begin(), history.end(), [&](const auto& one) { return one["result"] == result; });
        },
        2h))
        << rig.status();
  }
}

}  // namespace
}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
// The log: one line a message, whatever the message holds.

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "io/host.h"
#include "support/real_loop.h"
#include "support/source_tree.h"

namespace upkeep::io {
namespace {

using sdk::LogLevel;

const sdk::TimePoint kTime = sdk::parse_rfc3339("2027-01-05T02:00:00.250Z").value();

TEST(IoLog, ReadsAsTimeLevelLoggerMessage) {
  EXPECT_EQ(text_line(kTime, "engine", LogLevel::warn, "agent demo waits reason=outside_window", false),
            "2027-01-05T02:00:00.250Z warn engine: agent demo waits reason=outside_window");
}

TEST(IoLog, GivesTheJournalItsPriorityAndLeavesTheTimeToIt) {
  EXPECT_EQ(text_line(kTime, "io", LogLevel::debug, "x", true), "<7>io: x");
  EXPECT_EQ(text_line(kTime, "io", LogLevel::info, "x", true), "<6>io: x");
  EXPECT_EQ(text_line(kTime, "io", LogLevel::warn, "x", true), "<4>io: x");
  EXPECT_EQ(text_line(kTime, "io", LogLevel::error, "x", true), "<3>io: x");
}

TEST(IoLog, OutsideTextCannotForgeALine) {
  EXPECT_EQ(text_line(kTime, "io", LogLevel::info, "a\n<3>b\r\x1b[31m\x7f", true), "<6>io: a\\n<3>b\\u000d\\u001b[31m\\u007f");
  EXPECT_EQ(text_line(kTime, "io", LogLevel::info, "Prag\u00fce \u20ac \U0001F600 \"q\" \\", true),
            "<6>io: Prag\u00fce \u20ac \U0001F600 \"q\" \\");
}

TEST(IoLog, JsonLinesAreJsonWhateverTheMessageHolds) {
  const std::string nasty =
      "quote \" backslash \\ line\nbell\x07 \xc3\xbc broken \xff\xc3 overlong \xc0\xaf surrogate \xed\xa0\x80 far \xf4\x90\x80\x80 cut "
      "\xe2\x82";
  const std::string line = json_line(kTime, "agent \"x\"", LogLevel::error, nasty);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto parsed = nlohmann::json::parse(line, nullptr, false);
  ASSERT_FALSE(parsed.is_discarded()) << line;
  EXPECT_EQ(parsed["time"], "2027-01-05T02:00:00.250Z");
  EXPECT_EQ(parsed["level"], "error");
  EXPECT_EQ(parsed["logger"], "agent \"x\"");
  EXPECT_EQ(parsed["message"], "quote \" backslash \\ line\nbell\x07 \xc3\xbc broken ?? overlong ?? surrogate ??? far ???? cut ??");
}

TEST(IoLog, WritesWhatIsAtLeastOfItsLevelAndChangesOnTheRun) {
  unsetenv("JOURNAL_STREAM");
  testing::internal::CaptureStderr();
  Log log({});
  log.write("engine", LogLevel::debug, "not now");
  log.write("engine", LogLevel::info, "now");
  log.set({LogLevel::debug, true});
  log.write("engine", LogLevel::debug, "{} as it is");
  log.set({LogLevel::error, false});
  log.write("io", LogLevel::warn, "no more");
  const std::string said = testing::internal::GetCapturedStderr();
  const auto lines = test::lines_of(said);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].ends_with("Z info engine: now")) << lines[0];
  EXPECT_EQ(nlohmann::json::parse(lines[1])["message"], "{} as it is");
}

TEST(IoHost, IsOneAgentsViewOfTheSharedOutside) {
  test::RealLoop loop;
  Io io(loop.executor(), "");
  testing::internal::CaptureStderr();
  Log log({});
  std::string shown;
  RealHost agent(io, log, "demo", [&](const sdk::Progress& progress) { shown = progress.text; });
  RealHost daemon(io, log, "");
  agent.log(LogLevel::info, "hello");
  daemon.log(LogLevel::info, "hello");
  agent.progress({50, "half"});
  daemon.progress({50, "nobody looks"});
  const std::string said = testing::internal::GetCapturedStderr();
  const auto lines = test::lines_of(said);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].ends_with("info agent demo: hello"));
  EXPECT_TRUE(lines[1].ends_with("info daemon: hello"));
  EXPECT_EQ(shown, "half");
  EXPECT_EQ(agent.agent(), "demo");
  EXPECT_EQ(&agent.bus(), &daemon.bus());
}

}  // namespace
}  // namespace upkeep::io

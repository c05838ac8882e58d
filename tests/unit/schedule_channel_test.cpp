// SPDX-License-Identifier: Apache-2.0
// schedule/channel: the windows that a signed release brings along.

#include <gtest/gtest.h>

#include "schedule/channel/plugin.h"
#include "support/window.h"

namespace upkeep::test {
namespace {

class ChannelWindows : public ::testing::Test {
 protected:
  // After a look at a release with that table; empty: without one.
  sdk::Verdict at(const std::string& time, const std::string& table, const std::string& config = "") {
    const auto make = std::get<sdk::Factory<sdk::Schedule>>(plugins::channel::kDescriptor.make);
    if (!schedule_) schedule_ = make(host_, toml(config)).value();
    release_ = sdk::Release();
    if (!table.empty()) release_.schedule = toml(table);
    EXPECT_TRUE(run_task(schedule_->refresh(&release_)));
    return schedule_->verdict(utc(time), &release_);
  }

  PluginHost host_;
  std::unique_ptr<sdk::Schedule> schedule_;
  sdk::Release release_;
};

const char* const kTuesdays = "days = ['Tue']\nstart = '02:00'\nlength = '1h'";

TEST_F(ChannelWindows, OpenAsThoseOfAnAgentsOwnFile) {
  const auto closed = at("2027-01-04T12:00", kTuesdays);
  EXPECT_FALSE(closed.open);
  EXPECT_EQ(closed.changes_at, utc("2027-01-05T02:00"));
  EXPECT_EQ(closed.reason, "the channel's window Tue 02:00-03:00 UTC");
  EXPECT_TRUE(at("2027-01-05T02:30", kTuesdays).open);
}

TEST_F(ChannelWindows, ChangeWithTheRelease) {
  EXPECT_TRUE(at("2027-01-05T02:30", kTuesdays).open);
  EXPECT_FALSE(at("2027-01-05T02:30", "never = true").open);
  EXPECT_TRUE(at("2027-01-05T02:30", "always = true").open);
  sdk::Release another;
  another.schedule = toml(kTuesdays);
  EXPECT_EQ(schedule_->verdict(utc("2027-01-05T02:30"), &another).reason, "the channel's windows have just changed");
}

TEST_F(ChannelWindows, AreClosedWhereThereAreNoneUnlessTheAgentSaysOtherwise) {
  EXPECT_FALSE(at("2027-01-05T02:30", "").open);
  EXPECT_EQ(at("2027-01-05T02:30", "").reason, "the channel publishes no windows");
  EXPECT_FALSE(schedule_->verdict(utc("2027-01-05T02:30"), nullptr).open);
  schedule_.reset();
  EXPECT_TRUE(at("2027-01-05T02:30", "", "without = 'open'").open);
  EXPECT_FALSE(at("2027-01-05T12:30", kTuesdays, "without = 'open'").open);
}

TEST_F(ChannelWindows, ThatCannotBeReadAreClosedAndSayWhy) {
  const auto why = [&](const std::string& table) {
    const auto verdict = at("2027-01-05T02:30", table, "without = 'open'");
    EXPECT_FALSE(verdict.open);
    return verdict.reason;
  };
  const std::string start = "the channel's windows cannot be read: schedule ";
  EXPECT_EQ(why("colour = 'red'"), start + "has an unknown key \"colour\"");
  EXPECT_EQ(why("days = 'Tue'"), start + "days must be a list of texts");
  EXPECT_EQ(why("start = 2"), start + "start must be text");
  EXPECT_EQ(why("length = 'long'"), start + "length must be a duration, such as \"1h\"");
  EXPECT_EQ(why("always = 1"), start + "always must be true or false");
  EXPECT_EQ(why("windows = [1]"), start + "windows must be a list of tables");
  EXPECT_EQ(why("windows = [{start = 1}]"), start + "windows start must be text");
  EXPECT_EQ(why("start = '02:00'").substr(0, start.size()), start);
  EXPECT_EQ(why("always = true\ntime_zone = '../../etc/passwd'").substr(0, start.size()), start);
}

TEST_F(ChannelWindows, TheAgentsOwnTableIsChecked) {
  EXPECT_EQ(problems(plugins::channel::kDescriptor, "without = 'ajar'").at(0), "1 without: \"ajar\" is neither \"closed\" nor \"open\"");
}

}  // namespace
}  // namespace upkeep::test

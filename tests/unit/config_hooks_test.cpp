// SPDX-License-Identifier: Apache-2.0
// [hooks]: the short and the long form, and what is wrong with others.
#include <gtest/gtest.h>

#include "config/load.h"
#include "support/config_world.h"

namespace upkeep::config {
namespace {

using core::Hook;
using testing_support::errors_with;

core::Hooks hooks_with(const std::string& rest) { return testing_support::settings_with(rest).hooks; }

TEST(ConfigHooks, ThereAreNoneUnlessSaid) {
  EXPECT_TRUE(hooks_with("").empty());
  EXPECT_TRUE(hooks_with("[hooks]\n").empty());
}

TEST(ConfigHooks, AListIsACommandAndATableSaysMore) {
  const auto hooks = hooks_with(
      "[hooks]\nbefore_apply = [\"/usr/local/sbin/drain\", \"--now\"]\nafter_commit = [\"/bin/true\"]\n"
      "[hooks.after_apply]\nunit = \"migrate.service\"\ntimeout = \"1h\"\n[hooks.after_rollback]\ncommand = [\"/bin/undrain\"]\n");
  ASSERT_EQ(hooks.size(), 4U);
  EXPECT_EQ(hooks.at(Hook::before_apply).command, (std::vector<std::string>{"/usr/local/sbin/drain", "--now"}));
  EXPECT_EQ(hooks.at(Hook::before_apply).timeout, std::chrono::minutes(5));
  EXPECT_TRUE(hooks.at(Hook::after_apply).command.empty());
  EXPECT_EQ(hooks.at(Hook::after_apply).unit, "migrate.service");
  EXPECT_EQ(hooks.at(Hook::after_apply).timeout, std::chrono::hours(1));
  EXPECT_EQ(hooks.at(Hook::after_rollback).command, std::vector<std::string>{"/bin/undrain"});
}

TEST(ConfigHooks, WhatIsWrongIsNamedWithItsPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"[hooks]\nbefore_aply = [\"/x\"]\n", "/t.toml:12: hooks.before_aply: "},
      {"[hooks]\nbefore_apply = \"/usr/local/sbin/drain --now\"\n",
       "/t.toml:12: hooks.before_apply: is a list of program and arguments, or a table with command or unit"},
      {"[hooks]\nbefore_apply = [\"drain\"]\n", "/t.toml:12: hooks.before_apply: is a list of program and arguments, without a shell"},
      {"[hooks]\nbefore_apply = []\n", "/t.toml:12: hooks.before_apply: is a list of program and arguments"},
      {"[hooks]\nbefore_apply = [\"/x\", 3]\n", "/t.toml:12: hooks.before_apply: is a list of program and arguments"},
      {"[hooks.after_apply]\ntimeout = \"1m\"\n", "hooks.after_apply: wants one of `command` and `unit`"},
      {"[hooks.after_apply]\ncommand = [\"/x\"]\nunit = \"x.service\"\n", "hooks.after_apply: wants one of `command` and `unit`"},
      {"[hooks.after_apply]\nunit = \"drain\"\n", "/t.toml:12: hooks.after_apply.unit: \"drain\" is no unit that can be started"},
      {"[hooks.after_apply]\nunit = \"../x.service\"\n", "is no unit that can be started"},
      {"[hooks.after_apply]\ncommand = [\"sh\", \"-c\"]\n", "/t.toml:12: hooks.after_apply.command: is a list of program"},
      {"[hooks.after_apply]\ncommand = [\"/x\"]\ntimeout = \"25h\"\n", "/t.toml:13: hooks.after_apply.timeout: "},
      {"[hooks.after_apply]\ncommand = [\"/x\"]\nuser = \"root\"\n", "/t.toml:13: hooks.after_apply.user: "},
      {"hooks = 3\n", "hooks"},
  };
  for (const auto& [text, said] : cases) EXPECT_NE(errors_with(text).find(said), std::string::npos) << text << errors_with(text);
}

}  // namespace
}  // namespace upkeep::config

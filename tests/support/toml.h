// SPDX-License-Identifier: Apache-2.0
#pragma once
// Configuration for tests in its real form: TOML text, checked as the daemon checks it.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/keys.h"
#include "config/raw.h"
#include "sdk/plugin.h"

namespace upkeep::test {

inline sdk::Config toml(std::string_view text) {
  config::Issues issues;
  auto config = config::parse(text, "test.toml", issues);
  for (const auto& issue : issues) ADD_FAILURE() << "line " << issue.place.line << ": " << issue.message;
  return config.value_or(sdk::Config());
}

// What is wrong with a plugin's table: "LINE PATH: MESSAGE", in the order it was found; the table's own check only when
// the key table had nothing to say, as config does it.
inline std::vector<std::string> problems(const sdk::Descriptor& plugin, std::string_view text) {
  const sdk::Config config = toml(text);
  config::Issues issues;
  config::check_keys(config, plugin.keys, "", issues);
  if (issues.empty() && plugin.check) issues = plugin.check(config);
  std::vector<std::string> out;
  for (const auto& issue : issues) {
    EXPECT_EQ(issue.place.file, "test.toml");
    out.push_back(std::to_string(issue.place.line) + " " + issue.path + ": " + issue.message);
  }
  return out;
}

}  // namespace upkeep::test

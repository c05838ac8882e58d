// SPDX-License-Identifier: Apache-2.0
// Rules for every source file: short enough to be read, with its licence, guarded.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "support/source_tree.h"

namespace upkeep::test {
namespace {

constexpr std::size_t kMostLines = 400;

// The first line that is not a script's "#!".
std::string_view first_line(const SourceFile& file) {
  auto lines = lines_of(file.text);
  std::size_t first = !lines.empty() && lines[0].starts_with("#!") ? 1 : 0;
  return first < lines.size() ? lines[first] : std::string_view();
}

TEST(HouseRules, NoFileIsLongerThan400Lines) {
  auto files = source_files(source_dir());
  EXPECT_GT(files.size(), 50U) << "the test looked at the wrong folder";
  for (const SourceFile& file : files) EXPECT_LE(lines_of(file.text).size(), kMostLines) << file.path << ": split it by meaning";
}

TEST(HouseRules, EveryFileBeginsWithItsLicence) {
  for (const SourceFile& file : source_files(source_dir())) {
    if (file.text.empty()) continue;  // Python's __init__.py
    const char* licence = is_cpp(file) ? "// SPDX-License-Identifier: Apache-2.0" : "# SPDX-License-Identifier: Apache-2.0";
    EXPECT_EQ(first_line(file), licence) << file.path;
  }
}

TEST(HouseRules, EveryHeaderHasPragmaOnce) {
  for (const SourceFile& file : source_files(source_dir())) {
    if (!file.path.ends_with(".h")) continue;
    auto lines = lines_of(file.text);
    EXPECT_TRUE(lines.size() > 1 && lines[1] == "#pragma once") << file.path << ": as second line";
  }
}

TEST(HouseRules, NoHeaderOpensANamespaceForItsIncluders) {
  for (const SourceFile& file : source_files(source_dir())) {
    if (!file.path.ends_with(".h")) continue;
    for (std::string_view line : lines_of(file.text)) EXPECT_FALSE(line.starts_with("using namespace")) << file.path;
  }
}

// What runs as root is little enough to be read at one sitting: its lines without blank ones, comments and #include. The package store,
// the configuration files and what they are with a package manager are a second sitting: they are reached by their own verbs, for agents
// that were enabled. A third is what yum and zypper differ in from apt. Between them is what a package manager is to root.
TEST(HouseRules, TheRootHelperIsSmall) {
  const std::map<std::string, std::size_t> kMostOf = {{"verbs", 550}, {"store", 750}, {"rpm", 650}, {"package_manager", 80}};
  const std::set<std::string> kStore = {"store", "conffiles", "apt", "apt_copy", "apt_origin", "copy_parts"};
  const std::set<std::string> kRpm = {"rpm", "rpm_copy", "yum", "zypper"};
  std::map<std::string, std::size_t> lines;
  for (const SourceFile& file : source_files(source_dir())) {
    if (!file.path.starts_with("daemon/root/") || !is_cpp(file)) continue;
    const std::string path = file.path.substr(std::string("daemon/root/").size()), name = path.substr(0, path.find('.'));
    auto& sum = lines[kStore.contains(name) ? "store" : kRpm.contains(name) ? "rpm" : kMostOf.contains(name) ? name : "verbs"];
    for (std::string_view line : lines_of(file.text)) {
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
      sum += line.empty() || line.starts_with("//") || line.starts_with('#') ? 0 : 1;
    }
  }
  for (const auto& [sitting, most] : kMostOf) {
    EXPECT_GT(lines[sitting], most / 2) << sitting << ": the test looked at the wrong folder";
    EXPECT_LE(lines[sitting], most) << sitting;
  }
}

}  // namespace
}  // namespace upkeep::test

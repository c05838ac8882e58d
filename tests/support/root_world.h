// SPDX-License-Identifier: Apache-2.0
#pragma once
// A folder that stands for the host of upkeep-root, and the tests' own user for root.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "root/outside.h"
#include "support/temp_dir.h"

namespace upkeep::root {

class RootWorld : public testing::Test {
 protected:
  RootWorld() { ::umask(022); }

  // Paths are the host's: "/etc/demo.conf".
  void write(const std::string& path, const std::string& text) const { folder_.write(path, text); }
  [[nodiscard]] std::string read(const std::string& path) const { return folder_.read(path); }
  [[nodiscard]] bool exists(const std::string& path) const { return std::filesystem::exists(base_ + path); }
  [[nodiscard]] mode_t mode(const std::string& path) const {
    struct stat status {};
    return ::lstat((base_ + path).c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
  }

  // The error of a verb, with `run` for every program; empty: none.
  template <typename Run, typename Verb>
  std::string outcome(Run run, Verb verb) {
    out_.str("");
    Outside outside{base_, TrustedFiles(base_, ::geteuid()), std::move(run), out_, [this] { ++waits_; }};
    const auto done = verb(outside);
    return done ? "" : done.error().message;
  }

  test::TempDir folder_;
  const std::string base_ = folder_.path();
  std::ostringstream out_;  // what the last verb said
  int waits_ = 0;           // that would have taken time
};

}  // namespace upkeep::root

// SPDX-License-Identifier: Apache-2.0
// What the root helper agrees to read. The tests' own folder and user stand for / and root.
#include "root/trusted_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace upkeep::root {
namespace {

using sdk::Errc;

class RootFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "root-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    base_ = pattern;
    ::umask(022);
    std::filesystem::create_directories(base_ + "/etc/agents.d");
    write("/etc/agents.d/a.toml", "hello");
  }
  void TearDown() override { std::filesystem::remove_all(base_); }

  void write(const std::string& path, const std::string& text) const { std::ofstream(base_ + path) << text; }
  void mode(const std::string& path, mode_t mode) const { ASSERT_EQ(::chmod((base_ + path).c_str(), mode), 0); }
  TrustedFiles files() const { return TrustedFiles(base_, ::geteuid()); }
  // "denied: /etc is …"
  std::string read(const std::string& path, std::size_t max = 100) const {
    const auto text = files().read(path, max);
    return text ? *text : std::string(sdk::name(text.error().code)) + ": " + text.error().message;
  }

  std::string base_;
};

TEST_F(RootFiles, ReadsAFileOfTheOwnerInFoldersOfTheOwner) {
  EXPECT_EQ(read("/etc/agents.d/a.toml"), "hello");
  EXPECT_EQ(files().list("/etc/agents.d").value(), std::vector<std::string>{"a.toml"});
}

TEST_F(RootFiles, RefusesAFileThatOthersMayWrite) {
  mode("/etc/agents.d/a.toml", 0646);
  EXPECT_EQ(read("/etc/agents.d/a.toml"), "denied: /etc/agents.d/a.toml: may be written by others than root");
  mode("/etc/agents.d/a.toml", 0664);
  EXPECT_EQ(read("/etc/agents.d/a.toml"), "denied: /etc/agents.d/a.toml: may be written by others than root");
}

TEST_F(RootFiles, RefusesAnyFolderOnTheWayThatOthersMayWrite) {
  mode("/etc", 0777);
  EXPECT_EQ(read("/etc/agents.d/a.toml"), "denied: /etc: may be written by others than root");
  EXPECT_FALSE(files().list("/etc/agents.d"));
  mode("/etc", 01777);  // a sticky folder is no better: names in it can still be made
  EXPECT_EQ(read("/etc/agents.d/a.toml"), "denied: /etc: may be written by others than root");
  mode("/etc", 0755);
  ASSERT_EQ(::chmod(base_.c_str(), 0770), 0);
  EXPECT_EQ(read("/etc/agents.d/a.toml"), "denied: " + base_ + ": may be written by others than root");
}

TEST_F(RootFiles, RefusesWhatBelongsToSomebodyElse) {
  const std::string uid = std::to_string(::geteuid());
  const auto text = TrustedFiles(base_, ::geteuid() + 1).read("/etc/agents.d/a.toml", 100);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().message, base_ + ": belongs to uid " + uid + ", not to root");
}

TEST_F(RootFiles, FollowsNoSymbolicLink) {
  std::filesystem::create_symlink("a.toml", base_ + "/etc/agents.d/link.toml");
  std::filesystem::create_symlink("agents.d", base_ + "/etc/linked.d");
  std::filesystem::create_symlink("nowhere", base_ + "/etc/agents.d/dangling.toml");
  EXPECT_EQ(read("/etc/agents.d/link.toml"), "denied: /etc/agents.d/link.toml: is a symbolic link, which is not followed");
  EXPECT_EQ(read("/etc/linked.d/a.toml"), "denied: /etc/linked.d: is no folder, or a symbolic link, which is not followed");
  EXPECT_EQ(read("/etc/agents.d/dangling.toml").substr(0, 7), "denied:");
  EXPECT_FALSE(files().list("/etc/linked.d"));
}

TEST_F(RootFiles, TakesPlainAbsolutePathsOnly) {
  for (const std::string path : {"/etc/../etc/agents.d/a.toml", "/etc/./agents.d/a.toml", "/etc//agents.d/a.toml", "etc/agents.d/a.toml",
                                 "/etc/agents.d/", "/", "/.."})
    EXPECT_EQ(read(path), "invalid: \"" + path + "\": is no plain absolute path");
  EXPECT_EQ(read("").substr(0, 8), "invalid:");
  EXPECT_NE(read("/etc/agents.d/" + std::string(5000, 'x')), "hello");
}

TEST_F(RootFiles, ReadsRegularFilesUpToTheBoundAndWaitsForNothing) {
  EXPECT_EQ(read("/etc/agents.d/a.toml", 5), "hello");
  EXPECT_EQ(read("/etc/agents.d/a.toml", 4), "invalid: /etc/agents.d/a.toml: is longer than 4 bytes");
  EXPECT_EQ(read("/etc/agents.d"), "invalid: /etc/agents.d: is no regular file");
  ASSERT_EQ(::mkfifo((base_ + "/etc/agents.d/pipe").c_str(), 0600), 0);
  EXPECT_EQ(read("/etc/agents.d/pipe"), "invalid: /etc/agents.d/pipe: is no regular file");
}

TEST_F(RootFiles, WhatMayNotBeReadStillExists) {
  std::filesystem::create_symlink("nowhere", base_ + "/etc/agents.d/dangling.toml");
  mode("/etc/agents.d/a.toml", 0666);
  EXPECT_TRUE(files().exists("/etc/agents.d/a.toml"));
  EXPECT_TRUE(files().exists("/etc/agents.d/dangling.toml"));
  EXPECT_FALSE(files().exists("/etc/agents.d/b.toml"));
  EXPECT_FALSE(files().exists("/etc/none/b.toml"));
  EXPECT_EQ(read("/etc/agents.d/b.toml"), "unsupported: /etc/agents.d/b.toml: does not exist");
}

}  // namespace
}  // namespace upkeep::root

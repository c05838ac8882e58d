// SPDX-License-Identifier: Apache-2.0
// What the root helper agrees to read. The tests' own folder and user stand for / and root.
#include "root/trusted_files.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/root_world.h"

namespace upkeep::root {
namespace {

using sdk::Errc;

class RootFiles : public RootWorld {
 protected:
  RootFiles() { write("/etc/agents.d/a.toml", "hello"); }

  void mode(const std::string& path, mode_t mode) const { ASSERT_EQ(::chmod((base_ + path).c_str(), mode), 0); }
  TrustedFiles files() const { return TrustedFiles(base_, ::geteuid()); }
  // "denied: /etc is …"
  std::string read(const std::string& path, std::size_t max = 100) const {
    const auto text = files().read(path, max);
    return text ? *text : std::string(sdk::name(text.error().code)) + ": " + text.error().message;
  }
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
  EXPECT_EQ(read("/etc/agents.d/link.toml"), "denied: /etc/agents.d/link.toml: a symbolic link, or not a folder");
  EXPECT_EQ(read("/etc/linked.d/a.toml"), "denied: /etc/linked.d: a symbolic link, or not a folder");
  EXPECT_EQ(read("/etc/agents.d/dangling.toml").substr(0, 7), "denied:");
  EXPECT_FALSE(files().list("/etc/linked.d"));
}

TEST_F(RootFiles, FollowsNoSymbolicLinkAtAnyLevel) {
  std::filesystem::create_directories(base_ + "/1/2/3");
  write("/1/2/3/file", "deep");
  ASSERT_EQ(read("/1/2/3/file"), "deep");
  for (const std::string part : {"/1", "/1/2", "/1/2/3", "/1/2/3/file"}) {
    std::filesystem::rename(base_ + part, base_ + "/moved");
    std::filesystem::create_symlink(base_ + "/moved", base_ + part);
    EXPECT_EQ(read("/1/2/3/file"), "denied: " + part + ": a symbolic link, or not a folder");
    std::filesystem::remove(base_ + part);
    std::filesystem::rename(base_ + "/moved", base_ + part);
  }
  std::filesystem::create_symlink(base_, base_ + "-link");
  const auto text = TrustedFiles(base_ + "-link", ::geteuid()).read("/1/2/3/file", 100);
  std::filesystem::remove(base_ + "-link");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Errc::denied);
}

TEST_F(RootFiles, JudgesWhatALinkToTheSameFileIsLikeEverythingElse) {
  // A second name of root's own file is root's own file; one of somebody else's is not, whatever folder it lies in.
  std::filesystem::create_hard_link(base_ + "/etc/agents.d/a.toml", base_ + "/etc/agents.d/b.toml");
  EXPECT_EQ(read("/etc/agents.d/b.toml"), "hello");
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to give a file away";
  ASSERT_EQ(::chown((base_ + "/etc/agents.d/a.toml").c_str(), 12345, 0), 0);
  EXPECT_EQ(read("/etc/agents.d/b.toml"), "denied: /etc/agents.d/b.toml: belongs to uid 12345, not to root");
  ASSERT_EQ(::chown((base_ + "/etc/agents.d").c_str(), 12345, 0), 0);
  EXPECT_EQ(read("/etc/agents.d/b.toml"), "denied: /etc/agents.d: belongs to uid 12345, not to root");
}

TEST_F(RootFiles, LongAndOddNamesAreNamesOrErrors) {
  for (const std::string& name :
       {std::string(255, 'x'), std::string("-rf"), std::string("a b"), std::string("new\nline"), std::string("$(id)"),
        std::string("%2e%2e"), std::string("\\x2d"), std::string("...."), std::string("d\xc3\xa9m\xff")}) {
    write("/etc/" + name, "odd");
    EXPECT_EQ(read("/etc/" + name), "odd") << name;
  }
  EXPECT_EQ(read("/etc/" + std::string(256, 'x')), "invalid: /etc/" + std::string(256, 'x') + ": File name too long");
  std::string deep;  // longer than any path that the kernel takes at once; part by part there is no such bound
  for (int i = 0; i < 3000; ++i) deep += "/x";
  EXPECT_EQ(read(deep), "unsupported: /x: No such file or directory");
  EXPECT_EQ(read(std::string("/etc/agents.d/a.toml\0.txt", 26)).substr(0, 8), "invalid:");
}

TEST_F(RootFiles, AFileThatIsReplacedWhileItIsReadIsReadAsItWasOrAsItIs) {
  const std::string one(200'000, '1'), two(200'000, '2');
  write("/etc/swapped", one);
  std::atomic<bool> stop = false;
  std::thread swapper([&] {
    for (bool turn = false; !stop; turn = !turn) {
      write("/etc/new", turn ? one : two);
      std::filesystem::rename(base_ + "/etc/new", base_ + "/etc/swapped");
    }
  });
  for (int i = 0; i < 200; ++i) {
    const std::string text = read("/etc/swapped", 300'000);
    EXPECT_TRUE(text == one || text == two) << text.size() << " bytes, from " << text.substr(0, 60);
  }
  stop = true;
  swapper.join();
}

TEST_F(RootFiles, AFolderThatBecomesALinkInTheMeantimeLeadsNowhere) {
  // The part that was judged is the part that is gone on from: what a name stands for later does not count.
  std::filesystem::create_directories(base_ + "/evil");
  write("/evil/file", "evil");
  std::filesystem::create_directories(base_ + "/good");
  write("/good/file", "good");
  std::atomic<bool> stop = false;
  std::thread swapper([&] {
    while (!stop) {
      std::filesystem::rename(base_ + "/good", base_ + "/kept");
      std::filesystem::create_directory_symlink(base_ + "/evil", base_ + "/good");
      std::filesystem::remove(base_ + "/good");
      std::filesystem::rename(base_ + "/kept", base_ + "/good");
    }
  });
  int good = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string text = read("/good/file");
    EXPECT_NE(text, "evil");
    good += text == "good" ? 1 : 0;
  }
  stop = true;
  swapper.join();
  EXPECT_GT(good, 0);
}

TEST_F(RootFiles, WritesNothing) {
  TrustedFiles trusted = files();
  EXPECT_FALSE(trusted.write_atomic("/etc/agents.d/a.toml", "x"));
  EXPECT_FALSE(trusted.append_durable("/etc/agents.d/a.toml", "x"));
  EXPECT_FALSE(trusted.truncate("/etc/agents.d/a.toml", 0));
  EXPECT_FALSE(trusted.rename("/etc/agents.d/a.toml", "/etc/agents.d/b.toml"));
  EXPECT_FALSE(trusted.remove("/etc/agents.d/a.toml"));
  EXPECT_EQ(read("/etc/agents.d/a.toml"), "hello");
}

TEST_F(RootFiles, TakesPlainAbsolutePathsOnly) {
  for (const std::string path : {"/etc/../etc/agents.d/a.toml", "/etc/./agents.d/a.toml", "/etc//agents.d/a.toml", "etc/agents.d/a.toml",
                                 "/etc/agents.d/", "/", "/.."})
    EXPECT_EQ(read(path), "invalid: \"" + path + "\": is no plain absolute path");
  EXPECT_EQ(read("").substr(0, 8), "invalid:");
}

TEST_F(RootFiles, ReadsRegularFilesUpToTheBoundAndWaitsForNothing) {
  EXPECT_EQ(read("/etc/agents.d/a.toml", 5), "hello");
  EXPECT_EQ(read("/etc/agents.d/a.toml", 4), "invalid: /etc/agents.d/a.toml: longer than 4 bytes");
  EXPECT_EQ(read("/etc/agents.d"), "invalid: /etc/agents.d: not a regular file");
  ASSERT_EQ(::mkfifo((base_ + "/etc/agents.d/pipe").c_str(), 0600), 0);
  EXPECT_EQ(read("/etc/agents.d/pipe"), "invalid: /etc/agents.d/pipe: not a regular file");
}

TEST_F(RootFiles, WhatMayNotBeReadStillExists) {
  std::filesystem::create_symlink("nowhere", base_ + "/etc/agents.d/dangling.toml");
  mode("/etc/agents.d/a.toml", 0666);
  EXPECT_TRUE(files().exists("/etc/agents.d/a.toml"));
  EXPECT_TRUE(files().exists("/etc/agents.d/dangling.toml"));
  EXPECT_FALSE(files().exists("/etc/agents.d/b.toml"));
  EXPECT_FALSE(files().exists("/etc/none/b.toml"));
  EXPECT_EQ(read("/etc/agents.d/b.toml"), "unsupported: /etc/agents.d/b.toml: No such file or directory");
}

}  // namespace
}  // namespace upkeep::root

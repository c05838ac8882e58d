// SPDX-License-Identifier: Apache-2.0
// Files: reads are bounded and never hang, writes are whole and stay below the state folder.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <optional>

#include "io/durable.h"
#include "io/files.h"
#include "support/real_loop.h"
#include "support/temp_dir.h"

namespace upkeep::io {
namespace {

using sdk::Errc;

struct IoFiles : testing::Test {
  test::RealLoop loop;
  test::TempDir dir;
  RealFiles files{loop.executor(), dir.path("state/")};

  void SetUp() override { std::filesystem::create_directory(dir.path("state")); }
  [[nodiscard]] std::optional<Errc> refusal(const sdk::Result<void>& result) const {
    if (result) return std::nullopt;
    return result.error().code;
  }
};

TEST_F(IoFiles, ReadsAFileAnywhereUpToALength) {
  dir.write("elsewhere", "12345");
  EXPECT_EQ(files.read(dir.path("elsewhere"), 5).value(), "12345");
  const auto longer = files.read(dir.path("elsewhere"), 4);
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().code, Errc::invalid);
  EXPECT_EQ(longer.error().message, dir.path("elsewhere") + ": longer than 4 bytes");
  dir.write("state/empty", "");
  EXPECT_EQ(files.read("empty", 0).value(), "");
}

TEST_F(IoFiles, ReadsFilesThatDoNotKnowTheirSize) {
  EXPECT_NE(files.read("/proc/self/status", 64 * 1024)->find("\nThreads:"), std::string::npos);
  const std::string large(100'000, 'x');
  dir.write("state/large", large);
  EXPECT_EQ(files.read("large", 200'000).value(), large);
}

TEST_F(IoFiles, WhatIsNoRegularFileIsRefusedAndNotWaitedFor) {
  ASSERT_EQ(::mkfifo(dir.path("state/fifo").c_str(), 0600), 0);
  for (const std::string& path : {dir.path("state/fifo"), dir.path("state"), std::string("/dev/zero")}) {
    const auto read = files.read(path, 10);
    ASSERT_FALSE(read) << path;
    EXPECT_EQ(read.error().code, Errc::invalid) << read.error().message;
  }
}

TEST_F(IoFiles, WhatDoesNotExistIsUnsupported) {
  EXPECT_EQ(files.read("missing", 10).error().code, Errc::unsupported);
  EXPECT_EQ(files.list("missing").error().code, Errc::unsupported);
  EXPECT_EQ(files.truncate("missing", 0).error().code, Errc::unsupported);
  EXPECT_FALSE(files.watch("missing/file"));
  EXPECT_FALSE(files.exists("missing"));
  EXPECT_TRUE(files.remove("missing"));
  dir.write("state/file", "");
  EXPECT_EQ(files.read("file/below", 10).error().code, Errc::unsupported);
}

TEST_F(IoFiles, FollowsSymbolicLinksWhenReading) {
  dir.write("target", "configuration");
  std::filesystem::create_symlink(dir.path("target"), dir.path("link"));
  EXPECT_EQ(files.read(dir.path("link"), 100).value(), "configuration");
}

TEST_F(IoFiles, ListsNamesSorted) {
  for (const char* name : {"state/b", "state/a", "state/.c", "state/d/e"}) dir.write(name, "");
  EXPECT_EQ(files.list("").value(), (std::vector<std::string>{".c", "a", "b", "d"}));
}

TEST_F(IoFiles, ReplacesAFileAsAWholeAndMakesTheFoldersAbove) {
  const mode_t before = ::umask(0077);
  ASSERT_TRUE(files.write_atomic("agents/demo/offer.json", "first"));
  ASSERT_TRUE(files.write_atomic("agents/demo/offer.json", "second"));
  EXPECT_EQ(dir.read("state/agents/demo/offer.json"), "second");
  EXPECT_EQ(files.list("agents/demo").value(), (std::vector<std::string>{"offer.json"}));
  struct stat info {};
  ASSERT_EQ(::stat(dir.path("state/agents/demo/offer.json").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640U);
  ::umask(before);
}

TEST_F(IoFiles, ALeftOverOfACrashDoesNotDisturbTheNextWrite) {
  dir.write("state/.offer.json.new", "half of a much longer text");
  ASSERT_TRUE(files.write_atomic("offer.json", "whole"));
  EXPECT_EQ(dir.read("state/offer.json"), "whole");
  EXPECT_EQ(files.list("")->size(), 1U);
}

TEST_F(IoFiles, AppendsAndCutsAndMovesAndRemoves) {
  ASSERT_TRUE(files.append_durable("a/journal", "one\n"));
  ASSERT_TRUE(files.append_durable("a/journal", "two\ntorn"));
  ASSERT_TRUE(files.truncate("a/journal", 8));
  EXPECT_EQ(dir.read("state/a/journal"), "one\ntwo\n");
  std::filesystem::create_directory(dir.path("state/b"));
  ASSERT_TRUE(files.rename("a/journal", "b/aside"));
  EXPECT_FALSE(files.exists("a/journal"));
  ASSERT_TRUE(files.remove("b/aside"));
  ASSERT_TRUE(files.remove("b"));
  EXPECT_FALSE(files.exists("b"));
  EXPECT_TRUE(files.exists("a"));
}

TEST_F(IoFiles, AFullDiskIsAnErrorThatMayPassAndLeavesTheOldFile) {
  ASSERT_TRUE(files.write_atomic("offer", "old"));
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1024, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const auto replaced = files.write_atomic("offer", std::string(4096, 'x'));
  const auto appended = files.append_durable("journal", std::string(4096, 'x'));
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_DFL);
  EXPECT_EQ(refusal(replaced), Errc::transient);
  EXPECT_EQ(refusal(appended), Errc::transient);
  EXPECT_NE(replaced.error().message.find("File too large"), std::string::npos) << replaced.error().message;
  EXPECT_EQ(dir.read("state/offer"), "old");
  EXPECT_FALSE(files.exists(".offer.new"));
}

TEST_F(IoFiles, WhatExistsIsNotMadeOnceMore) {
  ASSERT_TRUE(create_durable(dir.path("key"), "first", 0600));
  struct stat info {};
  ASSERT_EQ(::stat(dir.path("key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  const auto again = create_durable(dir.path("key"), "second", 0600);
  EXPECT_EQ(refusal(again), Errc::invalid);
  EXPECT_EQ(again.error().message, dir.path("key") + " exists");
  EXPECT_EQ(dir.read("key"), "first");
  std::filesystem::create_symlink(dir.path("nowhere"), dir.path("link"));
  EXPECT_EQ(refusal(create_durable(dir.path("link"), "third", 0600)), Errc::invalid);
  EXPECT_FALSE(std::filesystem::exists(dir.path("nowhere")));
}

TEST_F(IoFiles, WhatIsWrittenBesideAFileLeavesItAsItIs) {
  dir.write("version", "old");
  const auto beside = write_beside(dir.path("version"), "new", 0644);
  ASSERT_TRUE(beside);
  EXPECT_EQ(dir.read("version"), "old");
  ASSERT_TRUE(rename_durable(*beside, dir.path("version")));
  EXPECT_EQ(dir.read("version"), "new");
}

TEST_F(IoFiles, NothingOutsideTheStateFolderCanBeWritten) {
  const std::vector<std::string> outside = {dir.path("outside"),
                                            dir.path("state"),
                                            dir.path("statement"),
                                            "../outside",
                                            "a/../../outside",
                                            dir.path("state/../outside"),
                                            "",
                                            "a/",
                                            "/",
                                            "..",
                                            std::string("a\0b", 3)};
  for (const std::string& path : outside) {
    EXPECT_EQ(refusal(files.write_atomic(path, "x")), Errc::invalid) << path;
    EXPECT_EQ(refusal(files.append_durable(path, "x")), Errc::invalid) << path;
    EXPECT_EQ(refusal(files.truncate(path, 0)), Errc::invalid) << path;
    EXPECT_EQ(refusal(files.remove(path)), Errc::invalid) << path;
    EXPECT_EQ(refusal(files.rename(path, "a")), Errc::invalid) << path;
    EXPECT_EQ(refusal(files.rename("a", path)), Errc::invalid) << path;
  }
  EXPECT_FALSE(files.exists(dir.path("outside")));
  ASSERT_TRUE(files.write_atomic(dir.path("state/inside"), "x"));
  EXPECT_EQ(files.read("../outside", 10).error().code, Errc::invalid);
}

TEST_F(IoFiles, WithoutAStateFolderNothingCanBeWritten) {
  RealFiles reader(loop.executor(), "");
  dir.write("file", "x");
  EXPECT_EQ(reader.read(dir.path("file"), 1).value(), "x");
  EXPECT_EQ(refusal(reader.write_atomic(dir.path("file"), "y")), Errc::invalid);
  EXPECT_EQ(refusal(reader.write_atomic("/tmp/upkeep-never", "y")), Errc::invalid);
  EXPECT_EQ(reader.read("file", 1).error().code, Errc::invalid);
}

}  // namespace
}  // namespace upkeep::io

// SPDX-License-Identifier: Apache-2.0
// All watches share one inotify instance: none hears less for it, none speaks for another, and none is hurt when another goes.

#include "io/inotify.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>

#include "io/files.h"
#include "io/scope_guard.h"
#include "support/real_loop.h"
#include "support/temp_dir.h"

namespace upkeep::io {
namespace {

namespace fs = std::filesystem;
using Watch = std::unique_ptr<sdk::Watch>;
using Next = std::shared_ptr<test::Started<sdk::Result<void>>>;

// How many this process has.
std::size_t instances() {
  std::size_t count = 0;
  std::error_code gone;
  for (const auto& fd : fs::directory_iterator("/proc/self/fd")) count += fs::read_symlink(fd, gone) == "anon_inode:inotify" ? 1 : 0;
  return count;
}

// How many folders the kernel watches for this process.
std::size_t folders() {
  std::size_t count = 0;
  for (const auto& fd : fs::directory_iterator("/proc/self/fdinfo")) {
    std::ifstream info(fd.path());
    for (std::string line; std::getline(info, line);) count += line.starts_with("inotify wd:") ? 1 : 0;
  }
  return count;
}

struct IoInotify : testing::Test {
  test::RealLoop loop;
  test::TempDir dir;
  std::optional<RealFiles> files{std::in_place, loop.executor(), ""};

  Watch watch(const std::string& below = "") { return std::move(files->watch(dir.path(below)).value()); }
  Next waits(const Watch& watch) {
    auto next = loop.start(watch->next());
    loop.settle();
    return next;
  }
  bool woken(const Next& next) {
    loop.settle();
    return next->done && next->value->has_value();
  }
  void stop(const Next& next) {
    next->cancel();
    loop.until([&] { return next->done; });
  }
  // Whether writing this file wakes it.
  bool hears(const Watch& watch, const std::string& file) {
    const auto next = waits(watch);
    if (next->done) return false;
    dir.write(file, "x");
    const bool is_woken = woken(next);
    stop(next);
    return is_woken;
  }
};

TEST_F(IoInotify, AThousandWatchesAreOneInstanceAndAllAreWoken) {
  EXPECT_EQ(instances(), 0);
  std::vector<Watch> watches;
  std::vector<Next> all;
  for (int i = 0; i < 1000; ++i) all.push_back(waits(watches.emplace_back(watch())));
  EXPECT_EQ(instances(), 1);
  EXPECT_EQ(folders(), 1);
  dir.write("file", "x");
  for (const auto& next : all) ASSERT_TRUE(woken(next));
  watches.resize(1);
  EXPECT_TRUE(hears(watches[0], "file")) << "the others have gone";
  watches.clear();
  EXPECT_EQ(folders(), 0);
  files.reset();
  EXPECT_EQ(instances(), 0);
}

TEST_F(IoInotify, ANestedFolderIsWatchedForAsLongAsOneOfTwoWantsIt) {
  dir.write("a/b/file", "x");
  auto outer = watch(), inner = watch("a/b");
  EXPECT_TRUE(hears(outer, "a/b/file"));
  EXPECT_TRUE(woken(waits(inner)));
  EXPECT_FALSE(hears(inner, "a/file"));
  inner.reset();
  EXPECT_TRUE(woken(waits(outer)));
  EXPECT_TRUE(hears(outer, "a/b/file"));
  inner = watch("a/b");
  outer.reset();
  EXPECT_TRUE(hears(inner, "a/b/file"));
}

TEST_F(IoInotify, AFileIsWatchedThroughItsFolderAlone) {
  dir.write("status", "x");
  dir.write("info/file", "x");
  const auto status = watch("status");
  EXPECT_FALSE(hears(status, "info/file"));
  EXPECT_TRUE(hears(status, "status"));
}

TEST_F(IoInotify, AReplacedFolderIsWatchedInTheOldOnesPlace) {
  dir.write("a/b/file", "x");
  const auto top = watch("a"), keeps_old = watch("a/b");
  const auto next = waits(top);
  fs::rename(dir.path("a"), dir.path("old"));
  dir.write("a/b/file", "new");
  EXPECT_TRUE(woken(next));
  EXPECT_TRUE(hears(top, "a/b/file"));
  EXPECT_FALSE(hears(top, "old/b/file"));
  EXPECT_TRUE(woken(waits(keeps_old)));

  fs::remove_all(dir.path("a"));
  dir.write("a/b/file", "newer");
  EXPECT_TRUE(woken(waits(top)));
  EXPECT_TRUE(hears(top, "a/b/file"));
}

TEST_F(IoInotify, AFolderThatIsGoneIsAChangeAndThenAnError) {
  dir.write("a/file", "x");
  const auto gone = watch("a"), other = watch();
  const auto next = waits(gone);
  fs::remove_all(dir.path("a"));
  EXPECT_TRUE(woken(next));
  for (int i = 0; i < 2; ++i) {
    const auto refused = loop.run(gone->next());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, sdk::Errc::unsupported);
    EXPECT_EQ(refused.error().message, "cannot watch " + dir.path("a") + ": No such file or directory");
  }
  EXPECT_TRUE(woken(waits(other)));
  dir.write("a/file", "x");
  const auto again = watch("a");
  EXPECT_TRUE(hears(again, "a/file"));
}

TEST_F(IoInotify, WhoWaitsMayOutliveTheWatchAndTheFiles) {
  auto dropped = watch(), other = watch();
  const auto next = waits(dropped);
  dropped.reset();
  files.reset();
  EXPECT_TRUE(hears(other, "file"));
  EXPECT_FALSE(next->done);
  stop(next);
}

// Drops all watches as soon as it is woken by its own.
sdk::Task<sdk::Result<void>> drop_all(std::vector<Watch>& watches, std::size_t own) {
  auto woken = co_await watches[own]->next();
  watches.clear();
  co_return woken;
}

TEST_F(IoInotify, AWatchMayBeDroppedInItsOwnWakeUpAndInAnothers) {
  std::vector<Watch> watches;
  for (int i = 0; i < 3; ++i) watches.push_back(watch());
  std::vector<Next> all;
  for (std::size_t i = 0; i < 3; ++i) all.push_back(loop.start(drop_all(watches, i)));
  loop.settle();
  dir.write("file", "x");
  for (const auto& next : all) EXPECT_TRUE(woken(next));
  const auto later = watch();
  EXPECT_TRUE(hears(later, "file"));
}

TEST_F(IoInotify, WhenTheKernelHasLostEventsEverybodyIsWokenAndLooksForFolders) {
  fs::create_directories(dir.path("quiet"));
  dir.write("one", "x");
  dir.write("two", "x");
  const auto busy = watch("one"), quiet = watch("quiet");
  const auto next = waits(quiet);
  int limit = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> limit;
  ASSERT_GT(limit, 0);
  for (int i = 0; i <= limit; ++i) fs::permissions(dir.path(i % 2 ? "one" : "two"), fs::perms::owner_all);
  fs::create_directory(dir.path("quiet/new"));
  EXPECT_TRUE(woken(next));
  EXPECT_TRUE(woken(waits(busy)));
  EXPECT_TRUE(hears(quiet, "quiet/new/file"));
}

TEST_F(IoInotify, ALimitThatIsReachedIsNamedWithTheRemedy) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const ScopeGuard restore([&] { setrlimit(RLIMIT_NOFILE, &before); });
  const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto refused = files->watch(dir.path());
  setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, sdk::Errc::transient);
  EXPECT_EQ(refused.error().message, "cannot watch " + dir.path() +
                                         ": inotify: no instance left for this user (raise the sysctl fs.inotify.max_user_instances), or "
                                         "no file descriptor for this process (raise LimitNOFILE= of its unit)");
  EXPECT_EQ(inotify_error("cannot watch /x", ENOSPC).message,
            "cannot watch /x: no inotify watch left for this user (raise the sysctl fs.inotify.max_user_watches)");
  EXPECT_TRUE(files->watch(dir.path())) << "it is tried again";
}

}  // namespace
}  // namespace upkeep::io

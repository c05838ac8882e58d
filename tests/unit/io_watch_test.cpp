// SPDX-License-Identifier: Apache-2.0
// A watch says that something below a path changed, whatever way programs have of changing files.

#include <gtest/gtest.h>

#include "io/files.h"
#include "support/real_loop.h"
#include "support/temp_dir.h"

namespace upkeep::io {
namespace {

namespace fs = std::filesystem;

struct IoWatch : testing::Test {
  test::RealLoop loop;
  test::TempDir dir;
  RealFiles files{loop.executor(), ""};

  // Whether the watch wakes because of what `change` does.
  template <typename Change>
  bool wakes(sdk::Watch& watch, Change change) {
    const auto next = loop.start(watch.next());
    loop.settle();
    if (next->done) return false;
    change();
    loop.until([&] { return next->done; });
    loop.settle();
    return next->value->has_value();
  }
};

TEST_F(IoWatch, WakesForFilesWrittenReplacedAndRemoved) {
  dir.write("agents.d/demo.toml", "one");
  const auto watch = files.watch(dir.path());
  ASSERT_TRUE(watch);
  EXPECT_TRUE(wakes(**watch, [&] { dir.write("upkeep.toml", "x"); }));
  EXPECT_TRUE(wakes(**watch, [&] { dir.write("agents.d/demo.toml", "two"); }));
  EXPECT_TRUE(wakes(**watch, [&] { fs::rename(dir.path("upkeep.toml"), dir.path("agents.d/demo.toml")); }));
  EXPECT_TRUE(wakes(**watch, [&] { fs::remove(dir.path("agents.d/demo.toml")); }));
  EXPECT_TRUE(wakes(**watch, [&] { fs::permissions(dir.path("agents.d"), fs::perms::owner_all); }));
}

TEST_F(IoWatch, LooksIntoFoldersThatCameLater) {
  const auto watch = files.watch(dir.path());
  ASSERT_TRUE(watch);
  EXPECT_TRUE(wakes(**watch, [&] { fs::create_directory(dir.path("demo.toml.d")); }));
  EXPECT_TRUE(wakes(**watch, [&] { dir.write("demo.toml.d/10-local.toml", "x"); }));
}

TEST_F(IoWatch, OfOneFileSeesItReplacedAsKubernetesDoes) {
  dir.write("..2027_01/token", "one");
  dir.write("..2027_02/token", "two");
  fs::create_directory_symlink("..2027_01", dir.path("..data"));
  fs::create_symlink("..data/token", dir.path("token"));
  const auto watch = files.watch(dir.path("token"));
  ASSERT_TRUE(watch);
  EXPECT_TRUE(wakes(**watch, [&] {
    fs::create_directory_symlink("..2027_02", dir.path("..data_tmp"));
    fs::rename(dir.path("..data_tmp"), dir.path("..data"));
  }));
  EXPECT_EQ(files.read(dir.path("token"), 10).value(), "two");
}

TEST_F(IoWatch, RemembersAChangeThatNobodyWaitedFor) {
  const auto watch = files.watch(dir.path());
  ASSERT_TRUE(watch);
  dir.write("file", "x");
  loop.settle();
  EXPECT_TRUE(loop.run((*watch)->next()));
}

TEST_F(IoWatch, ReadingWakesNobody) {
  dir.write("file", "x");
  const auto watch = files.watch(dir.path());
  ASSERT_TRUE(watch);
  const auto next = loop.start((*watch)->next());
  EXPECT_TRUE(files.read(dir.path("file"), 10));
  EXPECT_TRUE(files.list(dir.path()));
  loop.settle();
  EXPECT_FALSE(next->done);
  next->cancel();
  loop.until([&] { return next->done; });
}

}  // namespace
}  // namespace upkeep::io

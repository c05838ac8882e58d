// SPDX-License-Identifier: Apache-2.0
// One daemon a state folder.

#include <gtest/gtest.h>
#include <unistd.h>

#include "io/folder_lock.h"
#include "support/temp_dir.h"

namespace upkeep::io {
namespace {

TEST(IoFolderLock, TheSecondIsRefusedAndToldWhoHasIt) {
  const test::TempDir dir;
  ASSERT_TRUE(lock_folder(dir.path("state")));
  const auto second = lock_folder(dir.path("state"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, sdk::Errc::busy);
  EXPECT_EQ(second.error().message, dir.path("state") + " belongs to another upkeepd (pid " + std::to_string(getpid()) + ")");
  EXPECT_TRUE(lock_folder(dir.path("other")));
}

TEST(IoFolderLock, AFolderThatCannotBeMadeIsNamed) {
  const test::TempDir dir;
  dir.write("file", "");
  const auto refused = lock_folder(dir.path("file/state"));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find(dir.path("file/state")), std::string::npos) << refused.error().message;
}

}  // namespace
}  // namespace upkeep::io

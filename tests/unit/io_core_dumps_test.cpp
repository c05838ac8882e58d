// SPDX-License-Identifier: Apache-2.0
// What a process looks like that forbade core dumps; asked in a child, because there is no way back for this one.
#include "io/core_dumps.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace upkeep::io {
namespace {

TEST(CoreDumps, AreNeitherWrittenToAFileNorToAPipe) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool done = forbid_core_dumps().has_value();
    rlimit limit{1, 1};
    ::getrlimit(RLIMIT_CORE, &limit);
    const bool gone = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0;
    ::_exit(done && gone ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace upkeep::io

// SPDX-License-Identifier: Apache-2.0
#include "io/core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>

#include "io/fd.h"

namespace upkeep::io {

sdk::Result<void> forbid_core_dumps() {
  // The limit is for files; a core_pattern that is a pipe does not look at it.
  constexpr rlimit kNone{0, 0};
  if (::setrlimit(RLIMIT_CORE, &kNone) != 0) return sdk::fail(errno_error("core dumps are still possible: setrlimit", errno));
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return sdk::fail(errno_error("core dumps are still possible: prctl", errno));
  return {};
}

}  // namespace upkeep::io

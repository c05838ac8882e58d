// SPDX-License-Identifier: Apache-2.0
#pragma once
// Starts a program: no shell, its own process group, none of our descriptors, a minimal environment. The kernel kills it when
// we are killed; what it has started itself is then the service manager's to end.

#include <sys/types.h>

#include "io/fd.h"
#include "sdk/host.h"

namespace upkeep::io {

struct Child {
  pid_t pid = -1;  // also its process group
  Fd end;          // pidfd: readable when it has ended
  Fd out, err;     // not blocking
};

// The error names the program; invalid also when an argument could not be passed on as it is.
[[nodiscard]] sdk::Result<Child> spawn(const sdk::ProcessRequest& request);

}  // namespace upkeep::io

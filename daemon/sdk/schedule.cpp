// SPDX-License-Identifier: Apache-2.0
#include "sdk/schedule.h"

namespace upkeep::sdk {

Task<Result<void>> Schedule::refresh(const Release* /*release*/) { co_return Result<void>(); }
Task<Result<Admission>> Schedule::admit(const Operation& /*operation*/) { co_return Result<Admission>(Admission()); }
Task<Result<void>> Schedule::hold(const Operation& /*operation*/) {
  co_await never();
  co_return Result<void>();
}
Task<Result<void>> Schedule::done(const Operation& /*operation*/) { co_return Result<void>(); }

}  // namespace upkeep::sdk

// SPDX-License-Identifier: Apache-2.0
#pragma once
// A schedule says when: windows, a fleet lock, a leader lease.

#include <optional>
#include <string>

#include "sdk/release.h"
#include "sdk/result.h"
#include "sdk/task.h"
#include "sdk/time.h"

namespace upkeep::sdk {

struct Verdict {
  bool open = false;
  std::optional<TimePoint> changes_at;  // strictly later than the asked time; nullopt: never, or not known
  std::string reason;                   // for people: "window Mon,Wed 02:00-03:00 Europe/Berlin"
};

// The attempt an admission is asked for.
struct Operation {
  std::string id;
  std::string agent;
  std::string from, to;  // release or package versions, for people
};

struct Admission {
  bool granted = true;
  std::string reason;  // when not granted
  Millis ask_again = std::chrono::seconds(60);
};

class Schedule {
 public:
  virtual ~Schedule() = default;
  // Before each decision, with the release in force (nullptr: none); may read the outside. An error makes the schedule closed, with the
  // error as reason.
  virtual Task<Result<void>> refresh(const Release* release);
  // Pure.
  [[nodiscard]] virtual Verdict verdict(TimePoint at, const Release* release) const = 0;
  // Right before apply, and again with the same id after a restart, and every two seconds once a permit that lapses() is lost, until the
  // operation ends or has it again.
  virtual Task<Result<Admission>> admit(const Operation& operation);
  // Runs beside an operation that was admitted, also again after a restart, and is cancelled at its end: renews what has to be renewed.
  // Returns when the permit is gone, an error says why: before apply that refuses the operation, and a verb that runs is cut off where
  // the permit lapses().
  // Default: never.
  virtual Task<Result<void>> hold(const Operation& operation);
  // When what was admitted may change nothing more, unless it was renewed by then; before each verb that changes the agent this is looked
  // at, and `admit` asked again where it has passed. nullopt: what has begun is finished, whatever becomes of the permit.
  [[nodiscard]] virtual std::optional<BootTime> lapses() const { return std::nullopt; }
  // At the operation's end (not while Stuck); may come again, and for operations that were never admitted.
  virtual Task<Result<void>> done(const Operation& operation);
};

}  // namespace upkeep::sdk

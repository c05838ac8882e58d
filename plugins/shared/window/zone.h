// SPDX-License-Identifier: Apache-2.0
#pragma once
// A time zone as a value: the instants at which its offset from UTC changes, out of the bytes of a zone file (TZif,
// RFC 8536). Read by ourselves because zone data must be read again while the daemon runs, which the date library's
// cache does not do, and because files may be "slim": then the years to come stand only in the footer, a POSIX TZ
// string, which that library ignores.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/result.h"

namespace upkeep::shared::window {

// From `at` on, local time is UTC plus `offset`.
struct OffsetChange {
  std::chrono::sys_seconds at;
  std::chrono::seconds offset;
};

class Zone {
 public:
  [[nodiscard]] static Zone utc();
  // Errc::invalid when the bytes are no zone file of version 2 or later; the message says what is wrong, not which file.
  [[nodiscard]] static sdk::Result<Zone> parse(std::string_view tzif);

  [[nodiscard]] std::chrono::local_seconds to_local(std::chrono::sys_seconds time) const;
  // The first instant with that local time; for one that the clock skips, the first instant after the gap.
  [[nodiscard]] std::chrono::sys_seconds resolve(std::chrono::local_seconds local) const;

 private:
  explicit Zone(std::vector<OffsetChange> changes) : changes_(std::move(changes)) {}
  // Index of the change in force at that time.
  [[nodiscard]] std::size_t index_at(std::chrono::sys_seconds time) const;

  std::vector<OffsetChange> changes_;  // sorted; the first one is before all times
};

// Adds the changes that a POSIX TZ string ("CET-1CEST,M3.5.0,M10.5.0/3") names after the last one in `changes`, for
// the years until kLastYear.
inline constexpr int kLastYear = 2200;
[[nodiscard]] sdk::Result<void> extend_by_posix_rule(std::string_view rule, std::vector<OffsetChange>& changes);

}  // namespace upkeep::shared::window

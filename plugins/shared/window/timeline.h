// SPDX-License-Identifier: Apache-2.0
#pragma once
// A calendar in a zone: at which instants it is open. Pure; looks at most kHorizon ahead.

#include <chrono>
#include <optional>
#include <vector>

#include "shared/window/window_config.h"
#include "shared/window/zone.h"

namespace upkeep::shared::window {

inline constexpr std::chrono::days kHorizon{5 * 366};

class Timeline {
 public:
  Timeline(Calendar calendar, Zone zone);

  struct State {
    bool open = false;
    std::optional<std::chrono::sys_seconds> changes_at;  // strictly later; nullopt: not within kHorizon
    const Blackout* blackout = nullptr;                  // closed: what cuts out the time, or a window before changes_at
  };
  // Pointers into this object.
  [[nodiscard]] State at(std::chrono::sys_seconds time) const;

  [[nodiscard]] const Calendar& calendar() const { return calendar_; }

 private:
  struct Stretch {
    std::chrono::sys_seconds start, end;  // [start, end); an end after the horizon may be too early
  };
  struct Cut {
    std::chrono::sys_seconds start, end;
    std::size_t blackout;  // its index
  };

  // The first stretch of touching or overlapping windows that ends after `time`, blackouts not looked at.
  [[nodiscard]] std::optional<Stretch> stretch_after(std::chrono::sys_seconds time, std::chrono::sys_seconds horizon) const;
  // Windows that start on that day, by start.
  void windows_of(std::chrono::local_days day, std::vector<Stretch>& out) const;
  [[nodiscard]] const Cut* cut_at(std::chrono::sys_seconds time) const;

  Calendar calendar_;
  Zone zone_;
  std::vector<Cut> cuts_;  // the blackouts as instants
};

}  // namespace upkeep::shared::window

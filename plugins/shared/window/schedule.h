// SPDX-License-Identifier: Apache-2.0
#pragma once
// The schedule that the engine asks. Owns the zone's data and reads it again when the system's file has changed.

#include <memory>
#include <string>

#include "sdk/config.h"
#include "sdk/host.h"
#include "sdk/schedule.h"
#include "shared/window/timeline.h"

namespace upkeep::shared::window {

class WindowSchedule final : public sdk::Schedule {
 public:
  WindowSchedule(sdk::Host& host, Calendar calendar) : host_(host), timeline_(std::move(calendar), Zone::utc()) {}

  // The zone's file as it is now. An error leaves what was loaded before.
  sdk::Result<void> load_zone();

  // Looks whether the system's zone data has changed. A file that is gone or damaged for the moment (an upgrade of
  // tzdata) changes nothing.
  sdk::Task<sdk::Result<void>> refresh(const sdk::Release* release) override;
  [[nodiscard]] sdk::Verdict verdict(sdk::TimePoint at, const sdk::Release* release) const override;

 private:
  sdk::Host& host_;
  std::string zone_bytes_;  // what the timeline's zone was made from
  std::string complaint_;   // the last trouble that was logged
  Timeline timeline_;
};

// Of a table that was checked, or invalid with what is wrong with it.
[[nodiscard]] sdk::Result<std::unique_ptr<WindowSchedule>> make_schedule(sdk::Host& host, const sdk::Config& table);

}  // namespace upkeep::shared::window

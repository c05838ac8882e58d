// SPDX-License-Identifier: Apache-2.0
#include "schedule/window/plugin.h"

#include "shared/window/keys.h"
#include "shared/window/schedule.h"

namespace upkeep::plugins::window {
namespace {

sdk::Result<std::unique_ptr<sdk::Schedule>> make(sdk::Host& host, const sdk::Config& config) {
  auto schedule = shared::window::make_schedule(host, config);
  if (!schedule) return sdk::fail(schedule.error());
  return std::unique_ptr<sdk::Schedule>(std::move(*schedule));
}

}  // namespace

constinit const sdk::Descriptor kDescriptor = {.name = "window",
                                               .summary = "open in windows of local time",
                                               .keys = shared::window::kCalendarKeys,
                                               .check = &shared::window::check_calendar,
                                               .make = &make};

}  // namespace upkeep::plugins::window

// SPDX-License-Identifier: Apache-2.0
#include "schedule/window/plugin.h"

#include "schedule/window/schedule.h"
#include "schedule/window/window_config.h"
#include "schedule/window/zone_names.h"

namespace upkeep::plugins::window {

using sdk::KeyType;

namespace {

#define UPKEEP_WINDOW_KEYS                                                                                                          \
  {.name = "days", .type = KeyType::text_list, .help = "days of the week on which the window starts: Mon, Tuesday, Tue#2, Tue#-1"}, \
      {.name = "dates", .type = KeyType::text_list, .help = "dates on which the window starts, in addition to days: 2027-01-05"},   \
      {.name = "start", .type = KeyType::text, .help = "local time at which the window starts: 02:00"},                             \
      {.name = "length", .type = KeyType::duration, .help = "how long it is open, from 1m to 7d of elapsed time"}, {                \
    .name = "end", .type = KeyType::text, .help = "instead of length: local time at which it ends; not after start = the next day"  \
  }

constexpr sdk::KeySpec kWindowKeys[] = {UPKEEP_WINDOW_KEYS};

constinit const sdk::KeySpec kKeys[] = {
    UPKEEP_WINDOW_KEYS,
    {.name = "always", .type = KeyType::flag, .fallback = "false", .help = "open at any time, blackouts excepted"},
    {.name = "never", .type = KeyType::flag, .fallback = "false", .help = "never open; only critical releases and a force pass"},
    {.name = "windows", .type = KeyType::table_list, .help = "several windows of which one is enough", .children = kWindowKeys},
    {.name = "time_zone", .type = KeyType::text, .fallback = "UTC", .help = "name of the time zone of all days and times: Europe/Berlin"},
    {.name = "blackout", .type = KeyType::text_list, .help = "local days that are never open: 2027-12-24, 2027-12-20/2028-01-02"},
};

std::vector<sdk::ConfigIssue> check(const sdk::Config& config) {
  std::vector<sdk::ConfigIssue> issues;
  const Calendar calendar = read_calendar(config, issues);
  if (std::string problem = zone_problem(calendar.time_zone); !problem.empty()) {
    issues.push_back({config.find("time_zone")->place(), "time_zone", std::move(problem)});
  }
  return issues;
}

sdk::Result<std::unique_ptr<sdk::Schedule>> make(sdk::Host& host, const sdk::Config& config) {
  if (const auto issues = check(config); !issues.empty()) {
    return sdk::fail(sdk::Errc::invalid, issues.front().path + ": " + issues.front().message);
  }
  std::vector<sdk::ConfigIssue> none;
  auto schedule = std::make_unique<WindowSchedule>(host, read_calendar(config, none));
  if (auto loaded = schedule->load_zone(); !loaded) return sdk::fail(loaded.error());
  return schedule;
}

}  // namespace

constinit const sdk::Descriptor kDescriptor = {
    .name = "window", .summary = "open in windows of local time", .keys = kKeys, .check = &check, .make = &make};

}  // namespace upkeep::plugins::window

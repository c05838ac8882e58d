// SPDX-License-Identifier: Apache-2.0
#pragma once
// The keys of a table of windows, and what is wrong with such a table: in an agent's file, or in a signed release.

#include <string>
#include <vector>

#include "sdk/config.h"

namespace upkeep::shared::window {

#define UPKEEP_WINDOW_KEYS                                                                                                               \
  {.name = "days", .type = sdk::KeyType::text_list, .help = "days of the week on which the window starts: Mon, Tuesday, Tue#2, Tue#-1"}, \
      {.name = "dates", .type = sdk::KeyType::text_list, .help = "dates on which the window starts, in addition to days: 2027-01-05"},   \
      {.name = "start", .type = sdk::KeyType::text, .help = "local time at which the window starts: 02:00"},                             \
      {.name = "length", .type = sdk::KeyType::duration, .help = "how long it is open, from 1m to 7d of elapsed time"}, {                \
    .name = "end", .type = sdk::KeyType::text, .help = "instead of length: local time at which it ends; not after start = the next day"  \
  }

inline constexpr sdk::KeySpec kWindowKeys[] = {UPKEEP_WINDOW_KEYS};

inline constexpr sdk::KeySpec kCalendarKeys[] = {
    UPKEEP_WINDOW_KEYS,
    {.name = "always", .type = sdk::KeyType::flag, .fallback = "false", .help = "open at any time, blackouts excepted"},
    {.name = "never", .type = sdk::KeyType::flag, .fallback = "false", .help = "never open; only critical releases and a force pass"},
    {.name = "windows", .type = sdk::KeyType::table_list, .help = "several windows of which one is enough", .children = kWindowKeys},
    {.name = "time_zone",
     .type = sdk::KeyType::text,
     .fallback = "UTC",
     .help = "name of the time zone of all days and times: Europe/Berlin"},
    {.name = "blackout", .type = sdk::KeyType::text_list, .help = "local days that are never open: 2027-12-24, 2027-12-20/2028-01-02"},
};

#undef UPKEEP_WINDOW_KEYS

// What a table whose keys have been checked says wrongly.
[[nodiscard]] std::vector<sdk::ConfigIssue> check_calendar(const sdk::Config& table);

// "" or the first thing that is wrong with a table that nobody has checked, its keys and their types included.
[[nodiscard]] std::string table_problem(const sdk::Config& table);

}  // namespace upkeep::shared::window

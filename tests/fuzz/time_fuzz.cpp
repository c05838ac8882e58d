// SPDX-License-Identifier: Apache-2.0
// Times and durations as people and journals write them, one a line: what is read is written so that it reads the same.
#include <sstream>

#include "fuzz/fuzz.h"
#include "sdk/time.h"

using namespace upkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream lines{std::string(fuzz::text_of(data, size))};
  for (std::string line; std::getline(lines, line);) {
    if (const auto time = sdk::parse_rfc3339(line)) {
      const auto again = sdk::parse_rfc3339(sdk::rfc3339(*time));
      FUZZ_CHECK(again && *again == *time, line);
      FUZZ_CHECK(time->time_since_epoch().count() >= -86'400'000, line);  // an offset may lead to the day before 1970
    } else {
      FUZZ_CHECK(fuzz::one_printable_line(time.error().message), line);
    }
    if (const auto duration = sdk::parse_duration(line)) {
      FUZZ_CHECK(duration->count() >= 0 && *duration <= std::chrono::hours(24 * 3650), line);
      const auto again = sdk::parse_duration(sdk::format_duration(*duration));
      FUZZ_CHECK(again && *again == *duration, sdk::format_duration(*duration));
    } else {
      FUZZ_CHECK(fuzz::one_printable_line(duration.error().message), line);
    }
  }
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#pragma once
// What people should find about an operation: lines under a topic, journalled with it, bounded in size and number.

#include <string>
#include <vector>

#include "sdk/time.h"

namespace upkeep::core {

struct Record {
  sdk::TimePoint at;
  std::string topic;
  std::vector<std::string> lines;
};
inline constexpr std::size_t kMaxRecords = 32;        // of one operation; later ones are dropped
inline constexpr std::size_t kMaxRecordBytes = 4096;  // of one record's lines

// The first lines that fit into one record; "…" stands for what does not.
[[nodiscard]] std::vector<std::string> bounded(std::vector<std::string> lines);
// The last lines that fit, at most so many, each cut to a length that people read.
[[nodiscard]] std::vector<std::string> last_lines(std::vector<std::string> lines, std::size_t most);

}  // namespace upkeep::core

// SPDX-License-Identifier: Apache-2.0
#include "core/record.h"

#include <algorithm>

namespace upkeep::core {
namespace {

constexpr std::size_t kLine = 512;

}  // namespace

std::vector<std::string> bounded(std::vector<std::string> lines) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    bytes += lines[i].size() + 1;
    if (bytes <= kMaxRecordBytes) continue;
    lines[i].resize(lines[i].size() - std::min(lines[i].size(), bytes - kMaxRecordBytes));
    lines[i] += "…";
    lines.resize(i + 1);
  }
  return lines;
}

std::vector<std::string> last_lines(std::vector<std::string> lines, std::size_t most) {
  std::size_t first = lines.size(), bytes = 0;
  while (first > 0 && lines.size() - first < most) {
    auto& line = lines[first - 1];
    if (line.size() > kLine) {
      line.resize(kLine);
      line += "…";
    }
    bytes += line.size() + 1;
    if (bytes > kMaxRecordBytes) break;
    --first;
  }
  lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(first));
  return lines;
}

}  // namespace upkeep::core

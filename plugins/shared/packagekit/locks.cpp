// SPDX-License-Identifier: Apache-2.0
#include "shared/packagekit/locks.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sdk/text.h"
#include "shared/packagekit/roles.h"
#include "shared/packages/tool.h"

namespace upkeep::shared::packagekit {

using sdk::split;

namespace {

constexpr std::size_t kMostLocks = std::size_t{1024} * 1024;

}  // namespace

bool is_locked(std::string_view locks, std::string_view inodes, std::string_view but) {
  const auto ours = split(inodes, '\n');
  for (const auto line : split(locks, '\n')) {
    if (line.find("->") != std::string_view::npos) continue;  // one that waits
    std::string_view before;                                  // the word before the file is the process
    for (const auto word : split(line, ' ')) {
      const auto process = std::exchange(before, word);
      // "00:27:10038649", device and inode; the device differs from what stat says on some file systems (btrfs), so it does not count
      const auto last = word.rfind(':');
      if (last == std::string_view::npos || word.find(':') == last || last + 1 == word.size()) continue;
      if (std::find(ours.begin(), ours.end(), word.substr(last + 1)) != ours.end() && (but.empty() || process != but)) return true;
    }
  }
  return false;
}

sdk::Task<bool> at_work(sdk::Host& host, std::vector<std::string> files) {
  auto argv = sdk::words({"/usr/bin/stat", "--format=%i"});
  argv.insert(argv.end(), std::make_move_iterator(files.begin()), std::make_move_iterator(files.end()));
  const auto inodes = co_await packages::run_tool(host, std::move(argv), 1);  // 1: one of them was never made
  const auto locks = host.files().read("/proc/locks", kMostLocks);
  if (inodes && locks) {
    if (!is_locked(*locks, *inodes)) co_return false;
    const auto idle = co_await idle_process(host);
    co_return is_locked(*locks, *inodes, idle);
  }
  host.log(sdk::LogLevel::warn,
           "whether a package manager is at work cannot be told: " + (inodes ? locks.error() : inodes.error()).message);
  co_return false;
}

}  // namespace upkeep::shared::packagekit

// SPDX-License-Identifier: Apache-2.0
#pragma once
// inotify behind sdk::Watch. It says that something changed, never what: whoever waits reads again.

#include <asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "sdk/host.h"

namespace upkeep::io {

// A folder is watched with the folders below it (at most 4 deep, 256 in all), a file through its folder. unsupported: not there.
[[nodiscard]] sdk::Result<std::unique_ptr<sdk::Watch>> watch_path(const asio::any_io_executor& executor, const std::string& path);

}  // namespace upkeep::io

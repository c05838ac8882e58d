// SPDX-License-Identifier: Apache-2.0
#pragma once
// inotify behind sdk::Watch. It says that something changed, never what: whoever waits reads again. When the watched folder
// itself goes, that is a change, too; after it next() fails, unless there is a new folder of this name.

#include <asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "io/inotify.h"
#include "sdk/host.h"

namespace upkeep::io {

// A folder is watched with the folders below it (at most 4 deep, 256 in all), a file through its folder alone. unsupported: not
// there.
[[nodiscard]] sdk::Result<std::unique_ptr<sdk::Watch>> watch_path(const asio::any_io_executor& executor, std::shared_ptr<Inotify> inotify,
                                                                  const std::string& path);

}  // namespace upkeep::io

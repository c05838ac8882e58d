// SPDX-License-Identifier: Apache-2.0
#pragma once
// What an open descriptor holds. `shown` is its name in errors. Whether it may be read at all was judged by whoever opened it.

#include <string>
#include <vector>

#include "io/fd.h"

namespace upkeep::io {

// The whole of a regular file; anything else, and a longer one, is Errc::invalid.
[[nodiscard]] sdk::Result<std::string> read_file(const Fd& fd, const std::string& shown, std::size_t max_bytes);
// The names in a folder, sorted.
[[nodiscard]] sdk::Result<std::vector<std::string>> list_folder(Fd fd, const std::string& shown);

}  // namespace upkeep::io

// SPDX-License-Identifier: Apache-2.0
#pragma once
// What every frozen copy is made with, whichever package manager it is for.

#include <cstdint>
#include <filesystem>
#include <string>

#include "root/outside.h"
#include "sdk/kept.h"

namespace upkeep::root {

inline constexpr sdk::Millis kPatience = std::chrono::minutes(20);  // for one download

// "12 MB"
[[nodiscard]] std::string spelled(std::uintmax_t bytes);
// Whether that much may be written below `folder`: a tenth of the file system is never used. Checked before anything is downloaded.
[[nodiscard]] sdk::Result<void> has_room(Outside& outside, const std::string& folder, std::uintmax_t needed);
// A plain file of root's at `to`, whatever `from` was turned into meanwhile. `from` is no path below outside.base.
[[nodiscard]] sdk::Result<void> take(Outside& outside, const std::filesystem::path& from, const std::string& to);
// Notes a file of the copy with its size and hash.
[[nodiscard]] sdk::Result<void> record(Outside& outside, const std::string& copy, const std::string& path, sdk::Kept& kept);
// Gives what is complete its name, once it is on the disk.
[[nodiscard]] sdk::Result<void> give_name(Outside& outside, const std::string& copy, const std::string& to);

}  // namespace upkeep::root

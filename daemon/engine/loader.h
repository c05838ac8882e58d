// SPDX-License-Identifier: Apache-2.0
#pragma once
// From a file to a descriptor, and what must hold before anything of a descriptor is used. Used by the registry only.
// Nothing is ever unloaded: a refused plugin stays mapped and is not called.

#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/plugin.h"

namespace upkeep::engine {

// Which file this is, to notice its replacement.
struct FileMark {
  std::uint64_t inode = 0;
  std::int64_t modified = 0;
  bool operator==(const FileMark&) const = default;
};
// Errc::unsupported when there is no such file.
[[nodiscard]] sdk::Result<FileMark> mark_of(const std::string& file);

// [a-z0-9][a-z0-9-]{0,62}: nothing else may become part of a path.
[[nodiscard]] bool is_plugin_name(std::string_view name);

// abi, signature, name, factory, and the table of keys. The error says which and has both strings.
[[nodiscard]] sdk::Result<void> check_descriptor(const sdk::Descriptor& descriptor);

// Maps the file and finds the descriptor's symbol in it; the descriptor is not looked at yet.
[[nodiscard]] sdk::Result<const sdk::Descriptor*> open_plugin(const std::string& file);

}  // namespace upkeep::engine

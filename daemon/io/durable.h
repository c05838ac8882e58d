// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes that survive a power cut: when one of these returns without an error, what it did is on the disk.

#include <string>
#include <string_view>

#include "sdk/result.h"

namespace upkeep::io {

// All paths are absolute. Folders above a file are made where missing (mode 0750), files have mode 0640 unless it is given.
[[nodiscard]] sdk::Result<void> write_atomic(const std::string& path, std::string_view bytes, unsigned mode = 0640);
// The first half of write_atomic, for whoever writes several files and wants room for all before one changes: the file beside it that
// holds the bytes, on the disk, for rename_durable or remove_durable.
[[nodiscard]] sdk::Result<std::string> write_beside(const std::string& path, std::string_view bytes, unsigned mode = 0640);
// invalid: something of that name exists, and stays as it is. After any other error nothing does.
[[nodiscard]] sdk::Result<void> create_durable(const std::string& path, std::string_view bytes, unsigned mode);
// `with_name`: the file's name, too, is made durable, whoever made the file; that of a new one always is.
[[nodiscard]] sdk::Result<void> append_durable(const std::string& path, std::string_view bytes, bool with_name = false);
[[nodiscard]] sdk::Result<void> truncate_durable(const std::string& path, std::size_t size);
[[nodiscard]] sdk::Result<void> rename_durable(const std::string& from, const std::string& to);
[[nodiscard]] sdk::Result<void> remove_durable(const std::string& path);

}  // namespace upkeep::io

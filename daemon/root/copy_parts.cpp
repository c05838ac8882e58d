// SPDX-License-Identifier: Apache-2.0
#include "root/copy_parts.h"

#include "io/durable.h"

namespace upkeep::root {

namespace fs = std::filesystem;
using sdk::Errc;
using sdk::Kept;
using sdk::Result;

std::string spelled(std::uintmax_t bytes) {
  return bytes < 10'000'000 ? std::to_string(bytes / 1000) + " kB" : std::to_string(bytes / 1'000'000) + " MB";
}

Result<void> has_room(Outside& outside, const std::string& folder, std::uintmax_t needed) {
  std::error_code error;
  const auto space = fs::space(outside.base + folder, error);
  if (error) return sdk::fail(io::errno_error("cannot tell how much room there is for " + folder, error.value()));
  const auto reserve = space.capacity / 10;
  if (space.available >= needed && space.available - needed >= reserve) return {};
  return sdk::fail(Errc::transient, "keeping a copy needs " + spelled(needed) + ", and of the " + spelled(space.available) +
                                        " that are free " + spelled(reserve) + " (10 % of the file system) stay free: make room in " +
                                        folder);
}

Result<void> take(Outside& outside, const fs::path& from, const std::string& to) {
  std::error_code error;
  fs::create_directories(fs::path(outside.base + to).parent_path(), error);
  const auto copied = run(outside, {"/usr/bin/cp", "--no-dereference", "--no-preserve=all", "--", from, outside.base + to}, kPatience);
  if (!copied) return sdk::fail(copied.error());
  if (fs::symlink_status(outside.base + to, error).type() == fs::file_type::regular) return {};
  return sdk::fail(Errc::invalid, to + ": what was downloaded is no plain file");
}

Result<void> record(Outside& outside, const std::string& copy, const std::string& path, Kept& kept) {
  const auto said = run(outside, {"/usr/bin/sha256sum", "--", outside.base + copy + "/" + path}, kPatience);
  if (!said) return sdk::fail(said.error());
  std::error_code error;
  kept.files.push_back({path, fs::file_size(outside.base + copy + "/" + path, error), said->substr(0, 64)});
  return {};
}

Result<void> give_name(Outside& outside, const std::string& copy, const std::string& to) {
  if (const auto synced = run(outside, {"/usr/bin/sync", "-f", outside.base + copy}); !synced) return sdk::fail(synced.error());
  return io::rename_durable(outside.base + copy, outside.base + to);
}

}  // namespace upkeep::root

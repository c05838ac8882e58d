// SPDX-License-Identifier: Apache-2.0
#include "io/files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "io/durable.h"
#include "io/fd.h"
#include "io/inotify.h"
#include "io/read_fd.h"
#include "io/watch.h"

namespace upkeep::io {

using sdk::Errc;
using sdk::fail;
using sdk::Result;

namespace {

bool climbs(const std::string& path) { return ("/" + path + "/").find("/../") != std::string::npos; }

tl::unexpected<sdk::Error> failed(const std::string& path) {
  const int error = errno;
  return fail(errno_error(path, error));
}

}  // namespace

RealFiles::RealFiles(const asio::any_io_executor& executor, std::string state_dir) : executor_(executor), state_dir_(std::move(state_dir)) {
  while (state_dir_.ends_with('/')) state_dir_.pop_back();
}

Result<std::string> RealFiles::to_read(const std::string& path) const {
  if (path.find('\0') != std::string::npos) return fail(Errc::invalid, "a path with a NUL character");
  if (path.starts_with('/')) return path;
  if (state_dir_.empty()) return fail(Errc::invalid, path + ": a relative path, but there is no state folder");
  if (climbs(path)) return fail(Errc::invalid, path + ": a path must not climb out of the state folder");
  return state_dir_ + "/" + path;
}

Result<std::string> RealFiles::to_write(const std::string& path) const {
  auto full = to_read(path);
  if (!full) return full;
  const bool below = !state_dir_.empty() && full->starts_with(state_dir_ + "/") && full->size() > state_dir_.size() + 1;
  if (!below || climbs(*full) || full->ends_with('/'))
    return fail(Errc::invalid, path + ": only files below the state folder may be written");
  return full;
}

bool RealFiles::exists(const std::string& path) {
  const auto full = to_read(path);
  struct stat info {};
  return full && ::stat(full->c_str(), &info) == 0;
}

Result<std::string> RealFiles::read(const std::string& path, std::size_t max_bytes) {
  const auto full = to_read(path);
  if (!full) return full;
  // Not blocking, so that a fifo in the way cannot hang the daemon.
  const Fd fd(::open(full->c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) return failed(*full);
  return read_file(fd, *full, max_bytes);
}

Result<std::vector<std::string>> RealFiles::list(const std::string& path) {
  const auto full = to_read(path);
  if (!full) return fail(full.error());
  Fd fd(::open(full->c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return failed(*full);
  return list_folder(std::move(fd), *full);
}

Result<void> RealFiles::write_atomic(const std::string& path, std::string_view bytes) {
  const auto full = to_write(path);
  return full ? io::write_atomic(*full, bytes) : fail(full.error());
}

Result<void> RealFiles::append_durable(const std::string& path, std::string_view bytes) {
  const auto full = to_write(path);
  if (!full) return fail(full.error());
  // Who wrote the file before may have died between its renaming and the sync of its folder.
  auto appended = io::append_durable(*full, bytes, !named_.contains(*full));
  if (appended) named_.insert(*full);
  return appended;
}

Result<void> RealFiles::truncate(const std::string& path, std::size_t size) {
  const auto full = to_write(path);
  return full ? truncate_durable(*full, size) : fail(full.error());
}

Result<void> RealFiles::rename(const std::string& from, const std::string& to) {
  const auto full_from = to_write(from), full_to = to_write(to);
  if (!full_from) return fail(full_from.error());
  return full_to ? rename_durable(*full_from, *full_to) : fail(full_to.error());
}

Result<void> RealFiles::remove(const std::string& path) {
  const auto full = to_write(path);
  return full ? remove_durable(*full) : fail(full.error());
}

Result<std::unique_ptr<sdk::Watch>> RealFiles::watch(const std::string& path) {
  const auto full = to_read(path);
  if (!full) return fail(full.error());
  if (!inotify_) {
    auto made = Inotify::make(executor_);
    if (!made) return fail("cannot watch " + *full, made.error());
    inotify_ = std::move(*made);
  }
  return watch_path(executor_, inotify_, *full);
}

}  // namespace upkeep::io

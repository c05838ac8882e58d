// SPDX-License-Identifier: Apache-2.0
#include "io/durable.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "io/fd.h"

namespace upkeep::io {

using sdk::fail;
using sdk::Result;

namespace {

constexpr mode_t kFileMode = 0640, kFolderMode = 0750;

tl::unexpected<sdk::Error> cannot(const char* verb, const std::string& path) {
  const int error = errno;
  return fail(errno_error(std::string("cannot ") + verb + " " + path, error));
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> sync_folder(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || fsync(fd.get()) != 0) return cannot("sync", path);
  return {};
}

Result<void> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), kFolderMode) == 0) return sync_folder(folder_of(path));
  if (errno == EEXIST) return {};
  if (errno != ENOENT) return cannot("make the folder", path);
  if (auto above = make_folder(folder_of(path)); !above) return above;
  if (::mkdir(path.c_str(), kFolderMode) != 0 && errno != EEXIST) return cannot("make the folder", path);
  return sync_folder(folder_of(path));
}

// One write where the kernel lets it be one. A disk that fills up cuts it short; the next try then names the reason.
Result<void> write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return cannot("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

// A file that was made for these bytes, and goes when it cannot hold them.
Result<void> write_synced(int fd, unsigned mode, std::string_view bytes, const std::string& path) {
  Result<void> written;
  if (fchmod(fd, mode) != 0) written = cannot("create", path);  // whatever the umask is
  if (written) written = write_all(fd, bytes, path);
  if (written && fsync(fd) != 0) written = cannot("sync", path);
  if (!written) ::unlink(path.c_str());
  return written;
}

}  // namespace

Result<std::string> write_beside(const std::string& path, std::string_view bytes, unsigned mode) {
  const std::string folder = folder_of(path);
  // Always the same name, so that what a crash left behind is used up by the next write. There is one writer.
  std::string temporary = folder + "/." + path.substr(path.rfind('/') + 1) + ".new";
  if (auto made = make_folder(folder); !made) return fail(made.error());
  const Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!fd) return cannot("create", temporary);
  if (auto written = write_synced(fd.get(), mode, bytes, temporary); !written) return fail(written.error());
  return temporary;
}

Result<void> write_atomic(const std::string& path, std::string_view bytes, unsigned mode) {
  const auto temporary = write_beside(path, bytes, mode);
  return temporary ? rename_durable(*temporary, path) : fail(temporary.error());
}

Result<void> create_durable(const std::string& path, std::string_view bytes, unsigned mode) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd && errno == EEXIST) return fail(sdk::Errc::invalid, path + " exists");
  if (!fd) return cannot("create", path);
  if (auto written = write_synced(fd.get(), mode, bytes, path); !written) return written;
  return sync_folder(folder_of(path));
}

Result<void> append_durable(const std::string& path, std::string_view bytes, bool with_name) {
  constexpr int kFlags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  Fd fd(::open(path.c_str(), kFlags));
  const bool is_new = !fd && errno == ENOENT;
  if (is_new) {
    if (auto made = make_folder(folder_of(path)); !made) return made;
    fd.reset(::open(path.c_str(), kFlags | O_CREAT, kFileMode));
  }
  if (!fd) return cannot("open", path);
  if (auto written = write_all(fd.get(), bytes, path); !written) return written;
  if (fdatasync(fd.get()) != 0) return cannot("sync", path);
  return is_new || with_name ? sync_folder(folder_of(path)) : Result<void>();
}

Result<void> truncate_durable(const std::string& path, std::size_t size) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return cannot("open", path);
  if (ftruncate(fd.get(), static_cast<off_t>(size)) != 0) return cannot("cut", path);
  if (fsync(fd.get()) != 0) return cannot("sync", path);
  return {};
}

Result<void> rename_durable(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return cannot("rename", from + " to " + to);
  if (folder_of(from) != folder_of(to)) {
    if (auto synced = sync_folder(folder_of(from)); !synced) return synced;
  }
  return sync_folder(folder_of(to));
}

Result<void> remove_durable(const std::string& path) {
  if (std::remove(path.c_str()) == 0) return sync_folder(folder_of(path));
  if (errno == ENOENT) return {};
  return cannot("remove", path);
}

}  // namespace upkeep::io

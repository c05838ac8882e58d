// SPDX-License-Identifier: Apache-2.0
#include "root/trusted_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "io/read_fd.h"
#include "sdk/text.h"

namespace upkeep::root {
namespace {

using sdk::Errc;

// Opens one part of a path, which is not followed when it is a link, and judges what was opened. O_NONBLOCK: opening a pipe must not wait.
sdk::Result<io::Fd> open_part(int at, const std::string& part, int flags, uid_t owner, const std::string& shown) {
  io::Fd fd(::openat(at, part.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags));
  if (!fd && (errno == ELOOP || errno == ENOTDIR)) return sdk::fail(Errc::denied, shown + ": a symbolic link, or not a folder");
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return sdk::fail(io::errno_error(shown, errno));
  if (status.st_uid != owner) return sdk::fail(Errc::denied, shown + ": belongs to uid " + std::to_string(status.st_uid) + ", not to root");
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return sdk::fail(Errc::denied, shown + ": may be written by others than root");
  return fd;
}

}  // namespace

// Only what is asked for may be a file; what leads there is folders.
sdk::Result<io::Fd> TrustedFiles::open(const std::string& path, int flags) const {
  const auto not_plain = sdk::fail(Errc::invalid, sdk::quoted(path) + ": is no plain absolute path");
  if (!path.starts_with('/') || path.find('\0') != std::string::npos) return not_plain;
  auto at = open_part(AT_FDCWD, base_, O_DIRECTORY, owner_, base_);
  for (std::size_t begin = 1, end = 0; at && end != std::string::npos; begin = end + 1) {
    end = path.find('/', begin);
    const std::string shown = path.substr(0, end), part = shown.substr(begin);
    if (part.empty() || part == "." || part == "..") return not_plain;
    at = open_part(at->get(), part, end == std::string::npos ? flags : O_DIRECTORY, owner_, shown);
  }
  return at;
}

bool TrustedFiles::exists(const std::string& path) {
  const auto opened = open(path, O_PATH);
  return opened || opened.error().code != Errc::unsupported;
}

sdk::Result<std::string> TrustedFiles::read(const std::string& path, std::size_t max_bytes) {
  const auto fd = open(path, 0);
  return fd ? io::read_file(*fd, path, max_bytes) : sdk::fail(fd.error());
}

sdk::Result<std::vector<std::string>> TrustedFiles::list(const std::string& path) {
  auto fd = open(path, O_DIRECTORY);
  return fd ? io::list_folder(std::move(*fd), path) : sdk::fail(fd.error());
}

}  // namespace upkeep::root

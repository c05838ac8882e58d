// SPDX-License-Identifier: Apache-2.0
#include "root/trusted_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "sdk/text.h"

namespace upkeep::root {
namespace {

using sdk::Errc;

tl::unexpected<sdk::Error> failed(const std::string& shown, int error) {
  if (error == ENOENT) return sdk::fail(Errc::unsupported, shown + ": does not exist");
  if (error == ELOOP) return sdk::fail(Errc::denied, shown + ": is a symbolic link, which is not followed");
  if (error == ENOTDIR) return sdk::fail(Errc::denied, shown + ": is no folder, or a symbolic link, which is not followed");
  return sdk::fail(io::errno_error(shown, error));
}

sdk::Result<void> judge(int fd, uid_t owner, const std::string& shown) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return failed(shown, errno);
  if (status.st_uid != owner) return sdk::fail(Errc::denied, shown + ": belongs to uid " + std::to_string(status.st_uid) + ", not to root");
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return sdk::fail(Errc::denied, shown + ": may be written by others than root");
  return {};
}

}  // namespace

sdk::Result<io::Fd> TrustedFiles::open(const std::string& path, int flags) const {
  if (!path.starts_with('/')) return sdk::fail(Errc::invalid, sdk::quoted(path) + ": is no plain absolute path");
  io::Fd at(::open(base_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!at) return failed(base_, errno);
  if (const auto good = judge(at.get(), owner_, base_); !good) return sdk::fail(good.error());
  // Only what is asked for may be a file; what leads there is folders. O_NONBLOCK: opening a pipe must not wait.
  for (std::size_t begin = 1, end = 0; end != std::string::npos; begin = end + 1) {
    end = path.find('/', begin);
    const std::string part = path.substr(begin, end == std::string::npos ? end : end - begin);
    const std::string shown = path.substr(0, end);
    if (part.empty() || part == "." || part == "..") return sdk::fail(Errc::invalid, sdk::quoted(path) + ": is no plain absolute path");
    const int kind = end == std::string::npos ? flags : O_DIRECTORY;
    io::Fd next(::openat(at.get(), part.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | kind));
    if (!next) return failed(shown, errno);
    if (const auto good = judge(next.get(), owner_, shown); !good) return sdk::fail(good.error());
    at = std::move(next);
  }
  return at;
}

bool TrustedFiles::exists(const std::string& path) {
  const auto opened = open(path, O_PATH);
  return opened || opened.error().code != Errc::unsupported;
}

sdk::Result<std::string> TrustedFiles::read(const std::string& path, std::size_t max_bytes) {
  const auto fd = open(path, 0);
  if (!fd) return sdk::fail(fd.error());
  struct stat status {};
  if (::fstat(fd->get(), &status) != 0) return failed(path, errno);
  if (!S_ISREG(status.st_mode)) return sdk::fail(Errc::invalid, path + ": is no regular file");
  std::string out(max_bytes + 1, '\0');
  std::size_t size = 0;
  while (size < out.size()) {
    const ssize_t n = ::read(fd->get(), out.data() + size, out.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(path, errno);
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > max_bytes) return sdk::fail(Errc::invalid, path + ": is longer than " + std::to_string(max_bytes) + " bytes");
  out.resize(size);
  return out;
}

sdk::Result<std::vector<std::string>> TrustedFiles::list(const std::string& path) {
  auto fd = open(path, O_DIRECTORY);
  if (!fd) return sdk::fail(fd.error());
  DIR* dir = ::fdopendir(::dup(fd->get()));
  if (dir == nullptr) return failed(path, errno);
  std::vector<std::string> out;
  while (const dirent* entry = ::readdir(dir)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") out.push_back(name);
  }
  ::closedir(dir);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace upkeep::root

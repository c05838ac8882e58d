// SPDX-License-Identifier: Apache-2.0
#include "io/read_fd.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace upkeep::io {

using sdk::Errc;
using sdk::fail;
using sdk::Result;

namespace {

tl::unexpected<sdk::Error> cannot_read(const std::string& shown) {
  const int error = errno;
  return fail(errno_error(shown, error));
}

}  // namespace

Result<std::string> read_file(const Fd& fd, const std::string& shown, std::size_t max_bytes) {
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return cannot_read(shown);
  if (!S_ISREG(info.st_mode)) return fail(Errc::invalid, shown + ": not a regular file");
  // The size is only a hint: files of /proc say 0, others may grow meanwhile.
  std::string bytes;
  std::size_t used = 0;
  for (;;) {
    const std::size_t hint = static_cast<std::size_t>(info.st_size) + 1;
    bytes.resize(std::min(max_bytes + 1, std::max(hint, used + 4096)));
    const ssize_t n = ::read(fd.get(), bytes.data() + used, bytes.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return cannot_read(shown);
    used += static_cast<std::size_t>(n);
    if (used > max_bytes) return fail(Errc::invalid, shown + ": longer than " + std::to_string(max_bytes) + " bytes");
    if (n == 0) break;
  }
  bytes.resize(used);
  return bytes;
}

Result<std::vector<std::string>> list_folder(Fd fd, const std::string& shown) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::fdopendir(fd.get()), &::closedir);
  if (!folder) return cannot_read(shown);
  fd.release();  // closed with the folder
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  if (errno != 0) return cannot_read(shown);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace upkeep::io

// SPDX-License-Identifier: Apache-2.0
#include "io/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace upkeep::io {

sdk::Result<void> lock_folder(const std::string& folder) {
  if (mkdir(folder.c_str(), 0750) != 0 && errno != EEXIST) return sdk::fail(sdk::Errc::transient, folder + ": " + std::strerror(errno));
  const auto path = folder + "/lock";
  int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
  // On a file system that has become read-only there is nothing to write, but a state to be shown.
  if (fd < 0 && errno == EROFS) fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return sdk::fail(errno == EACCES ? sdk::Errc::denied : sdk::Errc::transient, path + ": " + std::strerror(errno));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    const auto size = read(fd, holder, sizeof holder - 1);
    close(fd);
    return sdk::fail(sdk::Errc::busy, folder + " belongs to another upkeepd" + (size > 0 ? " (pid " + std::string(holder) + ")" : ""));
  }
  const auto pid = std::to_string(getpid());
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) return {};  // the pid is for people, the lock is what counts
  return {};  // the descriptor stays open: the lock lives as long as the process
}

}  // namespace upkeep::io

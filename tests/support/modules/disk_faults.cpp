// SPDX-License-Identifier: Apache-2.0
// Preloaded into a daemon: lets writes to chosen paths go wrong while it runs. $UPKEEP_FAULTS names a file with one line,
//   CALL ERRNO SKIP TIMES TEXT
// CALL: open (for writing), write, short (half is written first), sync, rename. Of the calls on paths that contain TEXT, SKIP go
// well, then TIMES fail (-1: all). Another line begins anew; an empty file lets all go well. Each failure adds a byte to NAME.hits.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

struct Rule {
  char line[512] = "", call[16] = "", text[400] = "";
  int error = 0, skip = 0, times = 0, seen = 0;
};
Rule g_rule;

// By system calls: what is intercepted here must not be asked.
void read_rule(const char* name) {
  char line[sizeof(Rule::line)] = "";
  const auto fd = syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    (void)syscall(SYS_read, fd, line, sizeof line - 1);
    (void)syscall(SYS_close, fd);
  }
  if (std::strcmp(line, g_rule.line) == 0) return;
  g_rule = Rule();
  std::memcpy(g_rule.line, line, sizeof line);
  if (std::sscanf(line, "%15s %d %d %d %399s", g_rule.call, &g_rule.error, &g_rule.skip, &g_rule.times, g_rule.text) != 5)
    g_rule.call[0] = '\0';
}

bool strikes(const char* call, const char* path) {
  static const char* const kName = std::getenv("UPKEEP_FAULTS");
  if (kName == nullptr || path == nullptr) return false;
  const int before = errno;
  read_rule(kName);
  errno = before;
  if (std::strcmp(call, g_rule.call) != 0 || std::strstr(path, g_rule.text) == nullptr) return false;
  const int nth = g_rule.seen++;
  if (nth < g_rule.skip || (g_rule.times >= 0 && nth >= g_rule.skip + g_rule.times)) return false;
  char hits[512];
  std::snprintf(hits, sizeof hits, "%s.hits", kName);
  const auto fd = syscall(SYS_openat, AT_FDCWD, hits, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd >= 0) {
    (void)syscall(SYS_write, fd, ".", 1);
    (void)syscall(SYS_close, fd);
  }
  errno = g_rule.error;
  return true;
}

bool strikes(const char* call, int fd) {
  char link[32], path[512];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const auto size = readlink(link, path, sizeof path - 1);
  if (size < 0) return false;
  path[size] = '\0';
  return strikes(call, path);
}

template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

int open_or_fail(const char* symbol, const char* path, int flags, mode_t mode) {
  static const auto kOpen = next<int (*)(const char*, int, ...)>("open");
  static const auto kOpen64 = next<int (*)(const char*, int, ...)>("open64");
  if ((flags & O_ACCMODE) != O_RDONLY && strikes("open", path)) return -1;
  return (std::strcmp(symbol, "open") == 0 ? kOpen : kOpen64)(path, flags, mode);
}

mode_t mode_of(int flags, va_list arguments) { return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0; }

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_or_fail("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_or_fail("open64", path, flags, mode);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  static const auto kWrite = next<ssize_t (*)(int, const void*, size_t)>("write");
  if (strikes("write", fd)) return -1;
  if (size > 1 && strikes("short", fd)) return (g_rule.seen - g_rule.skip) % 2 == 1 ? kWrite(fd, bytes, size / 2) : -1;
  return kWrite(fd, bytes, size);
}

int fsync(int fd) {
  static const auto kSync = next<int (*)(int)>("fsync");
  return strikes("sync", fd) ? -1 : kSync(fd);
}

int fdatasync(int fd) {
  static const auto kSync = next<int (*)(int)>("fdatasync");
  return strikes("sync", fd) ? -1 : kSync(fd);
}

int rename(const char* from, const char* to) {
  static const auto kRename = next<int (*)(const char*, const char*)>("rename");
  return strikes("rename", to) ? -1 : kRename(from, to);
}
}

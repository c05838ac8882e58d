// SPDX-License-Identifier: Apache-2.0
// Preloaded into the daemon of a test machine: moves its wall clock by the seconds that stand in /etc/wall-clock (or in the file that
// UPKEEP_WALL_CLOCK names), and nothing else. Machines share the host's clock, which a test must not set. Boot time and timers stay the
// kernel's.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  const int result = real(clock, time);
  if (clock != CLOCK_REALTIME || result != 0) return result;
  char text[32] = {0};
  const char *file = getenv("UPKEEP_WALL_CLOCK");
  const int fd = open(file ? file : "/etc/wall-clock", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return result;
  if (read(fd, text, sizeof text - 1) > 0) time->tv_sec += atol(text);
  close(fd);
  return result;
}

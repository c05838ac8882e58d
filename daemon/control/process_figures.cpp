// SPDX-License-Identifier: Apache-2.0
#include "control/process_figures.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>

namespace upkeep::control {
namespace {

// Ticks since boot at which the process started: the 22nd word of /proc/self/stat (proc(5)). The second is the program's name
// in parentheses, which may hold anything.
std::optional<double> start_ticks() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const auto after_name = line.rfind(')');
  if (after_name == std::string::npos) return std::nullopt;
  std::istringstream words(line.substr(after_name + 1));
  std::string word;
  for (int i = 3; i <= 22; ++i) words >> word;
  if (!words || word.empty() || word.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return std::stod(word);
}

std::optional<std::size_t> open_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"), closedir);
  if (!folder) return std::nullopt;
  std::size_t count = 0;
  while (const auto* entry = readdir(folder.get()))
    if (entry->d_name[0] != '.') ++count;
  return count - 1;  // not the folder's own
}

double seconds(const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; }

}  // namespace

ProcessFigures::ProcessFigures(const sdk::Clock& clock) {
  const auto ticks = start_ticks();
  const auto per_second = sysconf(_SC_CLK_TCK);
  if (!ticks || per_second <= 0) return;
  const auto after_boot = sdk::Millis(static_cast<sdk::Millis::rep>(*ticks * 1000.0 / static_cast<double>(per_second)));
  started_ = clock.now() - (clock.boot_now() - after_boot);
}

void ProcessFigures::write(MetricsPage& page) const {
  page.gauge("process_start_time_seconds", "When the process started, in seconds since 1970");
  page.add({}, started_);
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) == 0) {
    page.counter("process_cpu_seconds_total", "CPU time that the process has used, its own and the kernel's for it");
    page.add({}, seconds(used.ru_utime) + seconds(used.ru_stime));
  }
  std::ifstream file("/proc/self/statm");
  if (std::uint64_t size = 0, resident = 0; file >> size >> resident) {
    const auto page_size = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    page.gauge("process_resident_memory_bytes", "Memory of the process that is in RAM");
    page.add({}, resident * page_size);
    page.gauge("process_virtual_memory_bytes", "Address space of the process");
    page.add({}, size * page_size);
  }
  if (const auto count = open_descriptors()) {
    page.gauge("process_open_fds", "Open file descriptors");
    page.add({}, *count);
  }
  if (rlimit limit{}; getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    page.gauge("process_max_fds", "The most file descriptors that the process may have open");
    page.add({}, static_cast<double>(limit.rlim_cur));
  }
}

}  // namespace upkeep::control

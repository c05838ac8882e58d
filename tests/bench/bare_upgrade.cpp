// SPDX-License-Identifier: Apache-2.0
// What an upgrade by Upkeep is measured against: the same calls with nothing around them. `bare-upgrade PACKAGE_ID UNIT` simulates the
// installation, installs, asks which version is installed now, and restarts the unit; it prints the seconds of each as JSON. With --rpm
// before them it makes the calls that an rpm host takes: rpm is asked what is installed, before and after, PackageKit for the id, and
// between simulation and installation the package is downloaded and rpm is asked for its vendor.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr const char* kPackageKit = "org.freedesktop.PackageKit";
constexpr const char* kTransaction = "org.freedesktop.PackageKit.Transaction";
constexpr const char* kSystemd = "org.freedesktop.systemd1";
constexpr const char* kSystemdPath = "/org/freedesktop/systemd1";
constexpr const char* kManager = "org.freedesktop.systemd1.Manager";
// PackageKit's numbers: transaction flags, filters, the exit of success, and a package that is installed.
constexpr std::uint64_t kOnlyTrusted = 1u << 1, kSimulate = 1u << 2, kOnlyDownload = 1u << 3, kFilterInstalled = 1u << 2;
constexpr std::uint32_t kSuccess = 1, kInstalled = 1;

void check(int result, const char* what) {
  if (result >= 0) return;
  std::fprintf(stderr, "%s: %s\n", what, std::strerror(-result));
  std::exit(1);
}

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct Outcome {
  std::uint32_t exit = 0;  // 0: not finished yet
  std::string installed;   // id of the last package that was listed as installed
};

int on_transaction(sd_bus_message* signal, void* self, sd_bus_error* /*error*/) {
  auto& outcome = *static_cast<Outcome*>(self);
  if (sd_bus_message_is_signal(signal, kTransaction, "Package") > 0) {
    std::uint32_t info = 0;
    const char* id = nullptr;
    if (sd_bus_message_read(signal, "us", &info, &id) > 0 && info == kInstalled) outcome.installed = id;
  } else if (sd_bus_message_is_signal(signal, kTransaction, "ErrorCode") > 0) {
    std::uint32_t code = 0;
    const char* text = "";
    if (sd_bus_message_read(signal, "us", &code, &text) > 0) std::fprintf(stderr, "PackageKit error %u: %s\n", code, text);
  } else if (sd_bus_message_is_signal(signal, kTransaction, "Finished") > 0) {
    std::uint32_t runtime = 0;
    sd_bus_message_read(signal, "uu", &outcome.exit, &runtime);
  }
  return 0;
}

struct Job {
  std::string path, result;
};

int on_job(sd_bus_message* signal, void* self, sd_bus_error* /*error*/) {
  auto& job = *static_cast<Job*>(self);
  std::uint32_t id = 0;
  const char *path = "", *unit = "", *result = "";
  if (sd_bus_message_read(signal, "uoss", &id, &path, &unit, &result) > 0 && job.path == path) job.result = result;
  return 0;
}

template <typename Done>
void wait_until(sd_bus* bus, const Done& done) {
  while (!done()) {
    const int handled = sd_bus_process(bus, nullptr);
    check(handled, "the bus");
    if (handled == 0) check(sd_bus_wait(bus, UINT64_MAX), "the bus");
  }
}

// One transaction from its creation to its end; `flags`, then an array of one text, are the method's arguments.
Outcome transaction(sd_bus* bus, const char* method, std::uint64_t flags, const char* text) {
  Outcome outcome;
  sd_bus_error error = SD_BUS_ERROR_NULL;
  sd_bus_message* reply = nullptr;
  check(sd_bus_call_method(bus, kPackageKit, "/org/freedesktop/PackageKit", kPackageKit, "CreateTransaction", &error, &reply, ""),
        "CreateTransaction");
  const char* path = nullptr;
  check(sd_bus_message_read(reply, "o", &path), "CreateTransaction");
  sd_bus_slot* slot = nullptr;
  check(sd_bus_match_signal(bus, &slot, kPackageKit, path, kTransaction, nullptr, &on_transaction, &outcome), "AddMatch");
  check(sd_bus_call_method(bus, kPackageKit, path, kTransaction, "SetHints", &error, nullptr, "as", 3, "interactive=false",
                           "background=false", "locale=C.UTF-8"),
        "SetHints");
  check(sd_bus_call_method(bus, kPackageKit, path, kTransaction, method, &error, nullptr, "tas", flags, 1, text), method);
  wait_until(bus, [&] { return outcome.exit != 0; });
  sd_bus_slot_unref(slot);
  sd_bus_message_unref(reply);
  if (outcome.exit == kSuccess) return outcome;
  std::fprintf(stderr, "%s ended with %u\n", method, outcome.exit);
  std::exit(1);
}

// Runs rpm, whose exit status says nothing here, and returns what it said.
std::string ask_rpm(std::vector<const char*> words) {
  int ends[2];
  check(::pipe2(ends, O_CLOEXEC) == 0 ? 0 : -errno, "pipe");
  words.insert(words.begin(), "/usr/bin/rpm");
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t child = 0;
  check(-::posix_spawn(&child, words[0], &actions, nullptr, const_cast<char**>(words.data()), environ), "rpm");
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  std::string out;
  char buffer[4096];
  for (ssize_t size = 0; (size = ::read(ends[0], buffer, sizeof buffer)) > 0;) out.append(buffer, static_cast<std::size_t>(size));
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return out;
}

void restart(sd_bus* bus, const char* unit) {
  Job job;
  sd_bus_slot* slot = nullptr;
  check(sd_bus_match_signal(bus, &slot, kSystemd, kSystemdPath, kManager, "JobRemoved", &on_job, &job), "AddMatch");
  sd_bus_error error = SD_BUS_ERROR_NULL;
  sd_bus_message* reply = nullptr;
  check(sd_bus_call_method(bus, kSystemd, kSystemdPath, kManager, "TryRestartUnit", &error, &reply, "ss", unit, "replace"),
        "TryRestartUnit");
  const char* path = nullptr;
  check(sd_bus_message_read(reply, "o", &path), "TryRestartUnit");
  job.path = path;
  wait_until(bus, [&] { return !job.result.empty(); });
  sd_bus_message_unref(reply);
  sd_bus_slot_unref(slot);
  if (job.result == "done") return;
  std::fprintf(stderr, "the restart of %s: %s\n", unit, job.result.c_str());
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  const bool rpm = argc > 1 && std::strcmp(argv[1], "--rpm") == 0;
  const char* file = nullptr;
  if (rpm) {
    if (argc != 5) return 2;
    file = argv[2];
    argc -= 2;
    argv += 2;
  }
  if (argc != 3) return 2;
  const std::string id = argv[1], name = id.substr(0, id.find(';'));
  sd_bus* bus = nullptr;
  check(sd_bus_open_system(&bus), "the system bus");
  const double began = now();
  constexpr const char* kFormat = "%{NAME}\t%{VERSION}-%{RELEASE}\t%{VENDOR}\n";
  if (rpm) {
    ask_rpm({"-q", "--qf", kFormat, name.c_str()});
    transaction(bus, "Resolve", 0, name.c_str());
  }
  transaction(bus, "InstallPackages", kOnlyTrusted | kSimulate, id.c_str());
  const double simulated = now();
  if (rpm) {
    transaction(bus, "InstallPackages", kOnlyTrusted | kOnlyDownload, id.c_str());
    ask_rpm({"-qp", "--nosignature", "--nodigest", "--qf", "%{VENDOR}\n", file});
  }
  transaction(bus, "InstallPackages", kOnlyTrusted, id.c_str());
  const double installed = now();
  const std::string version = id.substr(name.size() + 1, id.find(';', name.size() + 1) - name.size() - 1);
  if (rpm && ask_rpm({"-q", "--qf", kFormat, name.c_str()}).find("\t" + version + "\t") == std::string::npos) return 1;
  const auto resolved = rpm ? Outcome{kSuccess, id} : transaction(bus, "Resolve", kFilterInstalled, name.c_str());
  const double verified = now();
  if (resolved.installed.compare(0, id.find(';', name.size() + 1), id, 0, id.find(';', name.size() + 1)) != 0) {
    std::fprintf(stderr, "installed is %s\n", resolved.installed.c_str());
    return 1;
  }
  restart(bus, argv[2]);
  std::printf("{\"simulate\": %.4f, \"install\": %.4f, \"resolve\": %.4f, \"verified\": %.4f, \"restarted\": %.4f}\n", simulated - began,
              installed - simulated, verified - installed, verified - began, now() - began);
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "io/spawn.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <memory>

#include "io/scope_guard.h"

namespace upkeep::io {

using sdk::Errc;
using sdk::fail;
using sdk::ProcessRequest;
using sdk::Result;

namespace {

Result<void> check(const ProcessRequest& request) {
  if (request.argv.empty() || !request.argv[0].starts_with('/')) return fail(Errc::invalid, "a program must be named by its absolute path");
  for (const auto& argument : request.argv)
    if (argument.find('\0') != std::string::npos) return fail(Errc::invalid, request.argv[0] + ": an argument with a NUL character");
  for (const auto& [key, value] : request.environment)
    if (key.empty() || key.find('=') != std::string::npos || (key + value).find('\0') != std::string::npos)
      return fail(Errc::invalid, request.argv[0] + ": impossible environment variable " + key);
  return {};
}

std::vector<std::string> environment_of(const ProcessRequest& request) {
  std::map<std::string, std::string> all = request.environment;
  all.emplace("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  all.emplace("LANG", "C.UTF-8");
  std::vector<std::string> out;
  out.reserve(all.size());
  for (const auto& [key, value] : all) out.push_back(key + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Our end does not block; the program's does.
bool make_pipe(Fd& ours, Fd& theirs) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  ours.reset(ends[0]);
  theirs.reset(ends[1]);
  return ::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

// In the child, until it is the program. Nothing that is not safe between fork and exec.
[[noreturn]] void become(pid_t parent, int out, int err, int failed, char* const argv[], char* const envp[]) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // it was killed before that counted
  struct sigaction by_default = {};
  by_default.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &by_default, nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int input = ::open("/dev/null", O_RDONLY);
  const bool ready = input >= 0 && ::dup2(input, 0) >= 0 && ::dup2(out, 1) >= 0 && ::dup2(err, 2) >= 0 && ::chdir("/") == 0 &&
                     ::dup2(failed, 3) >= 0 && ::fcntl(3, F_SETFD, FD_CLOEXEC) == 0 &&
                     ::close_range(4, ~0U, 0) == 0;  // libraries open descriptors without close-on-exec
  if (ready) ::execve(argv[0], argv, envp);
  const int error = errno;
  (void)!::write(ready ? 3 : failed, &error, sizeof error);
  ::_exit(127);
}

// Why it could not become the program; 0: it has.
int wait_for_start(int failure) {
  pollfd end{failure, POLLIN, 0};
  int error = 0;
  while (::poll(&end, 1, -1) < 0 && errno == EINTR) {
  }
  return ::read(failure, &error, sizeof error) == sizeof error ? error : 0;
}

}  // namespace

Result<Child> spawn(const ProcessRequest& request) {
  if (auto good = check(request); !good) return fail(good.error());
  Child child;
  Fd out, err;
  if (!make_pipe(child.out, out) || !make_pipe(child.err, err)) {
    const int error = errno;
    return fail(errno_error("cannot run " + request.argv[0], error));
  }

  // Neither posix_spawn nor a shell's tools can ask the kernel to end the program when this one is killed.
  Fd failure, failed;
  if (!make_pipe(failure, failed)) {
    const int error = errno;
    return fail(errno_error("cannot run " + request.argv[0], error));
  }
  std::vector<std::string> arguments = request.argv, environment = environment_of(request);
  const auto argv = pointers(arguments), envp = pointers(environment);
  const pid_t us = ::getpid();
  child.pid = ::fork();
  if (child.pid == 0) become(us, out.get(), err.get(), failed.get(), argv.data(), envp.data());
  const int forked = errno;
  if (child.pid < 0) return fail(errno_error("cannot run " + request.argv[0], forked));
  ::setpgid(child.pid, child.pid);  // whoever of the two comes first
  failed.reset();
  const int error = wait_for_start(failure.get());
  if (error != 0) ::waitid(P_PID, static_cast<id_t>(child.pid), nullptr, WEXITED);
  if (error != 0) return fail(errno_error("cannot run " + request.argv[0], error));
  child.end.reset(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
  if (!child.end) {
    const int cause = errno;
    ::kill(-child.pid, SIGKILL);
    ::waitid(P_PID, static_cast<id_t>(child.pid), nullptr, WEXITED);
    return fail(errno_error("cannot watch " + request.argv[0], cause));
  }
  return child;
}

}  // namespace upkeep::io

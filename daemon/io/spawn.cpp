// SPDX-License-Identifier: Apache-2.0
#include "io/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

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
  for (const auto& [key, value] : all) out.push_back(key + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
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

}  // namespace

Result<Child> spawn(const ProcessRequest& request) {
  if (auto good = check(request); !good) return fail(good.error());
  Child child;
  Fd out, err;
  if (!make_pipe(child.out, out) || !make_pipe(child.err, err)) {
    const int error = errno;
    return fail(errno_error("cannot run " + request.argv[0], error));
  }

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  const ScopeGuard destroy([&] {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  });
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.get(), 1);
  posix_spawn_file_actions_adddup2(&actions, err.get(), 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);  // libraries open descriptors without close-on-exec
  posix_spawn_file_actions_addchdir_np(&actions, "/");
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);

  std::vector<std::string> arguments = request.argv, environment = environment_of(request);
  const int error =
      ::posix_spawn(&child.pid, arguments[0].c_str(), &actions, &attributes, pointers(arguments).data(), pointers(environment).data());
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

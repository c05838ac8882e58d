// SPDX-License-Identifier: Apache-2.0
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "cli/local/commands.h"
#include "cli/local/offline.h"

namespace upkeep::cli {
namespace {

constexpr const char* kHelper = "/usr/libexec/upkeep/upkeep-root";

// The helper's exit status; negative: an errno.
int run(std::vector<std::string> argv, bool output_to_stderr) {
  std::vector<char*> pointers;
  pointers.reserve(argv.size() + 1);
  for (std::string& word : argv) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (output_to_stderr) posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  char* no_environment[] = {nullptr};
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, kHelper, &actions, nullptr, pointers.data(), no_environment);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return -error;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return -errno;
  return WIFEXITED(status) ? WEXITSTATUS(status) : kFailed;
}

}  // namespace

void run_root_helper(const std::vector<std::string>& arguments, Context& context) {
  const std::string& verb = arguments[0];
  const std::string& agent = arguments[1];
  if (::geteuid() != 0) return report(context, {sdk::Errc::denied, "only root may do this: sudo upkeep " + verb + " " + agent});
  std::vector<std::string> argv{kHelper};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const int status = run(std::move(argv), context.json);
  if (status < 0) {
    std::string text = "cannot run ";
    text.append(kHelper).append(": ").append(std::generic_category().message(-status));
    return report(context, {sdk::Errc::internal, std::move(text)});
  }
  context.exit_status = status;
  if (context.json) context.print_json({{"agent", agent}, {"done", status == 0}});
}

}  // namespace upkeep::cli

// SPDX-License-Identifier: Apache-2.0
// upkeep-root VERB AGENT: the only part of Upkeep that runs as root. Started by systemd (upkeep-NAME@) under
// the polkit rule of `enable`, or by an administrator through `sudo upkeep enable`. It believes nothing but root's own files.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "config/names.h"
#include "io/process.h"
#include "root/verbs.h"
#include "sdk/root_helper.h"
#include "sdk/text.h"

namespace {

using namespace upkeep;

constexpr std::size_t kMostOutput = std::size_t{1024} * 1024;

// Whoever starts it chooses two words and nothing else: not the environment, descriptors, modes of new files, or signals.
void forget_what_was_inherited() {
  ::clearenv();
  ::umask(022);
  std::signal(SIGCHLD, SIG_DFL);
  // All of 0 to 2 are open afterwards: else a file that is written could become standard output.
  for (int fd = 0; fd >= 0 && fd <= STDERR_FILENO;) fd = ::open("/dev/null", O_RDWR);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
}

// RealProcess gives programs a minimal environment of its own, a deadline and bounded output.
sdk::Result<sdk::ProcessResult> run(sdk::ProcessRequest request) {
  request.max_output = kMostOutput;
  asio::io_context context;
  io::RealProcess process(context.get_executor());
  sdk::Result<sdk::ProcessResult> out;
  asio::co_spawn(context, process.run(std::move(request)), [&out](const std::exception_ptr& bug, auto result) {
    if (bug) std::rethrow_exception(bug);
    out = std::move(result);
  });
  context.run();
  return out;
}

// Becomes the package manager: maintainer scripts may start daemons, which must not end with a process group of ours, and what they
// print goes where our output goes. That a repair has begun is noted on disk until its unit ends. One that did not end went down with
// the machine, perhaps by what a script does: the next one runs no script, and only lets another version be installed.
sdk::Result<void> repair(root::Outside& outside, const std::string& agent, const root::Enabled& enabled) {
  const auto begun = sdk::repairing_path(agent);
  const bool cut_short = outside.files.read(begun, 64).has_value();
  if (!cut_short) {
    if (auto noted = root::write(outside, begun, ""); !noted) std::cerr << "upkeep-root: " << noted.error().message << "\n";
  }
  auto words = enabled.manager->repair(outside, enabled.packages, !cut_short);
  if (!words) return sdk::fail(words.error());
  if (words->empty()) {
    std::cout << "nothing was interrupted\n";
    return {};
  }
  std::vector<char*> argv;
  for (auto& word : *words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const char* const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", nullptr};
  if (cut_short) {
    ::close(STDIN_FILENO);
    ::open("/dev/null", O_RDONLY);
  }
  ::execve(argv[0], argv.data(), const_cast<char* const*>(environment));
  return sdk::fail(io::errno_error("cannot run " + words->front(), errno));
}

int refuse(const std::string& why, int status) {
  std::cerr << "upkeep-root: " << why << "\n";
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  forget_what_was_inherited();
  const std::vector<std::string> words(argv, argv + argc);
  const std::string verb = words.size() < 3 ? "" : words[1], agent = words.size() < 3 ? "" : words[2];
  root::EnableOptions options;
  bool known = verb == "enable" ||
               ((verb == "disable" || verb == "hold" || verb == "repair" || verb == "store" || verb == "conffiles") && words.size() == 3);
  for (std::size_t i = 3; i < words.size(); ++i) {
    known = known && (words[i] == "--no-hold" || words[i] == "--no-store" || words[i] == "--dry-run");
    options.hold = options.hold && words[i] != "--no-hold";
    options.store = options.store && words[i] != "--no-store";
    options.dry_run = options.dry_run || words[i] == "--dry-run";
  }
  if (!known) return refuse("usage: enable AGENT [--no-hold] [--no-store] [--dry-run], or disable|hold|repair|store|conffiles AGENT", 2);
  if (!config::is_agent_name(agent)) return refuse(sdk::quoted(agent) + " is no name of an agent", 2);

  root::Outside outside{"", root::TrustedFiles(), &run, std::cout};
  sdk::Result<void> done;
  if (verb == "enable") done = root::enable(outside, agent, options);
  if (verb == "disable") done = root::disable(outside, agent);
  if (verb == "hold") done = root::hold(outside, agent);
  if (verb == "store") done = root::store(outside, agent);
  if (verb == "conffiles") done = root::conffiles(outside, agent);
  if (verb == "repair")
    done = root::enabled(outside.files, agent).and_then([&](const root::Enabled& enabled) { return repair(outside, agent, enabled); });
  return done ? 0 : refuse(verb + " " + agent + ": " + done.error().message, 1);
}

// SPDX-License-Identifier: Apache-2.0
// upkeep-root VERB AGENT: the only part of Upkeep that runs as root. Started by systemd (upkeep-hold@, upkeep-repair@) under the
// polkit rule of `enable`, or by an administrator through `sudo upkeep enable`. It believes nothing but root's own files.
#include <sys/stat.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <cerrno>
#include <cstdlib>
#include <iostream>

#include "config/names.h"
#include "io/process.h"
#include "root/verbs.h"
#include "sdk/text.h"

namespace {

using namespace upkeep;

constexpr const char* kUsage =
    "usage: upkeep-root enable AGENT [--no-hold] [--dry-run]\n"
    "       upkeep-root disable|hold|repair AGENT\n";

// RealProcess gives programs a minimal environment of its own, a deadline and bounded output.
sdk::Result<sdk::ProcessResult> run(std::vector<std::string> argv) {
  asio::io_context context;
  io::RealProcess process(context.get_executor());
  sdk::Result<sdk::ProcessResult> out = sdk::fail(sdk::Errc::internal, "the program did not end");
  const auto work = [](io::RealProcess& runner, sdk::ProcessRequest request, sdk::Result<sdk::ProcessResult>& result) -> sdk::Task<void> {
    result = co_await runner.run(std::move(request));
  };
  asio::co_spawn(context, work(process, sdk::ProcessRequest(std::move(argv)), out), asio::detached);
  context.run();
  return out;
}

// Becomes dpkg: maintainer scripts may start daemons, which must not end with a process group of ours, and what they print
// goes where our output goes.
sdk::Result<void> repair() {
  const char* const argv[] = {"dpkg", "--force-confdef", "--force-confold", "--configure", "-a", nullptr};
  const char* const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", nullptr};
  ::execve("/usr/bin/dpkg", const_cast<char* const*>(argv), const_cast<char* const*>(environment));
  return sdk::fail(io::errno_error("cannot run /usr/bin/dpkg", errno));
}

sdk::Result<void> act(const std::string& verb, const std::string& agent, root::EnableOptions options) {
  root::Outside outside{"", root::TrustedFiles(), &run, std::cout};
  if (verb == "enable") return root::enable(outside, agent, options);
  if (verb == "disable") return root::disable(outside, agent);
  if (verb == "hold") return root::hold(outside, agent);
  return root::may_repair(outside, agent).and_then(&repair);
}

}  // namespace

int main(int argc, char** argv) {
  ::clearenv();
  ::umask(022);
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::string verb = words.empty() ? "" : words[0];
  bool right = words.size() >= 2 && (verb == "enable" || verb == "disable" || verb == "hold" || verb == "repair");
  root::EnableOptions options;
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i] == "--no-hold") options.hold = false;
    if (words[i] == "--dry-run") options.dry_run = true;
    right = right && verb == "enable" && (words[i] == "--no-hold" || words[i] == "--dry-run");
  }
  if (!right) {
    std::cerr << kUsage;
    return 2;
  }
  if (!config::is_agent_name(words[1])) {
    std::cerr << "upkeep-root: " << sdk::quoted(words[1]) << " is no name of an agent\n";
    return 2;
  }
  if (::geteuid() != 0) {
    std::cerr << "upkeep-root: only root may do this: sudo upkeep " << verb << " " << words[1] << "\n";
    return 1;
  }
  const auto done = act(verb, words[1], options);
  if (!done) std::cerr << "upkeep-root: " << verb << " " << words[1] << ": " << done.error().message << "\n";
  return done ? 0 : 1;
}

// SPDX-License-Identifier: Apache-2.0
#pragma once
// The outside and the plugins for a command that runs without a daemon: what upkeepd wires up, for the length of one command.

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>

#include "cli/context.h"
#include "config/load.h"
#include "core/decide.h"
#include "engine/guard.h"
#include "engine/registry.h"
#include "io/host.h"

namespace upkeep::cli {

class Offline {
 public:
  explicit Offline(const Context& context);

  io::RealHost& host() { return host_; }
  engine::Registry& registry() { return registry_; }
  [[nodiscard]] config::Lookup lookup();
  // What was found out on the way, for people.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

  // Runs the loop until the task has ended.
  template <typename T>
  T wait(sdk::Task<T> task) {
    std::optional<T> out;
    asio::co_spawn(loop_, std::move(task), [&](const std::exception_ptr& bug, T result) {
      if (bug) std::rethrow_exception(bug);
      out = std::move(result);
      loop_.stop();
    });
    loop_.restart();
    loop_.run();
    return std::move(*out);
  }

 private:
  asio::io_context loop_;
  io::Io io_;
  io::Log log_;
  io::RealHost host_;
  std::vector<std::string> notes_;
  engine::Registry registry_;
};

// An agent's file with its schedules made; `release`, if there is one, is what they are told of. The error has every issue of the file,
// one a line.
struct OfflineAgent {
  core::AgentSettings settings;
  std::vector<std::unique_ptr<sdk::Schedule>> schedules;  // in the order of settings.schedules
};
[[nodiscard]] sdk::Result<OfflineAgent> load_offline_agent(Offline& offline, const std::string& file,
                                                           const sdk::Release* release = nullptr);

// On standard error; with --json also {"error": {code, message}} on standard output.
void report(Context& context, const sdk::Error& error, int status = kFailed);

// RFC 3339; the error names the option.
[[nodiscard]] sdk::Result<sdk::TimePoint> time_option(const std::string& option, const std::string& text);

}  // namespace upkeep::cli

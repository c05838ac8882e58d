// SPDX-License-Identifier: Apache-2.0
#pragma once
// One agent's view of the outside: the shared parts, its own name in the log, and where its progress goes.

#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "io/io.h"
#include "io/log.h"
#include "sdk/host.h"

namespace upkeep::io {

class RealHost : public sdk::Host {
 public:
  // The parts and the log outlive it. An empty agent is the daemon itself.
  RealHost(Io& io, Log& log, std::string agent, std::function<void(const sdk::Progress&)> on_progress = {})
      : io_(io), log_(log), agent_(std::move(agent)), on_progress_(std::move(on_progress)) {}

  [[nodiscard]] const std::string& agent() const override { return agent_; }
  sdk::Clock& clock() override { return io_.clock; }
  sdk::Random& random() override { return io_.random; }
  sdk::Http& http() override { return io_.http; }
  sdk::Bus& bus() override { return io_.bus; }
  sdk::Process& process() override { return io_.process; }
  sdk::Files& files() override { return io_.files; }
  sdk::UnitLog& unit_log() override { return io_.unit_log; }
  sdk::Sockets& sockets() override { return io_.sockets; }
  [[nodiscard]] std::optional<std::string> environment(const std::string& name) override {
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
  }
  void log(sdk::LogLevel level, std::string_view message) override {
    log_.write(agent_.empty() ? "daemon" : "agent " + agent_, level, message);
  }
  void progress(const sdk::Progress& progress) override {
    if (on_progress_) on_progress_(progress);
  }

 private:
  Io& io_;
  Log& log_;
  std::string agent_;
  std::function<void(const sdk::Progress&)> on_progress_;
};

}  // namespace upkeep::io

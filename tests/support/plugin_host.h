// SPDX-License-Identifier: Apache-2.0
#pragma once
// The least host that a source or schedule needs: a clock and chance set by hand, files in a map, a scripted web server, and
// a log that is kept. Whoever asks for more gets std::logic_error.

#include <asio/io_context.hpp>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "sdk/host.h"
#include "support/fake_http.h"
#include "support/start_task.h"

namespace upkeep::test {

// Runs a coroutine to its end.
template <typename T>
T run_task(sdk::Task<T> task) {
  asio::io_context io;
  std::optional<T> result;
  std::exception_ptr thrown;
  start_task(io.get_executor(), keep_result(std::move(task), result), [&](std::exception_ptr error) { thrown = error; });
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  if (!result) throw std::logic_error("the coroutine never ended");
  return std::move(*result);
}

class PluginHost : public sdk::Host, sdk::Clock, sdk::Files, sdk::Random {
 public:
  sdk::TimePoint wall{};
  sdk::BootTime boot{};
  std::map<std::string, sdk::Result<std::string>> contents;  // by path; a file that is not here does not exist
  FakeHttp web;
  std::vector<std::string> logged;
  std::map<std::string, std::string> variables;
  double chance = 0.5;

  [[nodiscard]] const std::string& agent() const override { return agent_; }
  sdk::Clock& clock() override { return *this; }
  sdk::Files& files() override { return *this; }
  sdk::Http& http() override { return web; }
  sdk::Random& random() override { return *this; }
  sdk::Bus& bus() override { throw std::logic_error("bus"); }
  sdk::Process& process() override { throw std::logic_error("process"); }
  sdk::UnitLog& unit_log() override { throw std::logic_error("unit_log"); }
  sdk::Sockets& sockets() override { throw std::logic_error("sockets"); }
  [[nodiscard]] std::optional<std::string> environment(const std::string& name) override {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  }
  void log(sdk::LogLevel, std::string_view message) override { logged.emplace_back(message); }
  void progress(const sdk::Progress&) override {}

 private:
  [[nodiscard]] sdk::TimePoint now() const override { return wall; }
  [[nodiscard]] sdk::BootTime boot_now() const override { return boot; }
  [[nodiscard]] std::string boot_id() const override { return "boot"; }
  [[nodiscard]] bool synchronized() const override { return true; }
  sdk::Task<void> sleep_for(sdk::Millis) override { throw std::logic_error("sleep_for"); }
  sdk::Task<void> sleep_until(sdk::TimePoint) override { throw std::logic_error("sleep_until"); }

  double unit() override { return chance; }
  std::string hex(std::size_t) override { throw std::logic_error("hex"); }

  bool exists(const std::string& path) override { return contents.count(path) != 0; }
  sdk::Result<std::string> read(const std::string& path, std::size_t max_bytes) override {
    const auto found = contents.find(path);
    if (found == contents.end()) return sdk::fail(sdk::Errc::unsupported, path + " does not exist");
    if (found->second && found->second->size() > max_bytes) return sdk::fail(sdk::Errc::invalid, path + " is too long");
    return found->second;
  }
  sdk::Result<std::vector<std::string>> list(const std::string&) override { throw std::logic_error("list"); }
  sdk::Result<void> write_atomic(const std::string&, std::string_view) override { throw std::logic_error("write_atomic"); }
  sdk::Result<void> append_durable(const std::string&, std::string_view) override { throw std::logic_error("append_durable"); }
  sdk::Result<void> truncate(const std::string&, std::size_t) override { throw std::logic_error("truncate"); }
  sdk::Result<void> rename(const std::string&, const std::string&) override { throw std::logic_error("rename"); }
  sdk::Result<void> remove(const std::string&) override { throw std::logic_error("remove"); }
  sdk::Result<std::unique_ptr<sdk::Watch>> watch(const std::string&) override { throw std::logic_error("watch"); }

  std::string agent_ = "demo";
};

}  // namespace upkeep::test

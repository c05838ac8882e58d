// SPDX-License-Identifier: Apache-2.0
#pragma once
// A host in memory whose systemd makes transient units: each run is what a test has scripted for it, its output lands in files, and a unit
// that failed stays until somebody clears it away. The clock jumps to the next sleeper when nothing else can happen.

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "sdk/host.h"
#include "support/start_task.h"

namespace upkeep::test {

// How one run goes.
struct FakeRun {
  int status = 0;
  std::string out, err;
  std::string result = "exit-code";  // of the service, when status is not 0
  std::string job = "";              // the job's result; empty: what status says; "never": it runs until finish()
  bool told = true;                  // systemd sends JobRemoved
};

class FakeSystemd : public sdk::Host, sdk::Clock, sdk::Bus, sdk::Process, sdk::Files, sdk::Random {
 public:
  struct Unit {
    std::string active = "inactive", description, result = "success";
    int status = 0;
  };
  std::deque<FakeRun> runs;  // of the next units; none: it ends well and says nothing
  std::map<std::string, Unit> units;
  std::map<std::string, std::string> contents;  // files
  std::map<std::string, std::vector<std::string>> folders;
  std::map<std::string, sdk::Error> refusals;                       // by method
  std::map<std::string, sdk::Result<sdk::ProcessResult>> programs;  // by path
  std::function<void()> on_sleep;                                   // what happens while somebody sleeps
  bool bus_is_lost = false;                                         // while somebody waits for a signal

  // What was asked for.
  std::vector<sdk::BusCall> started;
  std::vector<std::string> calls;  // "StartTransientUnit x.service", "run /usr/bin/tail …"
  std::vector<std::string> logged;
  // A property that the last unit was started with.
  [[nodiscard]] sdk::BusValue property(const std::string& name) const {
    for (const auto& one : started.back().arguments.at(2).items())
      if (one.items().at(0).text() == name) return one.items().at(1);
    throw std::logic_error("no property " + name);
  }
  // The argument vector of a unit that was started.
  [[nodiscard]] std::vector<std::string> argv(std::size_t which) const {
    std::vector<std::string> out;
    for (const auto& one : started.at(which).arguments.at(2).items()) {
      if (one.items().at(0).text() != "ExecStart") continue;
      const auto& commands = std::get<sdk::BusVariant>(one.items().at(1).any).content.at(0);
      for (const auto& word : commands.items().at(0).items().at(1).items()) out.push_back(word.text());
    }
    return out;
  }
  void finish(const std::string& unit, int status) {
    auto& one = units[unit];
    one.active = status == 0 ? "inactive" : "failed";
    one.result = status == 0 ? "success" : "exit-code";
    one.status = status;
  }

  // Runs a coroutine to its end; std::logic_error when nothing would ever happen again.
  template <typename T>
  T run(sdk::Task<T> task) {
    std::optional<T> result;
    std::exception_ptr thrown;
    bool ended = false;
    start_task(io_.get_executor(), keep_result(std::move(task), result), [&](std::exception_ptr error) {
      thrown = error;
      ended = true;
    });
    while (!ended) {
      io_.restart();
      io_.poll();
      if (!ended && !jump()) throw std::logic_error("nothing will ever happen again");
    }
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*result);
  }

  [[nodiscard]] const std::string& agent() const override { return agent_; }
  sdk::Clock& clock() override { return *this; }
  sdk::Bus& bus() override { return *this; }
  sdk::Process& process() override { return *this; }
  sdk::Files& files() override { return *this; }
  sdk::Random& random() override { return *this; }
  sdk::Http& http() override { throw std::logic_error("http"); }
  sdk::UnitLog& unit_log() override { throw std::logic_error("unit_log"); }
  sdk::Sockets& sockets() override { throw std::logic_error("sockets"); }
  [[nodiscard]] std::optional<std::string> environment(const std::string&) override { throw std::logic_error("environment"); }
  void log(sdk::LogLevel, std::string_view message) override { logged.emplace_back(message); }
  void progress(const sdk::Progress&) override {}
  [[nodiscard]] sdk::BootTime boot_now() const override { return boot_; }

 private:
  class Signals : public sdk::BusSignals {
   public:
    explicit Signals(FakeSystemd& host) : host_(host), wake_(host.io_) { host_.listeners_.push_back(this); }
    ~Signals() override { host_.listeners_.remove(this); }
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    void offer(const sdk::BusMessage& message) {
      waiting_.push_back(message);
      wake_.cancel();
    }
    sdk::Task<sdk::Result<sdk::BusMessage>> next() override {
      if (host_.bus_is_lost) co_return sdk::fail(sdk::Errc::transient, "the connection to the bus was lost");
      while (waiting_.empty()) {
        wake_.expires_at(asio::steady_timer::time_point::max());
        try {
          co_await wake_.async_wait(asio::use_awaitable);
        } catch (const std::system_error&) {
          if (waiting_.empty()) throw;  // the coroutine was cancelled
        }
      }
      auto message = std::move(waiting_.front());
      waiting_.pop_front();
      co_return message;
    }

   private:
    FakeSystemd& host_;
    asio::steady_timer wake_;
    std::deque<sdk::BusMessage> waiting_;
  };

  [[nodiscard]] sdk::TimePoint now() const override { return sdk::TimePoint(boot_); }
  [[nodiscard]] std::string boot_id() const override { return "boot"; }
  [[nodiscard]] bool synchronized() const override { return true; }
  sdk::Task<void> sleep_until(sdk::TimePoint) override { throw std::logic_error("sleep_until"); }
  sdk::Task<void> sleep_for(sdk::Millis duration) override {
    if (on_sleep) on_sleep();
    const auto at =
        sleepers_.insert(sleepers_.end(), Sleeper{boot_ + duration, asio::steady_timer(io_, asio::steady_timer::time_point::max())});
    struct Leave {
      std::list<Sleeper>& all;
      std::list<Sleeper>::iterator one;
      ~Leave() { all.erase(one); }
    } leave{sleepers_, at};
    try {
      co_await at->timer.async_wait(asio::use_awaitable);
    } catch (const std::system_error&) {
      if (boot_ < at->until) throw;  // cancelled, not woken
    }
  }
  bool jump() {
    const auto first =
        std::min_element(sleepers_.begin(), sleepers_.end(), [](const Sleeper& a, const Sleeper& b) { return a.until < b.until; });
    if (first == sleepers_.end()) return false;
    boot_ = std::max(boot_, first->until);
    first->timer.cancel();
    return true;
  }

  static sdk::BusMessage reply(sdk::BusValue value) {
    sdk::BusMessage message;
    message.arguments.push_back(std::move(value));
    return message;
  }
  sdk::Task<sdk::Result<std::unique_ptr<sdk::BusSignals>>> subscribe(sdk::BusMatch match) override {
    if (match.member != "JobRemoved") throw std::logic_error("unexpected signal " + match.member);
    co_return std::make_unique<Signals>(*this);
  }
  sdk::Task<sdk::Result<sdk::BusMessage>> call(sdk::BusCall call) override {
    const std::string subject = call.member == "GetAll" ? call.path.substr(call.path.rfind('/') + 1) : call.arguments.at(0).text();
    calls.push_back(call.member + " " + subject);
    if (const auto refusal = refusals.find(call.member); refusal != refusals.end()) co_return sdk::fail(refusal->second);
    if (call.member == "LoadUnit") co_return reply("/unit/" + subject);
    if (call.member == "GetAll") {
      const auto& unit = units[subject];
      sdk::BusDict properties;
      properties.emplace_back("ActiveState", unit.active);
      properties.emplace_back("Description", unit.description);
      properties.emplace_back("Result", unit.result);
      properties.emplace_back("ExecMainStatus", unit.status);
      co_return reply(std::move(properties));
    }
    if (call.member == "ResetFailedUnit") {
      units.erase(subject);
      co_return reply(true);
    }
    if (call.member != "StartTransientUnit") throw std::logic_error("unexpected call " + call.member);
    co_return start(std::move(call));
  }
  sdk::Result<sdk::BusMessage> start(sdk::BusCall call) {
    const std::string name = call.arguments.at(0).text();
    if (units.contains(name) && units[name].active != "inactive")
      return sdk::fail(sdk::Errc::invalid, "org.freedesktop.systemd1.UnitExists: Unit " + name + " was already loaded");
    started.push_back(std::move(call));
    FakeRun now;
    if (!runs.empty()) {
      now = runs.front();
      runs.pop_front();
    }
    contents.at(property("StandardOutputFile").text().substr(7)) = now.out;
    contents.at(property("StandardErrorFile").text().substr(7)) = now.err;
    units[name].description = property("Description").text();
    const std::string job = "/job/" + std::to_string(started.size());
    if (now.job == "never") {
      units[name].active = "activating";
      return reply(job);
    }
    finish(name, now.status);
    if (now.status != 0) units[name].result = now.result;
    const std::string how = !now.job.empty() ? now.job : now.status == 0 ? "done" : "failed";
    if (!now.told) return reply(job);
    for (const bool ours : {false, true}) {  // another job ends first
      sdk::BusMessage removed;
      removed.arguments = {1, ours ? job : "/job/99999", ours ? name : "other.service", ours ? how : "dependency"};
      for (Signals* listener : listeners_) listener->offer(removed);
    }
    return reply(job);
  }

  sdk::Task<sdk::Result<sdk::ProcessResult>> run(sdk::ProcessRequest request) override {
    std::string line = "run";
    for (const auto& word : request.argv) line += " " + word;
    calls.push_back(line);
    const auto found = programs.find(request.argv.front());
    if (found == programs.end()) throw std::logic_error("unexpected program " + line);
    co_return found->second;
  }

  bool exists(const std::string& path) override { return contents.count(path) != 0; }
  std::string absolute(const std::string& path) override { return "/state/" + path; }
  sdk::Result<std::string> read(const std::string& path, std::size_t max_bytes) override {
    const auto found = contents.find(path);
    if (found == contents.end()) return sdk::fail(sdk::Errc::unsupported, path + " does not exist");
    if (found->second.size() > max_bytes) return sdk::fail(sdk::Errc::invalid, path + " is too long");
    return found->second;
  }
  sdk::Result<std::vector<std::string>> list(const std::string& path) override {
    const auto found = folders.find(path);
    if (found == folders.end()) return sdk::fail(sdk::Errc::unsupported, path + " does not exist");
    return found->second;
  }
  sdk::Result<void> write_atomic(const std::string& path, std::string_view bytes) override {
    contents[path] = bytes;
    return {};
  }
  sdk::Result<void> remove(const std::string& path) override {
    contents.erase(path);
    return {};
  }
  sdk::Result<void> append_durable(const std::string&, std::string_view) override { throw std::logic_error("append_durable"); }
  sdk::Result<void> truncate(const std::string&, std::size_t) override { throw std::logic_error("truncate"); }
  sdk::Result<void> rename(const std::string&, const std::string&) override { throw std::logic_error("rename"); }
  sdk::Result<std::unique_ptr<sdk::Watch>> watch(const std::string&) override { throw std::logic_error("watch"); }

  double unit() override { return 0.5; }
  std::string hex(std::size_t digits) override { return std::string(digits - 1, '0') + std::to_string(++drawn_); }

  std::string agent_ = "demo";
  asio::io_context io_;
  sdk::BootTime boot_{std::chrono::hours(1000)};
  struct Sleeper {
    sdk::BootTime until;
    asio::steady_timer timer;
  };
  std::list<Sleeper> sleepers_;
  std::list<Signals*> listeners_;
  int drawn_ = 0;
};

}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "engine/wake.h"
#include "support/fake_world.h"
#include "support/kube_journal.h"

namespace upkeep::test {
namespace {

using sdk::Errc;
using sdk::Result;
using sdk::Task;

class FakeRandom : public sdk::Random {
 public:
  double unit() override { return 0.5; }
  std::string hex(std::size_t digits) override {
    auto text = std::to_string(++count_);
    return std::string(digits - std::min(digits, text.size()), '0') + text;
  }

 private:
  int count_ = 0;
};

class FakeFiles : public sdk::Files {
 public:
  explicit FakeFiles(World& world) : world_(world) {}
  bool exists(const std::string& path) override { return world_.files.contains(path); }
  Result<std::string> read(const std::string& path, std::size_t /*max*/) override {
    const auto found = world_.files.find(path);
    if (found == world_.files.end()) return sdk::fail(Errc::unsupported, path + ": no such file");
    return found->second;
  }
  Result<std::vector<std::string>> list(const std::string& path) override {
    std::set<std::string> names;
    for (const auto& [file, bytes] : world_.files)
      if (file.starts_with(path + "/")) names.insert(file.substr(path.size() + 1, file.find('/', path.size() + 1) - path.size() - 1));
    return std::vector<std::string>(names.begin(), names.end());
  }
  Result<void> write_atomic(const std::string& path, std::string_view bytes) override {
    world_.step_die("rewrite:before");
    if (world_.bad_disk) return sdk::fail(*world_.bad_disk);
    if (world_.disk_full) return full(path);
    const int bad = std::exchange(world_.bad_rewrite, 0);
    if (bad != 1) world_.files[path] = bytes;
    if (bad != 0) return sdk::fail(Errc::transient, "cannot sync /state/" + path + ": Input/output error");
    world_.step_die("rewrite:after");
    return {};
  }
  Result<void> append_durable(const std::string& path, std::string_view bytes) override {
    const auto half = bytes.substr(0, bytes.size() / 2);
    if (world_.writes + 1 == world_.breaks_at) world_.bad_disk = world_.breaks_with;
    if (world_.bad_disk) return sdk::fail(*world_.bad_disk);
    auto& file = world_.files[path];
    if (world_.disk_full) {
      file += half;
      return full(path);
    }
    const bool now = ++world_.writes == world_.fault_at;
    const auto fault = now ? world_.fault : WriteFault::none;
    if (fault != WriteFault::none) ++world_.struck;
    if (fault == WriteFault::die_before) throw Death();
    if (fault == WriteFault::die_torn || fault == WriteFault::not_landed_error) {
      file += half;
    } else {
      file += bytes;
      world_.story.push_back("wrote " + std::string(bytes));
    }
    if (fault == WriteFault::none) return {};
    if (fault == WriteFault::die_torn || fault == WriteFault::die_after) throw Death();
    if (auto next = std::exchange(world_.after_error, nullptr)) next();
    return sdk::fail(Errc::transient, path + ": Input/output error");
  }
  Result<void> truncate(const std::string& path, std::size_t size) override {
    world_.step_die("truncate:before");
    if (world_.bad_disk) return sdk::fail(*world_.bad_disk);
    world_.files[path].resize(size);
    world_.step_die("truncate:after");
    return {};
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    world_.step_die("rename:before");
    if (world_.bad_disk) return sdk::fail(*world_.bad_disk);
    world_.files[to] = world_.files[from];
    world_.files.erase(from);
    world_.step_die("rename:after");
    return {};
  }
  Result<void> remove(const std::string& path) override {
    world_.files.erase(path);
    return {};
  }
  Result<std::unique_ptr<sdk::Watch>> watch(const std::string& path) override { return sdk::fail(Errc::unsupported, path); }

 private:
  static tl::unexpected<sdk::Error> full(const std::string& path) {
    return sdk::fail(Errc::transient, "cannot write /state/" + path + ": No space left on device");
  }
  World& world_;
};

Task<void> never() {
  asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  co_await timer.async_wait(asio::use_awaitable);
}

// How the job ended that was asked for last.
class Jobs : public sdk::BusSignals {
 public:
  explicit Jobs(World& world) : world_(world) {}
  Task<Result<sdk::BusMessage>> next() override {
    if (world_.ran.empty()) co_await never();
    const auto& unit = world_.ran.back().argv.back();
    const auto found = world_.unit_jobs.find(unit);
    sdk::BusMessage removed;
    removed.arguments.emplace_back(std::uint64_t{1});
    removed.arguments.emplace_back("/job/1");
    removed.arguments.emplace_back(unit);
    removed.arguments.emplace_back(found == world_.unit_jobs.end() ? "done" : found->second);
    co_return Result<sdk::BusMessage>(std::move(removed));
  }

 private:
  World& world_;
};

class UnitSignals : public sdk::BusSignals {
 public:
  explicit UnitSignals(std::shared_ptr<engine::Wake> changed) : changed_(std::move(changed)) {}
  Task<Result<sdk::BusMessage>> next() override {
    co_await changed_->wait();
    co_return Result<sdk::BusMessage>(sdk::BusMessage());
  }

 private:
  std::shared_ptr<engine::Wake> changed_;
};

// systemd with one unit.
class FakeBus : public sdk::Bus {
 public:
  explicit FakeBus(World& world) : world_(world) {}
  Task<Result<sdk::BusMessage>> call(sdk::BusCall call) override {
    sdk::BusMessage answer;
    if (call.member == "LoadUnit") {
      answer.arguments.emplace_back("/unit");
    } else if (call.member == "StartUnit") {
      const auto unit = call.arguments.front().text();
      world_.ran.push_back({{"start", unit}, {}});
      world_.step_die("run " + unit);
      if (world_.during_run) world_.during_run(unit);
      answer.arguments.emplace_back("/job/1");
    } else if (call.member == "GetAll") {
      const bool looping = world_.restarts > 0;
      sdk::BusArray id;
      id.emplace_back(std::uint64_t(world_.invocation));
      sdk::BusDict dict;
      dict.emplace_back("LoadState", "loaded");
      dict.emplace_back("ActiveState", !world_.unit_state.empty() ? world_.unit_state.c_str() : looping ? "activating" : "active");
      dict.emplace_back("SubState", !world_.unit_state.empty() ? "-" : looping ? "auto-restart" : "running");
      dict.emplace_back("Type", world_.unit_type.c_str());
      dict.emplace_back("StatusText", world_.unit_status.c_str());
      dict.emplace_back("InvocationID", id);
      dict.emplace_back("NRestarts", std::uint64_t(world_.restarts));
      answer.arguments.emplace_back(dict);
    }
    co_return Result<sdk::BusMessage>(answer);
  }
  Task<Result<std::unique_ptr<sdk::BusSignals>>> subscribe(sdk::BusMatch match) override {
    if (match.member == "JobRemoved") co_return Result<std::unique_ptr<sdk::BusSignals>>(std::make_unique<Jobs>(world_));
    const auto changed = std::make_shared<engine::Wake>();
    world_.unit_watchers.emplace_back([changed] { changed->notify(); });
    co_return Result<std::unique_ptr<sdk::BusSignals>>(std::make_unique<UnitSignals>(changed));
  }

 private:
  World& world_;
};

class FakeProcess : public sdk::Process {
 public:
  FakeProcess(World& world, FakeClock& clock) : world_(world), clock_(clock) {}
  Task<Result<sdk::ProcessResult>> run(sdk::ProcessRequest request) override {
    const auto path = request.argv.front();
    world_.ran.push_back({request.argv, request.environment});
    if (const auto of = request.environment.find("UPKEEP_OPERATION"); of != request.environment.end())
      world_.story.push_back("hook " + path.substr(path.rfind('/') + 1) + " " + of->second);
    world_.step_die("run " + path);
    if (world_.during_run) world_.during_run(path);
    const auto takes = world_.run_takes;
    if (takes > sdk::Millis(0)) co_await clock_.sleep_for(takes);
    world_.step_die("ran " + path);
    if (const auto found = world_.programs.find(path); found != world_.programs.end()) co_return Result<sdk::ProcessResult>(found->second);
    sdk::ProcessResult result;
    result.exit_code = path == "/bin/true" ? 0 : 1;
    co_return Result<sdk::ProcessResult>(result);
  }

 private:
  World& world_;
  FakeClock& clock_;
};

class FakeHttp : public sdk::Http {
 public:
  FakeHttp(World& world, FakeClock& clock) : world_(world), kube_(world.kube, clock) {}
  Task<Result<sdk::HttpResponse>> fetch(sdk::HttpRequest request) override {
    if (request.url.starts_with(FakeKube::kUrl)) co_return co_await ask_cluster(world_, kube_, std::move(request));
    const auto found = world_.web.find(request.url);
    if (found == world_.web.end()) co_return sdk::fail(Errc::unsupported, request.url);
    ++world_.web_asked;
    if (world_.web_hangs) co_await never();
    const auto answer = found->second();
    sdk::HttpResponse response;
    response.status = answer.first;
    response.body = answer.second;
    co_return Result<sdk::HttpResponse>(response);
  }
  Task<Result<sdk::HttpResponse>> stream(sdk::HttpRequest request, sdk::LineSink& sink) override {
    if (request.url.starts_with(FakeKube::kUrl)) co_return co_await kube_.stream(std::move(request), sink);
    co_return sdk::fail(Errc::unsupported, request.url);
  }

 private:
  World& world_;
  KubeHttp kube_;
};

class FakeSockets : public sdk::Sockets {
 public:
  explicit FakeSockets(World& world) : world_(world) {}
  Task<Result<void>> knock(std::string address, sdk::Millis /*timeout*/) override {
    ++world_.knocks;
    const auto found = world_.listening.find(address);
    if (found == world_.listening.end()) co_return sdk::fail(Errc::transient, address + ": Connection refused");
    co_return Result<void>();
  }

 private:
  World& world_;
};

class FakeUnitLog : public sdk::UnitLog {
 public:
  explicit FakeUnitLog(World& world) : world_(world) {}
  Result<std::string> end() override {
    if (world_.log_error) return tl::unexpected(*world_.log_error);
    return std::to_string(world_.unit_lines.size());
  }
  Result<sdk::UnitErrorsPage> errors(const sdk::UnitErrors& wanted) override {
    if (world_.log_error) return tl::unexpected(*world_.log_error);
    sdk::UnitErrorsPage page;
    page.end = wanted.after;
    for (std::size_t i = wanted.after.empty() ? 0 : std::stoul(wanted.after); i < world_.unit_lines.size(); ++i) {
      const auto& line = world_.unit_lines[i];
      if (line.priority > 3 || (!wanted.invocation.empty() && wanted.invocation != line.invocation)) continue;
      page.more = page.lines.size() == wanted.max_lines;
      if (page.more) break;
      page.lines.push_back(line);
      page.end = std::to_string(i + 1);
    }
    return page;
  }
  Result<std::vector<sdk::UnitLine>> lines(const std::string& /*unit*/, sdk::TimePoint since, std::size_t most) override {
    if (!world_.unit_log) return sdk::fail(Errc::denied, "cannot open the journal: Permission denied");
    std::vector<sdk::UnitLine> out;
    for (const auto& line : *world_.unit_log)
      if (line.time >= since && out.size() < most) out.push_back(line);
    return out;
  }

 private:
  World& world_;
};

class FakeHost : public sdk::Host {
 public:
  FakeHost(World& world, FakeClock& clock, std::string agent, std::function<void(const sdk::Progress&)> sink)
      : clock_(clock),
        agent_(std::move(agent)),
        sink_(std::move(sink)),
        environment_(world.environment),
        files_(world),
        bus_(world),
        process_(world, clock),
        http_(world, clock),
        unit_log_(world),
        sockets_(world) {}
  const std::string& agent() const override { return agent_; }
  sdk::Clock& clock() override { return clock_; }
  sdk::Random& random() override { return random_; }
  sdk::Http& http() override { return http_; }
  sdk::Bus& bus() override { return bus_; }
  sdk::Process& process() override { return process_; }
  sdk::Files& files() override { return files_; }
  sdk::UnitLog& unit_log() override { return unit_log_; }
  sdk::Sockets& sockets() override { return sockets_; }
  std::optional<std::string> environment(const std::string& name) override {
    const auto found = environment_.find(name);
    return found == environment_.end() ? std::nullopt : std::optional<std::string>(found->second);
  }
  void log(sdk::LogLevel /*level*/, std::string_view message) override {
    if (std::getenv("UPKEEP_TEST_LOG") != nullptr)
      fprintf(stderr, "%s %.*s\n", sdk::rfc3339(clock_.now()).c_str(), static_cast<int>(message.size()), message.data());
  }
  void progress(const sdk::Progress& progress) override {
    if (sink_) sink_(progress);
  }

 private:
  FakeClock& clock_;
  std::string agent_;
  std::function<void(const sdk::Progress&)> sink_;
  std::map<std::string, std::string> environment_;
  FakeRandom random_;
  FakeFiles files_;
  FakeBus bus_;
  FakeProcess process_;
  FakeHttp http_;
  FakeUnitLog unit_log_;
  FakeSockets sockets_;
};

}  // namespace

Task<void> FakeClock::sleep(sdk::BootTime until) {
  if (until <= world_.boot) co_return;
  asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  const auto place = sleepers_.insert(sleepers_.end(), {until, &timer});
  struct Leave {
    std::list<Sleeper>& list;
    std::list<Sleeper>::iterator place;
    ~Leave() { list.erase(place); }
  } leave{sleepers_, place};
  asio::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

Task<void> FakeClock::sleep_for(sdk::Millis duration) { co_await sleep(world_.boot + duration); }
Task<void> FakeClock::sleep_until(sdk::TimePoint when) { co_await sleep(world_.boot + (when - world_.now)); }

std::optional<sdk::BootTime> FakeClock::next() const {
  std::optional<sdk::BootTime> out;
  for (const auto& one : sleepers_)
    if (!out || one.until < *out) out = one.until;
  return out;
}

void FakeClock::advance_to(sdk::BootTime boot) {
  boot = std::max(boot, world_.boot);  // a test may have let it jump past what somebody slept for
  world_.now += boot - world_.boot;
  world_.boot = boot;
  for (const auto& one : sleepers_)
    if (one.until <= boot) one.timer->cancel();
}

void FakeClock::set_wall(sdk::TimePoint now) {
  world_.now = now;
  for (const auto& one : sleepers_) one.timer->cancel();
}

std::unique_ptr<sdk::Host> fake_host(World& world, FakeClock& clock, std::string agent, std::function<void(const sdk::Progress&)> sink) {
  return std::make_unique<FakeHost>(world, clock, std::move(agent), std::move(sink));
}

}  // namespace upkeep::test

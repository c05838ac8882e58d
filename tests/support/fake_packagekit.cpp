// SPDX-License-Identifier: Apache-2.0
#include "support/fake_packagekit.h"

#include <algorithm>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <set>

namespace upkeep::test {
namespace {

constexpr const char* kPk = "org.freedesktop.PackageKit";
constexpr const char* kTransaction = "org.freedesktop.PackageKit.Transaction";
constexpr const char* kOwner = ":1.7";

PkStep step(std::string member, sdk::BusArray arguments) { return {std::move(member), std::move(arguments), nullptr}; }

sdk::BusMessage reply(const std::string& sender, sdk::BusValue value) {
  sdk::BusMessage message;
  message.sender = sender;
  message.arguments.push_back(std::move(value));
  return message;
}

bool fits(const std::string& wanted, const std::string& is) { return wanted.empty() || wanted == is; }

}  // namespace

PkStep pk_package(int info, const std::string& id) { return step("Package", {info, id, "a summary"}); }
PkStep pk_error(int code, const std::string& text) { return step("ErrorCode", {code, text}); }
PkStep pk_finished(int exit) { return step("Finished", {exit, 120}); }
PkStep pk_destroy() { return step("Destroy", {}); }
PkStep pk_dies() { return step("NameOwnerChanged", {}); }
PkStep pk_restart(int kind, const std::string& id) { return step("RequireRestart", {kind, id}); }
PkStep pk_effect(std::function<void()> effect) { return {"", {}, std::move(effect)}; }
PkStep pk_progress(int status, int percent) {
  sdk::BusDict changed;
  changed.emplace_back("Status", status);
  changed.emplace_back("Percentage", percent);
  sdk::BusArray arguments;
  arguments.emplace_back(kTransaction);
  arguments.emplace_back(std::move(changed));
  return step("PropertiesChanged", std::move(arguments));
}

class FakePackageKit::Signals : public sdk::BusSignals {
 public:
  Signals(FakePackageKit& host, sdk::BusMatch match) : host_(host), match_(std::move(match)), wake_(host.io_) {
    host_.listeners_.push_back(this);
  }
  ~Signals() override { host_.listeners_.remove(this); }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  void offer(const sdk::BusMessage& message) {
    const bool ours = message.member == "lost" || (fits(match_.path, message.path) && fits(match_.interface, message.interface) &&
                                                   fits(match_.member, message.member) && fits(match_.arg0, message.at(0).text()));
    if (!ours) return;
    waiting_.push_back(message);
    wake_.cancel();
  }

  sdk::Task<sdk::Result<sdk::BusMessage>> next() override {
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
    if (message.member == "lost") co_return sdk::fail(sdk::Errc::transient, "the connection to the bus was lost");
    co_return message;
  }

 private:
  FakePackageKit& host_;
  sdk::BusMatch match_;
  asio::steady_timer wake_;
  std::deque<sdk::BusMessage> waiting_;
};

FakePackageKit::FakePackageKit() {
  contents["/proc/locks"] = "1: OFDLCK ADVISORY  WRITE -1 fe:00:778540 0 EOF\n";
  packages["demo-agent"].version = "1.2.3-1";
  for (const char* version : {"3.0.0-1", "2.3.4-1", "1.2.3-1"})
    offers.emplace_back(version, "https://packages.example.com stable/main amd64 Packages");
}
FakePackageKit::~FakePackageKit() = default;

int FakePackageKit::called(const std::string& beginning) const {
  return static_cast<int>(std::count_if(calls.begin(), calls.end(), [&](const std::string& call) { return call.starts_with(beginning); }));
}

void FakePackageKit::progress(const sdk::Progress& progress) {
  progressed.push_back((progress.percent ? std::to_string(*progress.percent) + " " : "") + progress.text);
}

sdk::Task<void> FakePackageKit::sleep_for(sdk::Millis duration) {
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

bool FakePackageKit::jump() {
  const auto first =
      std::min_element(sleepers_.begin(), sleepers_.end(), [](const Sleeper& a, const Sleeper& b) { return a.until < b.until; });
  if (first == sleepers_.end()) return false;
  boot_ = std::max(boot_, first->until);
  first->timer.cancel();
  return true;
}

void FakePackageKit::pass(sdk::Millis time) {
  boot_ += time;
  for (auto& sleeper : sleepers_)
    if (sleeper.until <= boot_) sleeper.timer.cancel();
}

void FakePackageKit::emit(const sdk::BusMessage& message) {
  for (Signals* listener : listeners_) listener->offer(message);
}

void FakePackageKit::emit_owner_change(const std::string& from, const std::string& to) {
  sdk::BusMessage message;
  message.path = "/org/freedesktop/DBus";
  message.interface = "org.freedesktop.DBus";
  message.member = "NameOwnerChanged";
  for (const std::string& text : {std::string(kPk), from, to}) message.arguments.emplace_back(text);
  emit(message);
}

void FakePackageKit::play(const std::string& path, const std::vector<PkStep>& steps) {
  for (const auto& one : steps) {
    if (one.effect) one.effect();
    if (one.member == "NameOwnerChanged") {
      packagekitd_runs = false;
      emit_owner_change(kOwner, "");
    } else if (!one.member.empty()) {
      sdk::BusMessage message;
      message.path = path;
      message.interface = one.member == "PropertiesChanged" ? "org.freedesktop.DBus.Properties" : kTransaction;
      message.member = one.member;
      message.arguments = one.arguments;
      emit(message);
    }
  }
}

// What a healthy packagekitd plays. An installation without simulate does what it says, and clears dpkg's hold.
std::vector<PkStep> FakePackageKit::usual_play(const sdk::BusCall& call) {
  if (call.member == "Resolve") return resolved(call);
  if (call.member != "InstallPackages") return {pk_progress(7, 50), pk_finished(1), pk_destroy()};
  if (backend != "apt") return installed_from_repositories(call);
  const std::string id = call.arguments.at(1).items().at(0).text();
  const auto name = id.substr(0, id.find(';'));
  const auto rest = id.substr(name.size() + 1);
  const auto version = rest.substr(0, rest.find(';'));
  const bool simulated = (call.arguments.at(0).number() & 4U) != 0;
  const auto planned = pk_package(simulated ? 11 : 12, name + ";" + version + ";all;demo");
  if (simulated) return {planned, pk_finished(1), pk_destroy()};
  if ((call.arguments.at(0).number() & 8U) != 0) {
    const auto downloaded = [this, name, version] { archives.push_back(name + "_" + version + "_all.deb"); };
    return {pk_progress(8, 20), pk_package(10, id), pk_effect(downloaded), pk_finished(1), pk_destroy()};
  }
  const auto done = [this, name, version] {
    if (packages[name].version != version || packages[name].status != "half-installed")
      packages[name] = FakePackage{version};  // as apt 1.2.6: never the same one again
  };
  return {pk_progress(31, 101), pk_progress(8, 20),  planned,        pk_progress(9, 60),
          pk_effect(done),      pk_progress(9, 100), pk_finished(1), pk_destroy()};
}

sdk::Result<sdk::BusMessage> FakePackageKit::answer_unit_job(const sdk::BusCall& call) {
  const std::string unit = call.arguments.at(0).text();
  const std::string job = "/org/freedesktop/systemd1/job/" + std::to_string(++jobs_);
  if (const auto effect = unit_effects.find(unit); effect != unit_effects.end()) effect->second();
  const auto known = unit_results.find(unit);
  const std::string result = known == unit_results.end() ? "done" : known->second;
  for (const bool ours : {false, true}) {  // another job ends first
    if (ours && result.empty()) break;
    sdk::BusMessage removed;
    removed.path = call.path;
    removed.interface = call.interface;
    removed.member = "JobRemoved";
    removed.arguments = {jobs_, ours ? job : "/org/freedesktop/systemd1/job/99999", ours ? unit : "other.service",
                         ours ? result : "failed"};
    emit(removed);
  }
  return reply(":1.1", job);
}

sdk::Task<sdk::Result<sdk::BusMessage>> FakePackageKit::call(sdk::BusCall call) { co_return answer(call); }

sdk::Result<sdk::BusMessage> FakePackageKit::answer(const sdk::BusCall& call) {
  std::string said = call.member;
  for (const auto& argument : call.arguments) {
    for (const auto& item : argument.items()) said += " " + item.text();
    if (!argument.text().empty() && call.destination != "org.freedesktop.DBus") said += " " + argument.text();
    if (std::holds_alternative<std::uint64_t>(argument.any) || std::holds_alternative<bool>(argument.any))
      said += " " + std::to_string(argument.number());
  }
  calls.push_back(said);
  if (const auto refusal = refusals.find(call.member); refusal != refusals.end()) {
    const auto times = refused_times.find(call.member);
    if (times == refused_times.end() || times->second-- > 0) return sdk::fail(refusal->second);
  }
  if (call.member == "GetConnectionUnixProcessID") {
    if (packagekitd_runs) return reply("org.freedesktop.DBus", 3007);
    return sdk::fail(sdk::Errc::unsupported, "org.freedesktop.DBus.Error.NameHasNoOwner: no");
  }
  if (call.member == "NameHasOwner") return reply("org.freedesktop.DBus", packagekitd_runs);
  if (call.member == "LoadUnit") return reply(":1.1", "/org/freedesktop/systemd1/unit/one");
  if (call.member == "GetAll") {
    sdk::BusDict properties;
    properties.emplace_back("ActiveState", active_state);
    return reply(":1.1", std::move(properties));
  }
  if (call.destination == "org.freedesktop.systemd1") return answer_unit_job(call);
  packagekitd_runs = true;
  if (call.member == "CreateTransaction") return reply(kOwner, "/" + std::to_string(++transactions_) + "_abcd");
  if (call.member == "Get") return reply(kOwner, backend);
  if (call.member == "GetTimeSinceAction") return reply(kOwner, static_cast<std::uint64_t>(refreshed_ago.count()));
  if (call.member == "GetTransactionList") {
    sdk::BusArray paths;
    const auto all = running;
    for (const auto& [path, steps] : all) paths.emplace_back(path);
    for (const auto& [path, steps] : all) play(path, steps);
    return reply(kOwner, std::move(paths));
  }
  if (call.member == "SetHints") return reply(kOwner, true);
  if (call.member == "RefreshCache") refreshed_ago = std::chrono::seconds(0);
  auto& scripted = plays[call.member];
  auto steps = scripted.empty() ? usual_play(call) : scripted.front();
  if (!scripted.empty()) scripted.pop_front();
  if (misplay) misplay(call, steps);
  play(call.path, steps);
  return reply(kOwner, true);
}

sdk::Task<sdk::Result<std::unique_ptr<sdk::BusSignals>>> FakePackageKit::subscribe(sdk::BusMatch match) {
  co_return std::make_unique<Signals>(*this, std::move(match));
}

sdk::Task<sdk::Result<sdk::ProcessResult>> FakePackageKit::run(sdk::ProcessRequest request) {
  if (request.argv.at(0) == "/usr/bin/dpkg-query") {
    if (dpkg_says) co_return *dpkg_says;
    co_return dpkg_query(request.argv);
  }
  if (request.argv.at(0) == "/usr/bin/rpm") co_return rpm_query(request.argv);
  if (request.argv.at(0) == "/usr/bin/apt-cache") {
    if (apt_says) co_return *apt_says;
    co_return madison(request.argv);
  }
  if (request.argv.at(0) == "/usr/bin/apt-config")
    co_return sdk::ProcessResult{.exit_code = apt_config.empty() ? 100 : 0, .out = apt_config};
  if (request.argv.at(0) == "/usr/bin/sha256sum")
    co_return sdk::ProcessResult{
        .exit_code = 0,
        .out = (digests.contains(request.argv.back()) ? digests.at(request.argv.back()) : sha256) + "  " + request.argv.back() + "\n"};
  if (request.argv.at(0) == "/usr/bin/stat") co_return sdk::ProcessResult{.exit_code = 0, .out = "1001\n1002\n"};
  throw std::logic_error("unexpected program " + request.argv.at(0));
}

sdk::ProcessResult FakePackageKit::dpkg_query(const std::vector<std::string>& argv) const {
  sdk::ProcessResult result;
  result.exit_code = 0;
  for (auto name = argv.begin() + 4; name != argv.end(); ++name) {
    const auto known = packages.find(*name);
    if (known == packages.end()) {
      result.exit_code = 1;
      result.err += "dpkg-query: no packages found matching " + *name + "\n";
      continue;
    }
    const auto& p = known->second;
    result.out += *name + "\t" + p.want + "\t" + p.eflag + "\t" + p.status + "\t" + p.arch + "\t" + p.version + "\n";
  }
  return result;
}

sdk::ProcessResult FakePackageKit::madison(const std::vector<std::string>& argv) const {
  sdk::ProcessResult result;
  result.exit_code = 0;
  if (argv.at(2) != "demo-agent") return result;
  for (const auto& [version, where] : offers) result.out += "demo-agent | " + version + " | " + where + "\n";
  return result;
}

sdk::Result<std::string> FakePackageKit::read(const std::string& path, std::size_t max_bytes) {
  const auto found = contents.find(path);
  if (found == contents.end()) return sdk::fail(sdk::Errc::unsupported, path + " does not exist");
  if (found->second.size() > max_bytes) return sdk::fail(sdk::Errc::invalid, path + " is too long");
  return found->second;
}

class FakePackageKit::StatusWatch : public sdk::Watch {
 public:
  explicit StatusWatch(FakePackageKit& host) : host_(host) {}
  sdk::Task<sdk::Result<void>> next() override {
    if (host_.no_watch) co_return sdk::fail(*host_.no_watch);
    while (host_.dpkg_changes == 0) co_await host_.sleep_for(std::chrono::hours(1));
    host_.dpkg_changes = 0;
    co_return sdk::Result<void>();
  }

 private:
  FakePackageKit& host_;
};

sdk::Result<std::unique_ptr<sdk::Watch>> FakePackageKit::watch(const std::string& path) {
  if (path != (backend == "apt" ? "/var/lib/dpkg/status" : "/var/lib/rpm/rpmdb.sqlite")) throw std::logic_error("unexpected file " + path);
  if (no_watch && watches == 0) return sdk::fail(*no_watch);
  ++watches;
  return std::make_unique<StatusWatch>(*this);
}

bool FakePackageKit::exists(const std::string& path) {
  const auto below = contents.lower_bound(path + "/");
  return contents.count(path) != 0 || (below != contents.end() && below->first.starts_with(path + "/"));
}

sdk::Result<std::vector<std::string>> FakePackageKit::list(const std::string& path) {
  if (path == "/var/cache/apt/archives") return archives;
  if (path == "/var/lib/dpkg/updates") return dpkg_updates;
  std::set<std::string> names;  // of the files that there are, and of folders above them
  for (const auto& [file, text] : contents)
    if (file.starts_with(path + "/")) names.insert(file.substr(path.size() + 1, file.find('/', path.size() + 1) - path.size() - 1));
  if (names.empty()) return sdk::fail(sdk::Errc::unsupported, path + ": there is no such folder");
  return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace upkeep::test

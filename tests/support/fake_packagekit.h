// SPDX-License-Identifier: Apache-2.0
#pragma once
// A host in memory, as the installers of packages see it: what dpkg or rpm say, apt's lists or the repositories, a packagekitd and a
// systemd on the bus that send their signals in the order the real ones do, and a clock that jumps to the next sleeper when nothing
// else can happen. A test scripts only what it is about; the rest behaves as a healthy host does. It is a Debian host until its
// `backend` is "dnf" or "zypp" (fake_rpm.cpp).

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "sdk/host.h"
#include "support/start_task.h"

namespace upkeep::test {

// One thing that packagekitd does during a transaction, in order. What is not said never happens: a list without
// finished() hangs.
struct PkStep {
  std::string member;  // of a signal; "NameOwnerChanged": packagekitd dies; "lost": the bus goes away; empty: only `effect`
  sdk::BusArray arguments;
  std::function<void()> effect;
};
PkStep pk_package(int info, const std::string& id);
PkStep pk_error(int code, const std::string& text);
PkStep pk_finished(int exit);
PkStep pk_destroy();
PkStep pk_dies();
PkStep pk_progress(int status, int percent);
PkStep pk_restart(int kind, const std::string& id);
PkStep pk_effect(std::function<void()> effect);

struct FakePackage {
  std::string version, status = "installed", want = "install", eflag = "ok", arch = "all";
  std::string left_behind = {};  // rpm's: an older version that an interrupted transaction has not erased
};

class FakePackageKit : public sdk::Host, sdk::Clock, sdk::Bus, sdk::Process, sdk::Files {
 public:
  FakePackageKit();
  ~FakePackageKit() override;

  // The host.
  std::map<std::string, FakePackage> packages;                         // dpkg's
  std::vector<std::pair<std::string, std::string>> offers;             // of demo-agent: version, where; newest first
  std::vector<std::string> dpkg_updates;                               // names in /var/lib/dpkg/updates
  std::map<std::string, std::string> digests;                          // of a downloaded file, where it is not sha256
  std::string sha256 = std::string(64, 'a');                           // of whatever is downloaded
  std::vector<std::string> archives;                                   // names in /var/cache/apt/archives
  std::string apt_config;                                              // what `apt-config dump` prints
  std::map<std::string, std::string> contents;                         // files
  std::optional<sdk::Result<sdk::ProcessResult>> dpkg_says, apt_says;  // in place of what the above would give
  // Of a host with rpm, where `packages` is rpm's: the ids that the repositories have, and of those what Resolve does not list either,
  // because it is in Upkeep's own store.
  std::vector<std::string> ids, unlisted;
  std::chrono::seconds refreshed_ago{60};
  int dpkg_changes = 0;  // that nobody who watches dpkg's status file has seen yet
  int watches = 0;       // made so far
  std::optional<sdk::Error> no_watch;
  // packagekitd: what its next call of a method plays, and the refusal of calls.
  std::map<std::string, std::deque<std::vector<PkStep>>> plays;
  std::map<std::string, sdk::Error> refusals;          // by method: also StartUnit and the like
  std::map<std::string, int> refused_times;            // those that end: how often they still come
  std::map<std::string, std::vector<PkStep>> running;  // transactions of a former life, by path
  // Alters what a call plays, whichever it is of its kind.
  std::function<void(const sdk::BusCall&, std::vector<PkStep>&)> misplay;
  bool packagekitd_runs = true;
  std::string backend = "apt";
  std::string offered_vendor = "Demo";  // of rpm's packages
  // systemd: how jobs of a unit end ("done" if not said, "" never), and what they do.
  std::string active_state = "active";  // of every unit
  std::map<std::string, std::string> unit_results;
  std::map<std::string, std::function<void()>> unit_effects;

  void dpkg_works(bool works) { contents["/proc/locks"] = works ? "1: POSIX  ADVISORY  WRITE 3008 00:27:1001 0 EOF\n" : ""; }
  // packagekitd itself, process 3007, has dpkg's lock
  void packagekitd_has_the_lock() { contents["/proc/locks"] = "1: POSIX  ADVISORY  WRITE 3007 00:27:1001 0 EOF\n"; }
  std::function<void()> on_sleep;  // what happens while somebody sleeps

  // What was asked for: "InstallPackages 66 demo-agent;1.2.3-1;all;", "RestartUnit demo-agent.service", "NameHasOwner" …
  std::vector<std::string> calls;
  std::vector<std::string> logged;
  std::vector<std::string> progressed;  // "40 installing"
  [[nodiscard]] int called(const std::string& beginning) const;
  // The bus name of packagekitd changes hands with no transaction of ours involved.
  void emit_owner_change(const std::string& from, const std::string& to);

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
      if (!ended && !go_on()) throw std::logic_error("nothing will ever happen again");
    }
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*result);
  }

  [[nodiscard]] const std::string& agent() const override { return agent_; }
  sdk::Clock& clock() override { return *this; }
  sdk::Bus& bus() override { return *this; }
  sdk::Process& process() override { return *this; }
  sdk::Files& files() override { return *this; }
  sdk::Http& http() override { throw std::logic_error("http"); }
  sdk::Random& random() override { throw std::logic_error("random"); }
  sdk::UnitLog& unit_log() override { throw std::logic_error("unit_log"); }
  sdk::Sockets& sockets() override { throw std::logic_error("sockets"); }
  [[nodiscard]] std::optional<std::string> environment(const std::string&) override { throw std::logic_error("environment"); }
  void log(sdk::LogLevel, std::string_view message) override { logged.emplace_back(message); }
  void progress(const sdk::Progress& progress) override;
  [[nodiscard]] sdk::BootTime boot_now() const override { return boot_; }

 protected:
  // packagekitd's and systemd's answer to a call, and what they then say to everybody.
  sdk::Result<sdk::BusMessage> answer(const sdk::BusCall& call);
  virtual void emit(const sdk::BusMessage& message);
  // When nothing can be done now: false when nothing ever will.
  virtual bool go_on() { return jump(); }
  // To the next sleeper, or by that much.
  bool jump();
  void pass(sdk::Millis time);
  [[nodiscard]] asio::io_context& context() { return io_; }
  sdk::Task<sdk::Result<sdk::BusMessage>> call(sdk::BusCall call) override;
  sdk::Task<sdk::Result<std::unique_ptr<sdk::BusSignals>>> subscribe(sdk::BusMatch match) override;

 private:
  class Signals;
  class StatusWatch;
  friend class Signals;

  [[nodiscard]] sdk::TimePoint now() const override { return sdk::TimePoint(boot_); }
  [[nodiscard]] std::string boot_id() const override { return "boot"; }
  [[nodiscard]] bool synchronized() const override { return true; }
  sdk::Task<void> sleep_for(sdk::Millis duration) override;
  sdk::Task<void> sleep_until(sdk::TimePoint) override { throw std::logic_error("sleep_until"); }

  sdk::Task<sdk::Result<sdk::ProcessResult>> run(sdk::ProcessRequest request) override;

  bool exists(const std::string& path) override;
  sdk::Result<std::string> read(const std::string& path, std::size_t max_bytes) override;
  sdk::Result<std::vector<std::string>> list(const std::string& path) override;
  sdk::Result<void> write_atomic(const std::string& path, std::string_view bytes) override {
    contents[path] = bytes;
    return {};
  }
  sdk::Result<void> append_durable(const std::string&, std::string_view) override { throw std::logic_error("append_durable"); }
  sdk::Result<void> truncate(const std::string&, std::size_t) override { throw std::logic_error("truncate"); }
  sdk::Result<void> rename(const std::string&, const std::string&) override { throw std::logic_error("rename"); }
  sdk::Result<void> remove(const std::string&) override { throw std::logic_error("remove"); }
  sdk::Result<std::unique_ptr<sdk::Watch>> watch(const std::string& path) override;

  void play(const std::string& path, const std::vector<PkStep>& steps);
  [[nodiscard]] std::vector<PkStep> usual_play(const sdk::BusCall& call);
  [[nodiscard]] std::vector<PkStep> resolved(const sdk::BusCall& call) const;
  [[nodiscard]] std::vector<PkStep> installed_from_repositories(const sdk::BusCall& call);
  sdk::Result<sdk::BusMessage> answer_unit_job(const sdk::BusCall& call);
  [[nodiscard]] sdk::ProcessResult dpkg_query(const std::vector<std::string>& argv) const;
  [[nodiscard]] sdk::ProcessResult rpm_query(const std::vector<std::string>& argv) const;
  [[nodiscard]] sdk::ProcessResult madison(const std::vector<std::string>& argv) const;

  std::string agent_ = "demo";
  asio::io_context io_;
  sdk::BootTime boot_{std::chrono::hours(1)};
  struct Sleeper {
    sdk::BootTime until;
    asio::steady_timer timer;
  };
  std::list<Sleeper> sleepers_;
  std::list<Signals*> listeners_;
  int transactions_ = 0;
  int jobs_ = 0;
};

}  // namespace upkeep::test

// SPDX-License-Identifier: Apache-2.0
#pragma once
// An agent's health checks and how often they must hold. In a soak each needs enough successes in a row and no run of
// failures; going from good to bad three times is failing too, however many failures are allowed. A probe that was failing
// before the operation is the baseline and does not count, unless that is strict. Outside of a soak those that something signals (units,
// the installer) are looked at then and with each decision, the others only where their health matters, one of them a minute.

#include <asio/any_io_executor.hpp>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/settings.h"
#include "engine/background.h"
#include "engine/probe.h"
#include "sdk/host.h"
#include "sdk/installer.h"

namespace upkeep::engine {

struct ProbeStatus {
  std::string name;
  ProbeState state = ProbeState::unknown;
  std::optional<sdk::TimePoint> since;
  std::string detail;
  bool baseline = false;  // failing before the operation, or mute: does not count
};

class Probes {
 public:
  Probes(const asio::any_io_executor& executor, sdk::Host& host, const std::shared_ptr<sdk::Installer>& installer,
         const std::vector<core::ProbeSettings>& settings, bool strict_baseline);
  Probes(const Probes&) = delete;
  Probes& operator=(const Probes&) = delete;

  // Whoever owns this and the host, and what to do when a look that ran beside has ended.
  void on_news(std::weak_ptr<void> owner, std::function<void()> news);

  // One look at each signalled probe (all = at the others too, at once: they take as long as the slowest).
  sdk::Task<void> look_once(bool all);
  // What the activation must change: to be journalled before it.
  sdk::Task<nlohmann::json> before_restart();
  // Names and details of those that will not count in the soak: failing now, unless strict, and those that can say nothing here.
  [[nodiscard]] nlohmann::json failing() const;
  // One that can say nothing here, however long one waits, for people: no soak could prove anything. Empty: none.
  [[nodiscard]] std::string mute() const;

  // A soak begins (or goes on after a restart of the daemon: successes are counted anew).
  void begin_soak(const nlohmann::json& baseline, const nlohmann::json& before_restart, bool other_boot);
  // Takes what was found out, looks at the units that are due, and begins the looks at the others that are; they run beside.
  // Returns the boot time of the next one due.
  sdk::Task<sdk::BootTime> look_due();
  // The first probe that fails and counts; empty: none.
  [[nodiscard]] std::string failure() const;
  // For the operation's record: that probe's name, what was wrong, and its last output, at most 2 KiB. Empty when nothing failed.
  [[nodiscard]] std::vector<std::string> evidence() const { return evidence_; }
  // Whether it is the version's doing that a probe fails, or has not its successes yet.
  [[nodiscard]] bool condemns() const;
  // Every probe that counts has its needed successes.
  [[nodiscard]] bool all_hold() const;
  // Probes that count and have not their successes yet, for people.
  [[nodiscard]] std::string missing() const;
  // There is no more time: those missing have failed. Returns `why` and the first of them.
  std::string give_up(const std::string& why);
  // The restart has failed: the units that are not as they should be. Empty: none.
  std::string blame();
  void end_soak();

  // Outside of a soak: begins the look that is due at probes other than units; returns when the next is due.
  sdk::BootTime look_idle();
  // Ends the looks that run beside. Not done by the destructor (engine/background.h).
  void stop();
  // The version that they were about is gone.
  void forget();

  // Something may have changed: look at the signalled probes now.
  void changed();
  [[nodiscard]] const std::vector<ProbeStatus>& status() const { return status_; }
  [[nodiscard]] sdk::Health health() const;
  [[nodiscard]] std::vector<std::string> units() const;

 private:
  struct Track {
    int good = 0, bad = 0, falls = 0;
    bool failed = false;     // in this soak
    bool unhealthy = false;  // by its allowed failures and needed successes
    bool mute = false;
    bool excused = false;
    sdk::BootTime next{0};
    std::optional<sdk::BootTime> looked;
  };
  // A look that runs beside; it outlives a probe that is given up.
  struct Look {
    bool done = false;
    Reading reading;
    std::exception_ptr bug;  // out of it: who takes the reading has to know
  };
  static sdk::Task<void> look_beside(std::shared_ptr<void> owner, std::shared_ptr<Probe> probe, std::shared_ptr<Look> into,
                                     std::function<void()> news);
  void begin_look(std::size_t index);
  void take_ended();
  void take(std::size_t index, const Look& look);
  void take(std::size_t index, const Reading& reading);
  void count(std::size_t index, const Reading& reading);
  // Of those that count: which have failed, and which have not their successes yet.
  [[nodiscard]] std::vector<std::size_t> failed() const;
  [[nodiscard]] std::vector<std::size_t> unproven() const;
  [[nodiscard]] bool signalled(std::size_t index) const { return probes_[index]->signalled(); }

  asio::any_io_executor executor_;
  sdk::Host& host_;
  std::vector<core::ProbeSettings> settings_;
  bool strict_;
  std::weak_ptr<void> owner_;
  std::function<void()> news_;
  std::vector<std::shared_ptr<Probe>> probes_;
  std::vector<ProbeStatus> status_;
  std::vector<Track> tracks_;
  struct Running {
    std::shared_ptr<Look> look;
    Background background;
  };
  std::vector<std::optional<Running>> running_;
  std::vector<std::string> evidence_;
  std::optional<sdk::BootTime> idle_looked_;
  bool soaking_ = false;
  int soaks_ = 0;  // begun and ended: a look from before says nothing in the next
};

}  // namespace upkeep::engine

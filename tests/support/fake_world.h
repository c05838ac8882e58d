// SPDX-License-Identifier: Apache-2.0
#pragma once
// The outside of an agent, in memory: disk, clock, channel, schedule, package manager and service manager. It outlives the
// engine, so a test can let the engine die anywhere and build it again from the bytes that are left.

#include <asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sdk/plugin.h"
#include "support/fake_kube.h"

namespace upkeep::test {

// Thrown where the daemon dies. No std::exception: nothing in the daemon may catch it.
struct Death {};

// How the nth write of the journal goes wrong.
enum class WriteFault { none, die_before, die_torn, die_after, landed_but_error, not_landed_error };

// The journal of the agent that the tests keep.
inline constexpr const char* kJournal = "agents/demo/journal.jsonl";

struct World {
  // Disk: paths below the state folder.
  std::map<std::string, std::string> files;
  int writes = 0;    // appends so far
  int fault_at = 0;  // the write (1, 2, …) that goes wrong
  WriteFault fault = WriteFault::none;
  bool disk_full = false;
  std::optional<sdk::Error> bad_disk;  // what every write answers, and changes nothing
  int bad_rewrite = 0;                 // the next whole file: 1 is not written, 2 is written, but its name not synced
  int breaks_at = 0;                   // from this append on it is bad, with this error
  sdk::Error breaks_with{sdk::Errc::transient, ""};

  std::string state = "files";  // the state store
  // Of the store "fake": those files, held by one daemon at a time (its variable POD), for 15 s from when it last asked.
  std::size_t capacity = 1024 * 1024;
  std::string holder;
  sdk::BootTime held_until{0};
  std::optional<sdk::Error> claim_error;
  bool claim_hangs = false;

  std::map<std::string, std::string> environment;  // of a host that is made now

  // Clock.
  sdk::TimePoint now{std::chrono::seconds(1'800'000'000)};  // 2027-01-15T08:00:00Z
  sdk::BootTime boot{std::chrono::hours(1)};
  int boot_count = 1;
  bool synchronized = true;

  // Channel.
  std::string origin = "https://updates.test/stable", version = "1.2.3", critical = "no";
  std::optional<sdk::Error> channel_error;
  std::function<sdk::SignedOffer(int poll)> signed_offer;  // what is read for whoever wants a signed document
  int polls = 0;
  std::vector<std::string> wanted_keys;                 // whose signatures the last poll looked for
  std::map<std::string, std::string> applied_packages;  // what the last apply was told of their digests

  // Schedule.
  bool window_open = true;
  std::optional<sdk::TimePoint> window_changes;
  std::optional<std::string> not_admitted;
  std::vector<std::string> admitted, done;
  // In place of the above, by the schedule's `name` in its configuration: [start, end), nullopt without end.
  struct Stretch {
    sdk::TimePoint start;
    std::optional<sdk::TimePoint> end;
  };
  std::map<std::string, std::vector<Stretch>> windows;

  // Package manager.
  std::string installed = "1.2.3-1";
  std::string image;  // not empty: exact versions are this, a colon and the release version, which only the installer can read
  std::string changed_by, identity;
  bool on_this_host = true;
  // What the agent's own object asks for, what it is told, and what is shown there, as one line each.
  std::vector<sdk::Wish> wishes;
  std::optional<sdk::Error> taken_error, tell_error, show_error;
  bool tell_hangs = false, shows = false;
  int takings = 0, tellings = 0, showings = 0;  // calls
  std::vector<std::string> told;                // "refused 1.2.3-1 -> 2.3.4: why"
  nlohmann::json shown;                         // last
  bool half_installed = false;
  bool repairable = true;                         // what is half installed, by verify; otherwise only by installing again
  std::map<std::string, int> tears;               // "apply" or "revert" → how many more of its runs leave it half installed
  std::optional<sdk::Error> tear_answers;         // what such a run says; nullopt: that it was done
  std::vector<std::string> verbs;                 // in the order they came: "apply 2.3.4-1"
  std::map<std::string, sdk::Error> verb_errors;  // verb → what it answers (the world is not changed)
  std::string die_in;                             // "apply:before", "apply:middle", "apply:after", …
  int die_in_count = 1;                           // at its nth time
  // What has happened, for a test that lets it go wrong in every place: the places that were passed, how often a fault struck,
  // and all that was written and done, in order ("wrote {…}", "apply 2.3.4-1", "admit ID", …).
  std::map<std::string, int> passed;
  int struck = 0;
  std::function<void()> after_error;  // once, after a write that went wrong without a death
  std::vector<std::string> story;
  std::vector<std::string> holds;
  sdk::WayBack way_back{sdk::WayBackHow::repository, "from the repository"};
  bool records = false;       // apply tells the operation's record what it did
  std::string overtake_with;  // somebody else installs this during apply
  std::function<void()> during_apply, during_prepare;
  sdk::Millis prepare_takes{0}, fetch_takes{0}, apply_takes{0}, activate_takes{0};
  int transactions = 0, most_transactions = 0;  // that run now, and at once
  std::size_t rollouts_at_once = 20;
  std::map<std::string, std::string> fleet;  // by agent, what is installed there; of others it is `installed`
  sdk::Millis inspect_takes{0};
  int inspects = 0, inspecting = 0, most_inspecting = 0;  // so far, now, and at once
  int asked_for_changes = 0;                              // how often somebody began to watch for them
  std::function<sdk::Result<sdk::Vitals>()> vitals;       // what the installer itself says of the agent's health; empty: no answer ever
  std::optional<int> dpkg_changes;                        // others' changes, once somebody watches for them

  // Service manager: one unit, demo.service.
  std::set<std::string> bad;  // package versions that crash-loop
  std::string running = "1.2.3-1";
  int invocation = 1, restarts = 0;
  bool restart_works = true;
  std::string unit_state, unit_type = "simple", unit_status;  // ActiveState of another kind than running or crash loop, …
  std::vector<std::function<void()>> unit_watchers;           // systemd tells them that something about the unit has changed
  std::vector<sdk::UnitLine> unit_lines;
  std::optional<sdk::Error> log_error;
  std::string invocation_id() const {  // as systemd shows it
    static constexpr char kDigits[] = "0123456789abcdef";
    return std::string{kDigits[(invocation >> 4) & 15], kDigits[invocation & 15]};
  }

  // What else is on the host: answers by URL, and where connections are taken.
  std::map<std::string, std::function<std::pair<int, std::string>()>> web;
  int web_asked = 0, knocks = 0;
  bool web_hangs = false;
  std::set<std::string> listening;
  FakeKube kube;  // the cluster: what is asked at FakeKube::kUrl
  // What befalls the write of number fault_at, if the journal is kept there, and for how long nobody answers from then on.
  std::optional<KubeFault> kube_fault;
  sdk::Millis kube_gone{0};

  // Programs and units that are run on purpose, such as hooks.
  struct Ran {
    std::vector<std::string> argv;
    std::map<std::string, std::string> environment;
  };
  std::vector<Ran> ran;                                // in the order they came; a unit is {"start", its name}
  std::map<std::string, sdk::ProcessResult> programs;  // by path, how they end; absent: /bin/true well, others with status 1
  std::map<std::string, std::string> unit_jobs;        // by unit, systemd's result; absent: "done"
  std::function<void(const std::string&)> during_run;  // with the path or the unit
  sdk::Millis run_takes{0};
  std::optional<std::vector<sdk::UnitLine>> unit_log = std::vector<sdk::UnitLine>();  // nullopt: it cannot be read

  void restart_unit() {
    running = installed;
    ++invocation;
    restarts = bad.contains(installed) ? 3 : 0;
  }
  void step_die(const std::string& place) {
    ++passed[place];
    if (place != die_in || --die_in_count != 0) return;
    ++struck;
    throw Death();
  }
  // The machine lost power and is up again, half a minute later.
  void reboot() {
    ++boot_count;
    now += std::chrono::seconds(30);
    boot = std::chrono::seconds(20);
    restart_unit();
  }
};

// The host of one engine: sleepers and the world.
class FakeClock : public sdk::Clock {
 public:
  explicit FakeClock(World& world) : world_(world) {}
  [[nodiscard]] sdk::TimePoint now() const override { return world_.now; }
  [[nodiscard]] sdk::BootTime boot_now() const override { return world_.boot; }
  [[nodiscard]] std::string boot_id() const override { return "boot-" + std::to_string(world_.boot_count); }
  [[nodiscard]] bool synchronized() const override { return world_.synchronized; }
  sdk::Task<void> sleep_for(sdk::Millis duration) override;
  sdk::Task<void> sleep_until(sdk::TimePoint when) override;

  // The boot time at which the next sleeper wakes; nullopt: nobody sleeps.
  [[nodiscard]] std::optional<sdk::BootTime> next() const;
  // Time passes, wall and boot alike.
  void advance_to(sdk::BootTime boot);
  // The wall clock is set; wakes everybody.
  void set_wall(sdk::TimePoint now);

 private:
  struct Sleeper {
    sdk::BootTime until;
    asio::steady_timer* timer;
  };
  sdk::Task<void> sleep(sdk::BootTime until);
  World& world_;
  std::list<Sleeper> sleepers_;
};

// Everything a plugin or the engine sees; `sink` gets progress.
std::unique_ptr<sdk::Host> fake_host(World& world, FakeClock& clock, std::string agent, std::function<void(const sdk::Progress&)> sink);

// Descriptors of the fake plugins "fake" of each kind, which act on the world that is set here. One world at a time.
void set_world(World* world);
extern const sdk::Descriptor kFakeSource, kFakeSchedule, kFakeInstaller, kFakeState;

}  // namespace upkeep::test

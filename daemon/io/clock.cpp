// SPDX-License-Identifier: Apache-2.0
#include "io/clock.h"

#include <sys/timerfd.h>
#include <sys/timex.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>
#include <system_error>
#include <vector>

#include "io/fd.h"
#include "io/fd_pump.h"
#include "io/scope_guard.h"
#include "io/waiter.h"

namespace upkeep::io {

using sdk::BootTime;
using sdk::Millis;
using sdk::Task;
using sdk::TimePoint;

namespace {

// Beyond what anybody waits for, and small enough for the kernel's nanoseconds: the year 2223.
constexpr Millis kNever = std::chrono::seconds(8'000'000'000);

Millis read_clock(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return std::chrono::floor<Millis>(std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec));
}

itimerspec absolute(Millis when) {
  when = std::clamp(when, Millis(1), kNever);  // zero would disarm the timer
  const auto whole = std::chrono::floor<std::chrono::seconds>(when);
  itimerspec out{};
  out.it_value.tv_sec = whole.count();
  out.it_value.tv_nsec = std::chrono::nanoseconds(when - whole).count();
  return out;
}

Fd make_timer(clockid_t id) {
  Fd fd(timerfd_create(id, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!fd) throw std::system_error(errno, std::generic_category(), "timerfd_create");
  return fd;
}

}  // namespace

struct RealClock::Sleeper {
  bool wall = false;
  Millis when{0};  // since the epoch or since boot
};

class RealClock::Timers {
 public:
  explicit Timers(const asio::any_io_executor& executor)
      : executor_(executor),
        boot_(make_timer(CLOCK_BOOTTIME)),
        wall_(make_timer(CLOCK_REALTIME)),
        boot_pump_(executor, boot_.get(), [this] { fired(boot_); }),
        wall_pump_(executor, wall_.get(), [this] { fired(wall_); }) {
    arm();
  }

  struct Entry {
    Entry(Sleeper sleeper, const asio::any_io_executor& executor) : at(sleeper), waiter(executor) {}
    void wake() {
      woken = true;
      waiter.notify();
    }
    Sleeper at;
    Waiter waiter;
    bool woken = false;
  };

  [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }

  void add(Entry& entry) {
    sleepers_.push_back(&entry);
    arm();
  }
  void remove(Entry& entry) { std::erase(sleepers_, &entry); }

 private:
  void fired(const Fd& timer) {
    std::uint64_t count = 0;
    if (::read(timer.get(), &count, sizeof count) < 0 && errno == ECANCELED) wake_all();
    const Millis boot = read_clock(CLOCK_BOOTTIME), wall = read_clock(CLOCK_REALTIME);
    for (Entry* e : sleepers_)
      if (e->at.when <= (e->at.wall ? wall : boot)) e->wake();
    arm();
  }

  void wake_all() {
    for (Entry* e : sleepers_) e->wake();
  }

  // Sets both timers to the earliest sleeper that is still to be woken. The one on wall time always runs, for the sake of ECANCELED.
  void arm() {
    Millis boot = kNever, wall = kNever;
    for (const Entry* e : sleepers_) {
      Millis& earliest = e->at.wall ? wall : boot;
      if (!e->woken) earliest = std::min(earliest, e->at.when);
    }
    const itimerspec boot_at = absolute(boot), wall_at = absolute(wall);
    timerfd_settime(boot_.get(), TFD_TIMER_ABSTIME, &boot_at, nullptr);
    // ECANCELED here too means that the clock was set; the timer is armed all the same.
    if (timerfd_settime(wall_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &wall_at, nullptr) < 0 && errno == ECANCELED) wake_all();
  }

  asio::any_io_executor executor_;
  Fd boot_, wall_;
  FdPump boot_pump_, wall_pump_;
  std::vector<Entry*> sleepers_;  // each in the frame of the coroutine that sleeps
};

RealClock::RealClock(const asio::any_io_executor& executor) : timers_(std::make_shared<Timers>(executor)) {}
RealClock::~RealClock() = default;

TimePoint RealClock::now() const { return TimePoint(read_clock(CLOCK_REALTIME)); }
BootTime RealClock::boot_now() const { return read_clock(CLOCK_BOOTTIME); }

std::string RealClock::boot_id() const {
  std::string id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
  return id;
}

bool RealClock::synchronized() const {
  timex t{};
  return adjtimex(&t) >= 0 && (t.status & STA_UNSYNC) == 0;
}

Task<void> RealClock::sleep(std::shared_ptr<Timers> timers, Sleeper sleeper) {
  Timers::Entry entry(sleeper, timers->executor());
  timers->add(entry);
  const ScopeGuard remove([&] { timers->remove(entry); });
  co_await entry.waiter.wait();
}

Task<void> RealClock::sleep_for(Millis duration) {
  // The deadline counts from now, not from when the task is first awaited.
  return sleep(timers_, Sleeper{false, boot_now() + std::min(duration, kNever)});
}

Task<void> RealClock::sleep_until(TimePoint when) { return sleep(timers_, Sleeper{true, when.time_since_epoch()}); }

}  // namespace upkeep::io

// SPDX-License-Identifier: Apache-2.0
// What the service manager is told, and random numbers: two small parts of the outside.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>
#include <set>

#include "io/fd.h"
#include "io/notify.h"
#include "io/random.h"
#include "support/temp_dir.h"

namespace upkeep::io {
namespace {

using namespace std::chrono_literals;

// Listens where a service manager would.
class Manager {
 public:
  Manager() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, dir_.path("notify").c_str(), sizeof address.sun_path - 1);
    if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("bind");
    setenv("NOTIFY_SOCKET", dir_.path("notify").c_str(), 1);
  }
  ~Manager() { unsetenv("NOTIFY_SOCKET"); }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  [[nodiscard]] std::string heard() const {
    char buffer[4096];
    const ssize_t n = ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    return n < 0 ? "" : std::string(buffer, static_cast<std::size_t>(n));
  }

 private:
  test::TempDir dir_;
  Fd socket_;
};

TEST(IoNotify, SpeaksTheServiceManagersProtocol) {
  const Manager manager;
  notify_ready();
  EXPECT_EQ(manager.heard(), "READY=1");
  notify_stopping();
  EXPECT_EQ(manager.heard(), "STOPPING=1");
  notify_reloading();
  EXPECT_TRUE(manager.heard().starts_with("RELOADING=1\nMONOTONIC_USEC="));
}

TEST(IoNotify, AStatusIsOneLineAndNothingElse) {
  const Manager manager;
  notify_status("2 agents, demo waits\nMAINPID=1");
  EXPECT_EQ(manager.heard(), "STATUS=2 agents, demo waits MAINPID=1");
}

TEST(IoNotify, WithoutAServiceManagerNothingHappens) {
  unsetenv("NOTIFY_SOCKET");
  notify_ready();
  notify_status("x");
}

TEST(IoNotify, TheWatchdogIsFedTwiceInItsTimeWhateverElseWakesItsKeeper) {
  const Manager manager;
  const sdk::BootTime start{};
  unsetenv("WATCHDOG_USEC");
  EXPECT_FALSE(Watchdog(start).keep(start + 24h));
  setenv("WATCHDOG_USEC", "300000000", 1);
  Watchdog watchdog(start);
  EXPECT_EQ(watchdog.keep(start), 150s);
  EXPECT_EQ(watchdog.keep(start + 149s), 1s) << "news that come just before it is due must not put it off";
  EXPECT_EQ(manager.heard(), "");
  EXPECT_EQ(watchdog.keep(start + 150s), 150s);
  EXPECT_EQ(manager.heard(), "WATCHDOG=1");
  EXPECT_EQ(watchdog.keep(start + 1000s), 150s);
  EXPECT_EQ(manager.heard(), "WATCHDOG=1");
  EXPECT_EQ(manager.heard(), "");
  setenv("WATCHDOG_PID", "1", 1);  // meant for somebody else
  EXPECT_FALSE(Watchdog(start).keep(start));
  unsetenv("WATCHDOG_PID");
  unsetenv("WATCHDOG_USEC");
}

TEST(IoRandom, UnitIsSpreadOverZeroToOneAndNeverOne) {
  RealRandom random;
  double sum = 0;
  std::set<double> seen;
  for (int i = 0; i < 10'000; ++i) {
    const double one = random.unit();
    ASSERT_GE(one, 0);
    ASSERT_LT(one, 1);
    sum += one;
    seen.insert(one);
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.05);
  EXPECT_GT(seen.size(), 9'990U);
}

TEST(IoRandom, HexGivesThatManyDigits) {
  RealRandom random;
  EXPECT_EQ(random.hex(0), "");
  EXPECT_EQ(random.hex(33).size(), 33U);
  EXPECT_EQ(random.hex(1000).find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(random.hex(32), random.hex(32));
  const std::string many = random.hex(1000);
  EXPECT_EQ(std::set<char>(many.begin(), many.end()).size(), 16U);
}

}  // namespace
}  // namespace upkeep::io

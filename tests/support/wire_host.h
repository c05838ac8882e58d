// SPDX-License-Identifier: Apache-2.0
#pragma once
// The host of fake_packagekit.h, whose bus is a real one: its packagekitd and its systemd are peers on a bus of the test's own, and what
// is asked of them goes through the daemon's own io. Its clock is as before: it goes on only when nothing is left to be read anywhere.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "io/bus.h"
#include "support/fake_packagekit.h"
#include "support/private_bus.h"

namespace upkeep::test {

// The bus, which takes longer to begin than most tests: one for all of a suite.
struct WireBus {
  RealLoop loop;
  PrivateBus daemon{loop};
};

class WireHost : public FakePackageKit {
 public:
  // While there is a WireBus.
  WireHost();
  ~WireHost() override;

  // What is said instead of an answer: its signature and values, or a D-Bus error (its name, and a text as the only value).
  struct OddReply {
    std::string signature;
    sdk::BusArray values;
  };
  std::map<std::string, OddReply> odd_replies;  // by method
  // Signals are sent before the answer to the call that causes them, not behind it.
  bool signals_first = false;
  // Signals that never end: sent again and again, while ten seconds pass between one time and the next.
  std::vector<sdk::BusMessage> endless;

  // Time passes.
  using FakePackageKit::pass;
  // Anything from packagekitd, in its order, with a signature of its own (empty: PackageKit's, or that of the values).
  void send(sdk::BusMessage signal, std::string signature = "");
  [[nodiscard]] static sdk::BusMessage transaction_signal(std::string path, std::string member, sdk::BusArray arguments);

 private:
  // Counts what is not answered yet.
  sdk::Task<sdk::Result<sdk::BusMessage>> call(sdk::BusCall call) override;
  sdk::Task<sdk::Result<std::unique_ptr<sdk::BusSignals>>> subscribe(sdk::BusMatch match) override;
  void emit(const sdk::BusMessage& message) override { send(message); }
  bool go_on() override;
  void begin_packagekitd();
  void end_packagekitd();
  // Answers what was asked; true when anything was.
  bool serve();
  int handle(sd_bus_message* call, BusPeer& peer);
  void flush();
  void send_now(const sdk::BusMessage& signal, const std::string& signature);
  // Everything that either side has sent has arrived.
  void arrive();

  std::unique_ptr<BusPeer> packagekitd_, systemd_;
  std::unique_ptr<io::SdBus> wire_;
  std::vector<std::pair<sdk::BusMessage, std::string>> to_send_;
  int asked_ = 0, quiet_ = 0;
};

}  // namespace upkeep::test

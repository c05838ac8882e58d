// SPDX-License-Identifier: Apache-2.0
#pragma once
// A message bus of the test's own, which the code under test takes for the system bus, and peers on it.

#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "io/fd.h"
#include "io/process.h"
#include "support/real_loop.h"
#include "support/temp_dir.h"

namespace upkeep::test {

class PrivateBus {
 public:
  explicit PrivateBus(RealLoop& loop) : loop_(loop), process_(loop.executor()) {
    dir_.write("bus.conf",
               "<busconfig><type>system</type><listen>unix:path=" + socket() +
                   "</listen><auth>EXTERNAL</auth><policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>"
                   "<allow eavesdrop=\"true\"/><allow own=\"*\"/><allow user=\"*\"/></policy></busconfig>");
    setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + socket()).c_str(), 1);
    begin();
  }
  ~PrivateBus() {
    end();
    unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
  }

  void begin() {
    sdk::ProcessRequest request(
        {"/usr/bin/dbus-daemon", "--nofork", "--nopidfile", "--nosyslog", "--config-file=" + dir_.path("bus.conf")});
    request.deadline = std::chrono::minutes(5);
    daemon_ = loop_.start(process_.run(std::move(request)));
    loop_.until([&] {
      if (daemon_->done) throw std::runtime_error("dbus-daemon ended at once");
      return listens();
    });
  }
  void end() {
    if (!daemon_) return;
    daemon_->cancel();
    loop_.until([&] { return daemon_->done; });
    daemon_.reset();
    ::unlink(socket().c_str());
  }

 private:
  [[nodiscard]] std::string socket() const { return dir_.path("socket"); }
  [[nodiscard]] bool listens() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket().c_str(), sizeof address.sun_path - 1);
    const io::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  RealLoop& loop_;
  TempDir dir_;
  io::RealProcess process_;
  std::shared_ptr<Started<sdk::Result<sdk::ProcessResult>>> daemon_;
};

// Somebody else on the bus. It does everything at once, without the loop.
class BusPeer {
 public:
  BusPeer() { check(sd_bus_open_system(&bus_)); }
  ~BusPeer() { sd_bus_flush_close_unref(bus_); }
  BusPeer(const BusPeer&) = delete;
  BusPeer& operator=(const BusPeer&) = delete;

  [[nodiscard]] sd_bus* bus() const { return bus_; }
  void own(const char* name) { check(sd_bus_request_name(bus_, name, 0)); }
  void disown(const char* name) { check(sd_bus_release_name(bus_, name)); }

  // A signal with one text; to everybody, or to one connection, whatever that has asked for.
  void emit(const char* path, const char* interface, const char* member, const std::string& text, const char* to = nullptr) {
    sd_bus_message* signal = nullptr;
    check(sd_bus_message_new_signal(bus_, &signal, path, interface, member));
    check(sd_bus_message_append(signal, "s", text.c_str()));
    if (to) check(sd_bus_message_set_destination(signal, to));
    check(sd_bus_send(bus_, signal, nullptr));
    sd_bus_message_unref(signal);
    check(sd_bus_flush(bus_));
  }

  // Handles what has arrived; true when the handler saw a method call.
  bool serve(const std::function<int(sd_bus_message*)>& handler) {
    sd_bus_message* message = nullptr;
    bool called = false;
    while (sd_bus_process(bus_, &message) > 0) {
      if (message && sd_bus_message_is_method_call(message, nullptr, nullptr)) {
        called = true;
        check(handler(message));
      }
      message = sd_bus_message_unref(message);
    }
    sd_bus_flush(bus_);
    return called;
  }

 private:
  static void check(int result) {
    if (result < 0) throw std::runtime_error("sd-bus error " + std::to_string(-result));
  }
  sd_bus* bus_ = nullptr;
};

}  // namespace upkeep::test

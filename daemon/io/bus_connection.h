// SPDX-License-Identifier: Apache-2.0
#pragma once
// One connection to the system bus in our loop, opened when it is first needed and again after it was lost. Everyone who waits
// on it is a listener and hears of the loss.

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include <asio/any_io_executor.hpp>
#include <memory>
#include <vector>

#include "io/fd_pump.h"
#include "sdk/result.h"

namespace upkeep::io {

struct SdFree {
  void operator()(sd_event* event) const { sd_event_unref(event); }
  void operator()(sd_bus* bus) const { sd_bus_close_unref(bus); }
  void operator()(sd_bus_slot* slot) const { sd_bus_slot_unref(slot); }
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
template <typename T>
using SdPtr = std::unique_ptr<T, SdFree>;

class BusListener {
 public:
  virtual ~BusListener() = default;
  // May only record and notify.
  virtual void lost() = 0;
};

class BusConnection : public std::enable_shared_from_this<BusConnection> {
 public:
  explicit BusConnection(const asio::any_io_executor& executor);

  // transient: there is no bus.
  [[nodiscard]] sdk::Result<sd_bus*> open();
  // After something was queued. Never handles messages at once.
  void pump_soon();
  void add(BusListener& listener) { listeners_.push_back(&listener); }
  void remove(BusListener& listener) { std::erase(listeners_, &listener); }
  [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }

 private:
  void pump();
  bool turn();

  asio::any_io_executor executor_;
  SdPtr<sd_event> event_;
  SdPtr<sd_bus> bus_;
  std::vector<BusListener*> listeners_;
  bool pump_is_due_ = false;
  FdPump pump_;  // last: it watches a descriptor of event_
};

}  // namespace upkeep::io

// SPDX-License-Identifier: Apache-2.0
#include "io/bus_connection.h"

#include <asio/post.hpp>
#include <cerrno>
#include <system_error>

#include "io/bus_message.h"
#include "io/fd.h"

namespace upkeep::io {

using sdk::Errc;
using sdk::fail;
using sdk::Result;

namespace {

constexpr int kTurns = 256;  // then the others of the loop come first

SdPtr<sd_event> make_event() {
  sd_event* event = nullptr;
  if (const int r = sd_event_new(&event); r < 0) throw std::system_error(-r, std::generic_category(), "sd_event_new");
  return SdPtr<sd_event>(event);
}

}  // namespace

BusConnection::BusConnection(const asio::any_io_executor& executor)
    : executor_(executor), event_(make_event()), pump_(executor, sd_event_get_fd(event_.get()), [this] { pump(); }) {}

Result<sd_bus*> BusConnection::open() {
  if (bus_) return bus_.get();
  sd_bus* bus = nullptr;
  int r = sd_bus_open_system(&bus);
  SdPtr<sd_bus> opened(bus);
  if (r >= 0) r = sd_bus_attach_event(bus, event_.get(), SD_EVENT_PRIORITY_NORMAL);
  if (r < 0) {
    const auto why = errno_error("cannot connect to the system bus", -r).message;
    return fail(bus_error("org.freedesktop.DBus.Error.Disconnected", why));
  }
  bus_ = std::move(opened);
  pump_soon();
  return bus;
}

void BusConnection::pump_soon() {
  if (std::exchange(pump_is_due_, true)) return;
  asio::post(executor_, [weak = weak_from_this()] {
    const auto alive = weak.lock();
    if (!alive) return;
    alive->pump_is_due_ = false;
    alive->pump();
  });
}

// One step of the event loop inside; false: there is nothing to do.
bool BusConnection::turn() {
  sd_event* event = event_.get();
  int ready = 1;
  if (sd_event_get_state(event) == SD_EVENT_INITIAL) ready = sd_event_prepare(event);
  if (sd_event_get_state(event) == SD_EVENT_ARMED) ready = sd_event_wait(event, 0);
  return ready > 0 && sd_event_dispatch(event) >= 0;
}

void BusConnection::pump() {
  for (int i = 0; i < kTurns && turn(); ++i) {
  }
  if (bus_ && sd_bus_is_open(bus_.get()) <= 0) {
    bus_.reset();
    for (BusListener* listener : listeners_) listener->lost();
  }
  // Leaves it armed, so that its descriptor tells of the next thing to do.
  if (sd_event_get_state(event_.get()) == SD_EVENT_INITIAL && sd_event_prepare(event_.get()) > 0) pump_soon();
}

}  // namespace upkeep::io

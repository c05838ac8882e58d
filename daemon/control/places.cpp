// SPDX-License-Identifier: Apache-2.0
#include "control/places.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace upkeep::control {
namespace {

constexpr std::array kRising = {Access::none, Access::read, Access::change};

// The server notices, and lets the connection leave.
void cut_off(Place& place) {
  place.cut = true;
  shutdown(place.fd, SHUT_RDWR);
}

}  // namespace

Place* Places::take(int fd, Caller caller) {
  places_.push_back({std::move(caller), fd, true, false});  // working: it is not the one to go while there are others
  Place& place = places_.back();
  for (const Access access : kRising) {
    if (access < place.caller.access || place.cut || taken_up_to(access) <= most_up_to(access)) continue;
    Place* idle = longest_idle_up_to(access);
    cut_off(idle == nullptr ? place : *idle);
  }
  place.working = false;
  return &place;
}

void Places::leave(Place* place) {
  if (place != nullptr) places_.erase(find(*place));
}

void Places::done(Place& place) {
  place.working = false;
  places_.splice(places_.end(), places_, find(place));
}

unsigned Places::taken_up_to(Access access) const {
  return static_cast<unsigned>(
      std::count_if(places_.begin(), places_.end(), [&](const Place& one) { return !one.cut && one.caller.access <= access; }));
}

unsigned Places::most_up_to(Access access) const {
  if (access == Access::none) return limits_.for_strangers;
  return access == Access::read ? limits_.connections - limits_.kept_for_changers : limits_.connections;
}

Place* Places::longest_idle_up_to(Access most) {
  for (const Access access : kRising) {
    if (access > most) break;
    const auto idle = std::find_if(places_.begin(), places_.end(),
                                   [&](const Place& one) { return !one.cut && !one.working && one.caller.access == access; });
    if (idle != places_.end()) return &*idle;
  }
  return nullptr;
}

std::list<Place>::iterator Places::find(const Place& place) {
  return std::find_if(places_.begin(), places_.end(), [&](const Place& one) { return &one == &place; });
}

}  // namespace upkeep::control

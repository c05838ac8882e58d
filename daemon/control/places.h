// SPDX-License-Identifier: Apache-2.0
#pragma once
// The places for connections, so that nobody can hold what others need: who may do nothing has a few, who may only read
// shares most of them, the rest is kept for those who may change things. When places run out the longest idle connection
// has to go, and only when none is idle the newcomer.

#include <list>

#include "control/api.h"

namespace upkeep::control {

struct Limits {
  unsigned connections = 256;
  unsigned kept_for_changers = 64;  // of them, for those who may change things
  unsigned for_strangers = 32;      // of them, at most, for those who may do nothing
  unsigned idle_seconds = 30;
};

struct Place {
  Caller caller;
  int fd = -1;
  bool working = false;  // an answer is being made or sent
  bool cut = false;      // has to go; its place is free already
};

class Places {
 public:
  explicit Places(Limits limits) : limits_(limits) {}
  // A new connection's, until it is left. May cut another one off, or this one.
  Place* take(int fd, Caller caller);
  void leave(Place* place);

  // A whole request came in; its answer is sent, or given up.
  void begin(Place& place) { place.working = true; }
  void done(Place& place);

 private:
  [[nodiscard]] unsigned taken_up_to(Access access) const;
  [[nodiscard]] unsigned most_up_to(Access access) const;
  // nullptr: none is idle.
  [[nodiscard]] Place* longest_idle_up_to(Access access);
  [[nodiscard]] std::list<Place>::iterator find(const Place& place);

  Limits limits_;
  std::list<Place> places_;  // the longest idle first
};

}  // namespace upkeep::control

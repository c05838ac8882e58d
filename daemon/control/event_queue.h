// SPDX-License-Identifier: Apache-2.0
#pragma once
// The lines that wait for one reader of the event stream. Bounded: a reader that falls too far behind gets a last line
// that says so, and nothing more; the engine never waits for a reader.

#include <deque>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "control/traffic.h"
#include "engine/face.h"

namespace upkeep::control {

class EventQueue {
 public:
  static constexpr std::size_t kMost = 1000;             // events that wait
  static constexpr std::size_t kMostBytes = 256 * 1024;  // and their bytes, unless it is one event alone

  // Listens to the face until the queue ends or is dropped. `traffic`, where it is counted, outlives the queue.
  EventQueue(engine::Face& face, Traffic& traffic);
  ~EventQueue() { --traffic_.readers; }
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  // Called when a read that found nothing would now find something; once a read.
  void on_ready(std::function<void()> ready) { ready_ = std::move(ready); }
  // Takes up to `room` bytes of what waits. 0: nothing now, or ended.
  std::size_t read(char* to, std::size_t room);
  // No bytes will come any more: all were read, and the queue was ended.
  [[nodiscard]] bool drained() const { return ended_ && lines_.empty(); }
  // Nothing new is taken in; what waits may still be read.
  void end();

 private:
  void push(const nlohmann::json& event);
  void wake();

  Traffic& traffic_;
  std::deque<std::string> lines_;
  std::size_t offset_ = 0;  // into the first line
  std::size_t bytes_ = 0;   // of all lines
  bool ended_ = false;
  std::function<void()> ready_;
  std::unique_ptr<engine::Subscription> subscription_;
};

}  // namespace upkeep::control

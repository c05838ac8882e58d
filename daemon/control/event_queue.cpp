// SPDX-License-Identifier: Apache-2.0
#include "control/event_queue.h"

#include <algorithm>

#include "control/answer.h"

namespace upkeep::control {

EventQueue::EventQueue(engine::Face& face, Traffic& traffic)
    : traffic_(traffic), subscription_(face.subscribe([this](const nlohmann::json& event) { push(event); })) {
  ++traffic_.readers;
}

void EventQueue::push(const nlohmann::json& event) {
  if (ended_) return;
  std::string line = text_of(event) + "\n";
  if (lines_.size() >= kMost || (!lines_.empty() && bytes_ + line.size() > kMostBytes)) {
    line =
        text_of(error_document("too_slow", "this reader fell too far behind: " + std::to_string(lines_.size()) + " events waited for it")) +
        "\n";
    ++traffic_.readers_dropped;
    ended_ = true;  // the subscription is inside its own call now: it goes with the queue
  }
  bytes_ += line.size();
  lines_.push_back(std::move(line));
  wake();
}

std::size_t EventQueue::read(char* to, std::size_t room) {
  std::size_t done = 0;
  while (done < room && !lines_.empty()) {
    const std::string& line = lines_.front();
    const std::size_t part = std::min(room - done, line.size() - offset_);
    line.copy(to + done, part, offset_);
    done += part;
    offset_ += part;
    if (offset_ < line.size()) break;
    bytes_ -= line.size();
    lines_.pop_front();
    offset_ = 0;
  }
  return done;
}

void EventQueue::end() {
  ended_ = true;
  subscription_.reset();
  wake();
}

void EventQueue::wake() {
  if (auto ready = std::exchange(ready_, nullptr)) ready();
}

}  // namespace upkeep::control

// SPDX-License-Identifier: Apache-2.0
#pragma once
// Hands each event to everybody who listens now.

#include <list>
#include <memory>
#include <utility>

#include "engine/face.h"

namespace upkeep::engine {

class EventHub {
 public:
  [[nodiscard]] std::unique_ptr<Subscription> subscribe(EventSink sink) {
    sinks_->push_back(std::move(sink));
    return std::make_unique<Listener>(sinks_, std::prev(sinks_->end()));
  }
  void publish(const nlohmann::json& event) {
    ++published_;
    for (auto at = sinks_->begin(); at != sinks_->end();) (at++)->operator()(event);  // a listener may leave while it listens
  }
  [[nodiscard]] std::uint64_t published() const { return published_; }

 private:
  using Sinks = std::list<EventSink>;
  struct Listener : Subscription {
    Listener(std::shared_ptr<Sinks> list_, Sinks::iterator place_) : list(std::move(list_)), place(place_) {}
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener() override { list->erase(place); }
    std::shared_ptr<Sinks> list;  // the hub may end first
    Sinks::iterator place;
  };
  std::uint64_t published_ = 0;
  std::shared_ptr<Sinks> sinks_ = std::make_shared<Sinks>();
};

}  // namespace upkeep::engine

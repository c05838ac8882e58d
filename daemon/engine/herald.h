// SPDX-License-Identifier: Apache-2.0
#pragma once
// Has the installer tell, where the agent lives, what happens to it, and show its status there. It runs beside the agent's coroutine,
// which never waits for it: what cannot be told is lost with a warning, and what waits to be told is bounded.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/wake.h"
#include "sdk/host.h"
#include "sdk/installer.h"

namespace upkeep::engine {

class Herald {
 public:
  static constexpr std::size_t kMostWaiting = 16;                         // to be told; the oldest goes first
  static constexpr sdk::Millis kLongest = std::chrono::seconds(30);       // that the installer may take for one thing
  static constexpr sdk::Millis kShowAgain = std::chrono::seconds(10);     // not more often
  static constexpr sdk::Millis kShowAllAgain = std::chrono::minutes(60);  // also when only the channel was read again

  // `status`: as it is now.
  Herald(sdk::Host& host, std::function<nlohmann::json()> status) : host_(host), status_(std::move(status)) {}

  // Takes it down, unless it is the same refusal, or the same failure, that was told last.
  void tell(sdk::Happening happening);
  // The status may be another.
  void look();
  // Serves until it is cancelled. `kept`: what has to live as long.
  static sdk::Task<void> run(std::shared_ptr<void> kept, Herald* self, std::shared_ptr<sdk::Installer> installer);

 private:
  sdk::Task<void> tell_all(sdk::Installer& installer);
  sdk::Task<void> show(sdk::Installer& installer);

  sdk::Host& host_;
  std::function<nlohmann::json()> status_;
  std::deque<sdk::Happening> waiting_;
  std::string told_;  // the last refusal or failure
  bool changed_ = true;
  nlohmann::json shown_;  // without what changes with each poll
  std::string shown_text_;
  sdk::BootTime shown_at_{0}, next_{0};
  int failures_ = 0;
  Wake news_;
};

}  // namespace upkeep::engine

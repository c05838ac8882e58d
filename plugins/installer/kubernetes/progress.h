// SPDX-License-Identifier: Apache-2.0
#pragma once
// When a rollout is called stuck.

#include <string>

#include "sdk/host.h"

namespace upkeep::plugins::kubernetes {

// How long nothing has moved, in boot time; what the API server was away does not count.
class Progress {
 public:
  Progress(sdk::Clock& clock, sdk::Millis deadline) : clock_(&clock), deadline_(deadline), since_(clock.boot_now()), seen_(since_) {}
  void see(const std::string& fingerprint) {
    const auto now = clock_->boot_now();
    if (fingerprint != last_) since_ = now;
    last_ = fingerprint;
    seen_ = now;
  }
  void blind() {
    const auto now = clock_->boot_now();
    since_ += now - seen_;
    seen_ = now;
  }
  [[nodiscard]] bool late() const { return clock_->boot_now() - since_ >= deadline_; }

 private:
  sdk::Clock* clock_;
  sdk::Millis deadline_;
  sdk::BootTime since_, seen_;
  std::string last_;
};

}  // namespace upkeep::plugins::kubernetes

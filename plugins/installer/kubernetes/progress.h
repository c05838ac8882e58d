// SPDX-License-Identifier: Apache-2.0
#pragma once
// When a rollout is called stuck.

#include <algorithm>

#include "installer/kubernetes/rollout.h"
#include "sdk/host.h"

namespace upkeep::plugins::kubernetes {

// How long nothing has got further than ever before, in boot time; what the API server was away does not count. A pod that is ready, and
// is not, and is ready again gets nowhere.
class Progress {
 public:
  Progress(sdk::Clock& clock, sdk::Millis deadline) : clock_(&clock), deadline_(deadline), since_(clock.boot_now()), seen_(since_) {}
  void see(const Figures& now) {
    seen_ = clock_->boot_now();
    const bool taken_up = now.observed > best_.observed, updated = now.updated > best_.updated;
    if (taken_up || updated) {
      best_ = now;  // fewer are available than of the template before
    } else if (now.available > best_.available || now.old < best_.old) {
      best_.available = std::max(best_.available, now.available);
      best_.old = std::min(best_.old, now.old);
    } else {
      return;
    }
    since_ = seen_;
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
  Figures best_;
};

}  // namespace upkeep::plugins::kubernetes

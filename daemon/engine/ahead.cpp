// SPDX-License-Identifier: Apache-2.0
// What is done for an upgrade while only time is missing.

#include "engine/supervisor.h"

namespace upkeep::engine {

using sdk::Action;
using sdk::Reason;

// Only what nothing but time keeps from being upgraded. A suspended agent is left alone altogether: its operator wants
// nothing to happen, and what else might stand in the way has not been asked.
void Supervisor::look_ahead() {
  window_warning_ = too_short_windows();
  const auto reason = decision_.reason;
  bool waits = reason == Reason::outside_window || reason == Reason::spread || reason == Reason::too_late;
  if (reason == Reason::not_before || reason == Reason::rollout_share) waits = core::only_time_is_missing(facts(Ask()));
  if (!waits || decision_.action != Action::wait || !decision_.target || !seen_.inspected) {
    preflight_->rest();
    return;
  }
  Preflight::Wish wish;
  wish.change = core::change_to(seen_.installed, *decision_.target, release(), "preflight");
  wish.download = configured_.settings.policy.download_ahead;
  wish.seen = std::to_string(outside_changes_);
  for (const auto& warning : seen_.installed.warnings) wish.seen += "\n" + warning;
  preflight_->want(shared_from_this(), parts_, std::move(wish));
}

// What has come of it is said when it is news.
void Supervisor::on_preflight(Preflight::State state) {
  const auto now = preflight_->status();
  if (!now.is_null() && state != Preflight::State::checking) {
    const auto line = "preflight state=" + std::string(name(state)) + " target=" + now["target"].get<std::string>() + " " +
                      now["text"].get<std::string>();
    if (line != told_preflight_) {
      emit("preflight", {{"state", now["state"]}, {"target", now["target"]}, {"text", now["text"]}});
      const bool bad = state == Preflight::State::refused || state == Preflight::State::failed;
      host_->log(bad ? sdk::LogLevel::warn : sdk::LogLevel::info, line);
      if (state == Preflight::State::refused)
        herald_->tell({sdk::Happened::refused, clock().now(), "", seen_.installed.version, now["target"], "", now["text"]});
    }
    told_preflight_ = line;
  }
  wake_.notify();  // it decides nothing, but when it is due again has changed
}

}  // namespace upkeep::engine

// SPDX-License-Identifier: Apache-2.0
// The way back, and how operations end.

#include "core/backoff.h"
#include "engine/journal_note.h"
#include "engine/supervisor.h"

namespace upkeep::engine {

using core::Event;
using core::OperationResult;
using core::Phase;
using nlohmann::json;
using sdk::Errc;
using sdk::Task;

namespace {

constexpr sdk::Millis kFirstRetry = std::chrono::seconds(2);
constexpr sdk::Millis kLongestRevertRetry = std::chrono::minutes(2);
constexpr sdk::Millis kKeepAgain = std::chrono::hours(1);

sdk::Happened happened(OperationResult result) {
  switch (result) {
    case OperationResult::committed:
      return sdk::Happened::committed;
    case OperationResult::rolled_back:
    case OperationResult::withdrawn:
      return sdk::Happened::rolled_back;
    case OperationResult::refused:
      return sdk::Happened::refused;
    case OperationResult::overtaken:
      return sdk::Happened::overtaken;
    case OperationResult::stuck:
      return sdk::Happened::stuck;
    default:
      return sdk::Happened::failed;
  }
}

}  // namespace

Task<void> Supervisor::revert(std::string cause, OperationResult result, bool quarantine) {
  json fields = {{"phase", core::name(Phase::reverting)}, {"detail", cause}, {"result", core::name(result)}};
  if (quarantine) fields["quarantine"] = json::object({{"version", operation().change.target->str()}});
  co_await record_unit_logs();
  co_await must_append(Event::phase, std::move(fields));
  if (quarantine) emit("quarantined", {{"version", operation().change.target->str()}, {"reason", cause}});
}

// Again and again until it is done, or the deadline has passed, or trying again cannot help.
Task<void> Supervisor::put_back(TransactionLock::Locked& lock) {
  if (!lock) lock = co_await lock_for(shared_, *parts().installer).acquire(name_, true);
  const auto change = operation().change_back();
  const auto cause = operation().cause;
  const auto deadline_after = settings().revert_deadline;
  JournalNote notes(*journal_, change.operation, journal_lost_);
  Attempts attempts{clock().now(), 0, {}};
  for (int tries = 1;; ++tries) {
    co_await until_ours();
    const auto note = operation().note;
    auto reverted = co_await permitted(parts().installer->revert(change, notes, note));
    sdk::Error error(Errc::internal, "");
    if (reverted) {
      auto verified = co_await verify(change);
      if (verified && verified->standing == sdk::Standing::baseline) break;
      error = verified ? sdk::Error(Errc::transient, "after going back " + (verified->version.empty() ? "nothing" : verified->version) +
                                                         " is installed" + (verified->detail.empty() ? "" : " (" + verified->detail + ")"))
                       : verified.error();
    } else {
      error = reverted.error();
    }
    host_->log(sdk::LogLevel::warn, "revert: " + error.message);
    attempts.add(error.message);
    const auto spent = operation().phase_boot == clock().boot_id() ? clock().boot_now() - operation().phase_boot_time
                                                                   : sdk::Millis(clock().now() - operation().phase_at);
    const bool hopeless = error.code == Errc::denied || error.code == Errc::invalid || error.code == Errc::unsupported;
    co_await journal_->try_again();
    // A disk that is full says nothing of the way back: it is waited for, like everywhere.
    if (hopeless || (spent >= deadline_after && journal_->trouble().empty())) {
      if (!reverted) {  // perhaps somebody else has mended it, and there is nothing to take back any more
        auto verified = co_await verify(change);
        if (verified && verified->standing == sdk::Standing::elsewhere) {
          co_await end_overtaken(std::move(*verified));
          co_return;
        }
      }
      const auto back = change.from.empty() ? std::string("nothing installed") : change.from;
      auto detail = cause + "; going back to " + back + " failed: " + error.message;
      auto all = tried(attempts);
      core::End stuck{OperationResult::stuck, Phase::stuck, std::move(detail), false, std::nullopt, std::move(all)};
      co_await end(std::move(stuck));
      co_return;
    }
    host_->progress({std::nullopt, "going back failed, trying again: " + error.message});
    const auto asked = core::pause_after(error, core::backoff(tries, kFirstRetry, kLongestRevertRetry, host_->random().unit()));
    const auto pause = std::min(asked, std::max<sdk::Millis>(deadline_after - spent, kLongestRevertRetry));
    co_await clock().sleep_for(pause);
  }
  core::End back{operation().revert_result, Phase::rolled_back, cause};
  co_await end(std::move(back));
}

Task<void> Supervisor::end_overtaken(sdk::Verified now) {
  core::End overtaken{OperationResult::overtaken, Phase::idle,
                      now.version.empty() ? "somebody else removed it" : "somebody else installed " + now.version};
  co_await end(std::move(overtaken));
}

Task<void> Supervisor::end(core::End end) {
  const auto ended = operation();
  co_await must_append(Event::end, core::to_json(end));
  tell_end(ended, end);
  if (end.phase != Phase::stuck) {
    co_await after_end();
    if (!ended.change.to.empty()) co_await keep();
  }
  operation_parts_.reset();
  if (end.result != OperationResult::committed && parts_) parts_->probes->forget();
  if (end.phase == Phase::stuck) co_await look_at_stuck();
  evaluate_ = true;
}

void Supervisor::tell_end(const core::OperationState& ended, const core::End& end) {
  // What was decided before the operation is no news any more; the next look follows at once.
  const bool condemned = ended.quarantine || end.quarantine;
  decision_.action = end.result == OperationResult::committed || condemned ? sdk::Action::none : sdk::Action::wait;
  decision_.reason = end.result == OperationResult::committed ? sdk::Reason::up_to_date
                     : condemned                              ? sdk::Reason::quarantined
                                                              : sdk::Reason::retry_later;
  decision_.text = "the operation has ended: " + end.detail;
  decision_.until.reset();
  if (end.quarantine) emit("quarantined", {{"version", end.quarantine->version}, {"reason", end.quarantine->why}});
  const auto& from = ended.change.from;
  const auto to = ended.shown_to();
  emit("operation_ended",
       {{"operation", ended.id}, {"result", core::name(end.result)}, {"from", from}, {"to", to}, {"detail", end.detail}});
  host_->log(sdk::LogLevel::info,
             "operation=" + ended.id + " result=" + std::string(core::name(end.result)) + " from=" + from + " to=" + to + " " + end.detail);
  herald_end(ended, end);
  // What this operation has put off outlasts it.
  if (end.result != OperationResult::refused && postponed_ && postponed_->at < ended.started) postponed_.reset();
  preflight_->forget();
  shared_.changing.erase(name_);
}

// Equal attempts that touched nothing are one line of history, and told once.
void Supervisor::herald_end(const core::OperationState& ended, const core::End& end) {
  if (end.result == OperationResult::superseded) return;  // the next operation begins at once
  const bool again = end.phase != Phase::stuck && state().last() != nullptr && state().last()->times > 1;
  if (again) return;
  sdk::Happening told{happened(end.result), clock().now(), ended.id, ended.change.from, ended.shown_to(), ended.actor, end.detail};
  herald_->tell(std::move(told));
}

// Locks and leases are given back; idempotent, so a crash before or after does no harm.
Task<void> Supervisor::after_end() {
  let_permits_go();
  if (!parts_ || state().last() == nullptr) co_return;
  const UsingParts in_use(*this);
  const auto& last = *state().last();
  const sdk::Operation ended{last.id, name_, last.from, last.target};
  for (auto& one : parts_->schedules) {
    const auto done = co_await one.schedule->done(ended);
    if (!done) host_->log(sdk::LogLevel::warn, "done: " + one.name + ": " + done.error().message);
  }
}

Task<void> Supervisor::keep() {
  kept_at_.reset();
  // A look comes again, and it is still due then. In a cluster keep clears away what blocks a rollout: not where people have stopped it.
  if (!is_ours() || journal_lost_ || (!parts().installer->on_this_host() && is_stopped())) co_return;
  kept_at_ = clock().boot_now();
  // Not a superseded version: what is kept for going back is still that of before it.
  if (core::back_to(state(), state().last_seen) != state().last_seen) co_return;
  const auto kept = co_await parts().installer->keep();
  if (!kept) host_->log(sdk::LogLevel::warn, "keep: " + kept.error().message);
}

bool Supervisor::is_stopped() const {
  const auto& own = state().suspension;
  return !seen_.inspected || !seen_.installed.held_by.empty() || state().wished_suspension || (own && own->in_force(clock().now()));
}

Task<void> Supervisor::keep_now_and_then() {
  if (!kept_at_ || clock().boot_now() - *kept_at_ >= kKeepAgain) co_await keep();
}

}  // namespace upkeep::engine

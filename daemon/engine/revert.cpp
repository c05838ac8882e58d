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
using sdk::Result;
using sdk::Task;

namespace {

constexpr sdk::Millis kFirstRetry = std::chrono::seconds(2);
constexpr sdk::Millis kLongestRetry = std::chrono::minutes(2);
constexpr sdk::Millis kKeepAgain = std::chrono::hours(1);

}  // namespace

Task<void> Supervisor::revert(std::string cause, OperationResult result, bool quarantine, TransactionLock::Hold hold) {
  json fields = {{"phase", core::name(Phase::reverting)}, {"detail", cause}, {"result", core::name(result)}};
  if (quarantine) fields["quarantine"] = json::object({{"version", operation().change.target->str()}});
  co_await record_unit_logs();
  co_await must_append(Event::phase, std::move(fields));
  if (quarantine) emit("quarantined", {{"version", operation().change.target->str()}, {"reason", cause}});
  co_await keep_reverting(std::move(hold));
}

// Again and again until it is done, or the deadline has passed, or trying again cannot help.
Task<void> Supervisor::keep_reverting(TransactionLock::Hold hold) {
  if (!hold) hold = co_await shared_.lock.acquire(name_, true);
  const auto change = operation().change_back();
  const auto cause = operation().cause;
  const auto deadline_after = settings().revert_deadline;
  JournalNote notes(*journal_, change.operation, journal_lost_);
  Attempts attempts{clock().now(), 0, {}};
  for (int tries = 1;; ++tries) {
    const auto note = operation().note;
    auto reverted = co_await parts().installer->revert(change, notes, note);
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
      const auto back = change.from.empty() ? std::string("nothing installed") : change.from;
      auto detail = cause + "; going back to " + back + " failed: " + error.message;
      auto all = tried(attempts);
      co_await end(OperationResult::stuck, Phase::stuck, std::move(detail), false, std::nullopt, std::move(all));
      co_return;
    }
    host_->progress({std::nullopt, "going back failed, trying again: " + error.message});
    const auto pause = core::backoff(tries, kFirstRetry, kLongestRetry, host_->random().unit());
    co_await clock().sleep_for(pause);
  }
  co_await end(operation().revert_result, Phase::rolled_back, cause, false);
}

std::string Supervisor::others_did(const sdk::Verified& verified) {
  return verified.version.empty() ? "somebody else removed it" : "somebody else installed " + verified.version;
}

Task<void> Supervisor::end(OperationResult result, Phase phase, std::string detail, bool counted,
                           std::optional<std::pair<std::string, std::string>> quarantine, std::vector<std::string> tried) {
  const auto id = operation().id;
  const auto change = operation().change;
  const auto from = operation().change.from;
  json fields = {{"result", core::name(result)}, {"phase", core::name(phase)}, {"detail", detail}, {"counted", counted}};
  if (quarantine) fields["quarantine"] = json::object({{"version", quarantine->first}, {"reason", quarantine->second}});
  if (phase == Phase::stuck) fields["tried"] = std::move(tried);
  const bool condemned = operation().quarantine.has_value();
  co_await must_append(Event::end, std::move(fields));
  // What was decided before the operation is no news any more; the next look follows at once.
  decision_.action = result == OperationResult::committed || condemned ? sdk::Action::none : sdk::Action::wait;
  decision_.reason = result == OperationResult::committed ? sdk::Reason::up_to_date
                     : condemned                          ? sdk::Reason::quarantined
                                                          : sdk::Reason::retry_later;
  decision_.text = "the operation has ended: " + detail;
  decision_.until.reset();
  if (quarantine) emit("quarantined", {{"version", quarantine->first}, {"reason", quarantine->second}});
  const auto to = change.to.empty() ? change.target->str() : change.to;
  emit("operation_ended", {{"operation", id}, {"result", core::name(result)}, {"from", from}, {"to", to}, {"detail", detail}});
  host_->log(sdk::LogLevel::info,
             "operation=" + id + " result=" + std::string(core::name(result)) + " from=" + from + " to=" + to + " " + detail);
  if (result != OperationResult::refused) refused_.reset();
  preflight_->forget();
  shared_.changing.erase(name_);
  if (phase != Phase::stuck) co_await after_end(id);
  if (!change.to.empty() && phase != Phase::stuck) co_await keep();
  operation_parts_.reset();
  if (result != OperationResult::committed && parts_) parts_->probes->forget();
  if (phase == Phase::stuck) co_await look_at_stuck();
  evaluate_ = true;
}

bool Supervisor::has_ended(const std::string& id, const std::string& phase) const {
  const auto& running = state().operation;
  if (running) return running->id == id && running->phase == core::Phase::stuck && phase == core::name(core::Phase::stuck);
  return state().last() != nullptr && state().last()->id == id;
}

// Locks and leases are given back; idempotent, so a crash before or after does no harm.
Task<void> Supervisor::after_end(std::string id) {
  if (!parts_) co_return;
  const UsingParts in_use(*this);
  sdk::Operation ended{std::move(id), name_, "", ""};
  for (auto& one : parts_->schedules) {
    const auto done = co_await one.schedule->done(ended);
    if (!done) host_->log(sdk::LogLevel::warn, "done: " + one.name + ": " + done.error().message);
  }
}

Task<void> Supervisor::keep() {
  kept_at_ = clock().boot_now();
  // Not a superseded version: what is kept for going back is still that of before it.
  if (core::back_to(state(), state().last_seen) != state().last_seen) co_return;
  const auto kept = co_await parts().installer->keep();
  if (!kept) host_->log(sdk::LogLevel::warn, "keep: " + kept.error().message);
}

Task<void> Supervisor::keep_now_and_then() {
  if (!kept_at_ || clock().boot_now() - *kept_at_ >= kKeepAgain) co_await keep();
}

}  // namespace upkeep::engine

// SPDX-License-Identifier: Apache-2.0
// The gate right before apply: everything that was decided on is looked at once more, and the schedules are asked.

#include <algorithm>
#include <asio/experimental/awaitable_operators.hpp>
#include <exception>
#include <variant>

#include "engine/supervisor.h"
#include "sdk/deadline.h"

namespace upkeep::engine {

using core::OperationResult;
using core::Phase;
using sdk::Errc;
using sdk::Task;
using namespace asio::experimental::awaitable_operators;

namespace {

constexpr sdk::Millis kAskForPermit = std::chrono::seconds(2);  // that was lost: as often as others ask for a Lease

// The daemon's end waits until each permit was let go.
struct CountedPermit {
  explicit CountedPermit(Shared& shared_) : shared(shared_) { ++shared.permits; }
  CountedPermit(const CountedPermit&) = delete;
  CountedPermit& operator=(const CountedPermit&) = delete;
  ~CountedPermit() {
    --shared.permits;
    shared.permit_ended.notify();
  }
  Shared& shared;
};

// Asio's `||` takes an exception for one that failed, and waits for the other.
struct Outcome {
  sdk::Result<void> result;
  std::exception_ptr thrown;
};
Task<Outcome> outcome_of(Task<sdk::Result<void>> verb) {
  Outcome out;
  try {
    out.result = co_await std::move(verb);
  } catch (...) {
    out.thrown = std::current_exception();
  }
  co_return out;
}

}  // namespace

void Supervisor::hold_permit(const NamedSchedule& one, bool given) {
  std::erase_if(permits_, [&](auto& permit) {
    if (permit.schedule != one.schedule.get()) return false;
    permit.kept.cancel();
    return true;
  });
  permits_.push_back(
      {one.schedule.get(), Background(shared_.executor, keep_permit(shared_from_this(), parts_, one, admittee(), given)), ""});
}

// Nobody else is to begin while a version proves itself, and it could not be taken back without the permit.
Task<void> Supervisor::keep_permit(std::shared_ptr<Supervisor> /*kept*/, std::shared_ptr<Parts> /*kept*/, const NamedSchedule& one,
                                   sdk::Operation asked, bool given) {
  const CountedPermit counted(shared_);
  const auto goes_on = [&] { return state().operation && state().operation->id == asked.id; };
  const auto missing = [&](const std::string& why) {
    for (auto& permit : permits_)
      if (permit.schedule == one.schedule.get() && permit.missing != why) {
        if (!why.empty()) host_->log(sdk::LogLevel::warn, why);
        permit.missing = why;
        herald_->look();
      }
  };
  sdk::BootTime next{0};
  while (true) {
    if (given) {
      const auto held = co_await one.schedule->hold(asked);
      if (!goes_on()) co_return;
      permit_lost_ = "the permit of " + one.name + " was lost" + (held ? "" : ": " + held.error().message);
      missing(permit_lost_);
      if (!one.schedule->lapses()) co_return;
      permit_gone_.notify();
      if (operation().phase == Phase::preparing) co_return;  // refuses the operation
    }
    given = false;
    co_await sdk::sleep_past(clock(), next);
    next = clock().boot_now() + kAskForPermit;  // not more often, also where what is given is lost at once
    if (!is_ours()) continue;
    auto why = co_await refused_by(one, asked);
    if (!goes_on()) co_return;
    given = why.empty();
    missing(why);
  }
}

void Supervisor::let_permits_go() {
  for (auto& one : permits_) one.kept.cancel();
  permits_.clear();
  permit_lost_.clear();
}

bool Supervisor::is_changing() const {
  if (!state().operation) return false;
  const auto phase = state().operation->phase;
  return phase == Phase::applying || phase == Phase::activating || phase == Phase::reverting;
}

Task<std::string> Supervisor::refused_by(const NamedSchedule& one, sdk::Operation asked) {
  const auto answer = co_await (one.schedule->admit(asked) || clock().sleep_for(kAdmitAgain));
  const auto* admission = std::get_if<0>(&answer);
  if (admission == nullptr) co_return "not admitted by " + one.name + ": no answer in time";
  if (!*admission) co_return "not admitted by " + one.name + ": " + admission->error().message;
  co_return (*admission)->granted ? "" : "not admitted by " + one.name + ": " + (*admission)->reason;
}

Task<std::string> Supervisor::not_permitted() {
  if (!parts_) co_return "";
  const UsingParts in_use(*this);
  const auto asked = admittee();
  for (auto& one : parts_->schedules) {
    const auto lapses = one.schedule->lapses();
    if (!lapses || *lapses > clock().boot_now()) continue;
    auto why = co_await refused_by(one, asked);
    if (!why.empty()) co_return why;
    hold_permit(one);
  }
  co_return "";
}

Task<sdk::Result<void>> Supervisor::permitted(Task<sdk::Result<void>> verb) {
  auto refused = co_await not_permitted();
  if (!refused.empty()) {
    host_->progress({std::nullopt, refused});
    co_return sdk::fail(Errc::busy, std::move(refused));
  }
  if (!parts_ || std::none_of(parts_->schedules.begin(), parts_->schedules.end(), [](auto& one) { return one.schedule->lapses(); }))
    co_return co_await std::move(verb);
  permit_gone_ = Wake();  // what was lost before has been given again
  auto first = co_await (outcome_of(std::move(verb)) || permit_gone_.wait());
  if (first.index() == 1) co_return sdk::fail(Errc::busy, "cut off: " + permit_lost_);
  auto& outcome = std::get<0>(first);
  if (outcome.thrown) std::rethrow_exception(outcome.thrown);
  co_return std::move(outcome.result);
}

// The whole gate once more, after one more read of the channel: much may have changed since the decision.
Task<bool> Supervisor::pass_gate(const Ask& ask) {
  const auto polled = co_await parts_->poller->poll_if_welcome();
  if (!polled) host_->log(sdk::LogLevel::warn, "the channel could not be read before apply: " + polled.error().message);
  const auto wanted = operation().change.target;
  const auto closed = co_await gate_closed(ask);
  if (!closed.empty()) {
    // Health that comes and goes must not begin one operation after the other; other reasons to upgrade need not wait for it.
    if (operation().reason == sdk::Reason::unhealthy)
      postpone(sdk::Reason::retry_later, "its health came and went", kRefusedAgain, sdk::Reason::unhealthy);
    co_await end_refused("the gate closed: " + closed);
    co_return false;
  }
  const auto asked = admittee();
  for (auto& one : parts_->schedules) {
    auto admission = co_await one.schedule->admit(asked);
    if (admission && admission->granted) {
      hold_permit(one);
      continue;
    }
    const auto why = one.name + ": " + (admission ? admission->reason : admission.error().message);
    const auto again = admission ? admission->ask_again : sdk::Millis(std::chrono::minutes(1));
    postpone(sdk::Reason::admission, why, again);
    co_await end_refused("not admitted by " + why);
    co_return false;
  }
  // An operator may have spoken while the schedules were asked.
  const auto last_word = core::decide(facts(ask));
  if (last_word.action != sdk::Action::upgrade || last_word.target != wanted) {
    co_await end_refused("the gate closed: " + last_word.text);
    co_return false;
  }
  co_return true;
}

// It may take minutes, so the gate is looked at again. Locks and leases stay admitted, unless they say otherwise.
Task<bool> Supervisor::run_before_apply(const Ask& ask, std::string to) {
  if (!settings().hooks.contains(core::Hook::before_apply)) co_return true;
  auto why = co_await hook(core::Hook::before_apply, std::move(to));
  if (!why.empty()) {
    sdk::Error refusal(Errc::invalid, std::move(why));
    co_await fail_unchanged(std::move(refusal), false);
    co_return false;
  }
  const auto closed = co_await gate_closed(ask);
  if (closed.empty()) co_return true;
  co_await end_refused("the gate closed while the hook ran: " + closed);
  co_return false;
}

Task<std::string> Supervisor::gate_closed(const Ask& ask) {
  const auto wanted = operation().change.target;
  const auto from = operation().change.from;
  const auto decision = co_await evaluate(ask);
  if (decision.action != sdk::Action::upgrade) co_return decision.text;
  if (decision.target != wanted) co_return "the target is now " + (decision.target ? decision.target->str() : std::string("none"));
  const auto now = core::change_to(seen_.installed, *wanted, release(), "");
  if (now.packages != operation().change.packages || now.images != operation().change.images)
    co_return "the channel names other files for it now";
  if (seen_.installed.version != from) co_return "somebody else installed " + seen_.installed.version;
  if (pending_) co_return "the configuration has changed";
  co_return "";
}

void Supervisor::postpone(sdk::Reason reason, std::string text, sdk::Millis again, std::optional<sdk::Reason> only) {
  const auto now = clock().now();
  const auto& change = operation().change;
  postponed_ = Postponed{reason, std::move(text), change.target->str(), change.from, now + again, now, outside_changes_, only};
}

// The same words at each asking: who stores what it was told can compare.
sdk::Operation Supervisor::admittee() const { return {operation().id, name_, operation().change.from, operation().change.target->str()}; }

Task<void> Supervisor::end_refused(std::string why) {
  core::End refused{OperationResult::refused, Phase::waiting, std::move(why)};
  co_await end(std::move(refused));
}

}  // namespace upkeep::engine

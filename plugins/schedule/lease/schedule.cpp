// SPDX-License-Identifier: Apache-2.0
#include "schedule/lease/schedule.h"

#include <algorithm>
#include <asio/cancellation_state.hpp>
#include <asio/this_coro.hpp>
#include <exception>
#include <utility>

#include "sdk/deadline.h"
#include "sdk/text.h"

namespace upkeep::plugins::lease {

using sdk::Errc;
using sdk::Result;
using sdk::Task;

namespace {

constexpr sdk::Millis kLookAgain = std::chrono::seconds(10);  // at a Lease that another has
constexpr std::size_t kShown = 200;                           // of a holder's name
constexpr double kJitter = 0.2;                               // client-go spreads its retries by as much

// Names of operations are no other's.
std::string operation_of(const std::string& holder) {
  const auto slash = holder.rfind('/');
  return slash == std::string::npos ? "" : holder.substr(slash + 1);
}

bool same_operation(const std::string& was, const std::string& is) {
  return !operation_of(is).empty() && operation_of(was) == operation_of(is);
}

}  // namespace

LeaseSchedule::LeaseSchedule(sdk::Host& host, std::unique_ptr<kube::Api> api, kube::Resource where, kube::Terms terms, std::string identity)
    : host_(host), api_(std::move(api)), terms_(terms), identity_(std::move(identity)), lease_(host, *api_, std::move(where), terms) {}

std::string LeaseSchedule::holder_of(const sdk::Operation& operation) const {
  return identity_ + "/" + operation.agent + "/" + operation.id;
}

std::string LeaseSchedule::held_by(const kube::Standing& standing) const {
  return lease_.where().shown() + " is held by " + sdk::quoted(standing.holder, kShown) +
         (standing.since.empty() ? "" : " since " + sdk::quoted(standing.since));
}

Task<Result<void>> LeaseSchedule::refresh(const sdk::Release* /*release*/) {
  auto now = co_await lease_.look();
  if (!now) co_return sdk::fail(now.error());
  const auto boot = host_.clock().boot_now();
  const bool free = now->holder.empty() || now->holder == holder_ || now->until <= boot;
  taken_ = free ? "" : held_by(*now);
  const auto left = std::clamp<sdk::Millis>(now->until - boot, terms_.retry, kLookAgain);
  free_at_ = host_.clock().now() + left;
  co_return Result<void>();
}

sdk::Verdict LeaseSchedule::verdict(sdk::TimePoint at, const sdk::Release* /*release*/) const {
  if (!taken_.empty() && at < free_at_) return {false, free_at_, taken_};
  return {true, std::nullopt, lease_.where().shown() + " is asked for before anything is changed"};
}

Task<Result<sdk::Admission>> LeaseSchedule::admit(const sdk::Operation& operation) {
  const std::string holder = holder_of(operation);
  auto now = co_await lease_.acquire(holder, &same_operation);
  if (!now) co_return sdk::fail(now.error());
  sdk::Admission out;
  out.granted = now->ours;
  if (now->ours) {
    ++turn_;
    holder_ = holder;
    until_ = now->until;
    taken_.clear();
  } else {
    out.reason = held_by(*now);
    out.ask_again = kLookAgain;
  }
  co_return Result<sdk::Admission>(std::move(out));
}

Task<Result<void>> LeaseSchedule::hold(const sdk::Operation& operation) {
  std::string holder = holder_of(operation);
  const int turn = turn_;
  Result<void> ended;
  std::exception_ptr cancelled;
  try {
    ended = co_await renew(holder);
  } catch (...) {
    cancelled = std::current_exception();
  }
  const bool admitted_anew = turn != turn_;  // and held by another run of this, which has come in our place
  if (!admitted_anew) until_ = sdk::BootTime(0);
  if (!cancelled) co_return ended;
  // The operation's end or the daemon's: the next one need not wait.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  if (!admitted_anew) co_await lease_.let_go(std::move(holder));
  std::rethrow_exception(cancelled);
}

// Until it is lost. Errors are waited out until the deadline, which the last request does not outlast either.
Task<Result<void>> LeaseSchedule::renew(std::string holder) {
  auto& clock = host_.clock();
  if (holder_ != holder) {  // a stuck operation's, after a restart: nobody has asked for it in this life
    auto taken = co_await lease_.acquire(holder, &same_operation);
    if (!taken) co_return sdk::fail(taken.error());
    if (!taken->ours) co_return sdk::fail(Errc::busy, held_by(*taken));
    holder_ = holder;
    until_ = taken->until;
  }
  std::string trouble = "no answer in time";
  while (clock.boot_now() < until_) {
    const auto pause = std::chrono::duration_cast<sdk::Millis>(terms_.retry * (1 + kJitter * host_.random().unit()));
    const auto next = std::min(clock.boot_now() + pause, until_);
    co_await sdk::sleep_past(clock, next);
    if (clock.boot_now() >= until_) break;
    auto asked = co_await sdk::before(clock, until_, lease_.renew(holder));
    if (!asked) break;
    const auto& now = *asked;
    if (!now) {
      trouble = now.error().message;
      host_.log(sdk::LogLevel::warn, lease_.where().shown() + " is not renewed yet: " + trouble);
    } else if (now->ours) {
      until_ = now->until;
    } else {
      const auto by_nobody = lease_.where().shown() + " was released by somebody else";
      co_return sdk::fail(Errc::busy, now->holder.empty() ? by_nobody : held_by(*now));
    }
  }
  co_return sdk::fail(Errc::transient,
                      lease_.where().shown() + " could not be renewed for " + sdk::format_duration(terms_.renew_deadline) + ": " + trouble);
}

Task<Result<void>> LeaseSchedule::done(const sdk::Operation& operation) {
  const std::string holder = holder_of(operation);
  until_ = sdk::BootTime(0);
  co_return co_await lease_.release(holder, &same_operation);
}

}  // namespace upkeep::plugins::lease
